package result

import "github.com/pkg/errors"

// Settings are what all runs of a comparison have in common. Runs of different
// settings don't mix.
type Settings struct {
	Data   string `json:"data"`   // SHA-256 of all images and labels, from package data
	Train  int    `json:"train"`  // images that were trained on, the first of the data
	Test   int    `json:"test"`   // images that were tested on
	Epochs int    `json:"epochs"` // at most so many in each run; 0 means as the configuration says
}

// MNIST is Settings.Data of MNIST.
const MNIST = "1f23b4d95b9eb397c1ed623a665317d5b5b15f374f92f38adca334e6ea2cae29"

// mnistTrain is how many of MNIST's images are there to train on.
const mnistTrain = 60000

// Notebook is whether the runs are the notebook's own, so that its numbers
// compare with theirs.
func (s Settings) Notebook() bool {
	return s.Data == MNIST && s.Train == mnistTrain && s.Epochs == 0
}

// EpochsOf is how many epochs a run of c has.
func (s Settings) EpochsOf(c Config) int {
	if s.Epochs == 0 {
		return c.Epochs
	}
	return min(s.Epochs, c.Epochs)
}

// differs is an error if results with settings s are not what want asks for.
func (s Settings) differs(want Settings) error {
	for _, d := range []struct {
		what      string
		got, want any
	}{
		{"data with the SHA-256", s.Data, want.Data},
		{"-limit, images to train on:", s.Train, want.Train},
		{"images to test on:", s.Test, want.Test},
		{"-epochs", s.Epochs, want.Epochs},
	} {
		if d.got != d.want {
			return errors.Errorf("results of other settings: %s %v, want %v", d.what, d.got, d.want)
		}
	}
	return nil
}
