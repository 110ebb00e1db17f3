package result

import (
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist"
)

// Settings are what all runs of a comparison have in common. Runs of different
// settings don't mix.
type Settings struct {
	Data   string `json:"data"`   // SHA-256 of all images and labels, from package data
	Train  int    `json:"train"`  // images that were trained on, the first of the data
	Test   int    `json:"test"`   // images that were tested on
	Epochs int    `json:"epochs"` // the most that a run has; 0 is as its configuration says

	// Both are as MNIST's if they are missing.
	Shape   graph.Shape `json:"shape,omitempty"` // of an image, (C, H, W)
	Classes int         `json:"classes,omitempty"`
}

// digits is the shape of MNIST's images.
var digits = graph.Shape{1, mnist.Rows, mnist.Cols}

// Of returns s for images of a shape, (C, H, W), and a number of classes.
func (s Settings) Of(shape graph.Shape, classes int) Settings {
	s.Shape, s.Classes = nil, 0
	if !slices.Equal(shape, digits) {
		s.Shape = shape
	}
	if classes != mnist.Classes {
		s.Classes = classes
	}
	return s
}

// Images returns the shape of an image, (C, H, W), and the number of classes.
func (s Settings) Images() (shape graph.Shape, classes int) {
	shape, classes = s.Shape, s.Classes
	if shape == nil {
		shape = digits
	}
	if classes == 0 {
		classes = mnist.Classes
	}
	return shape, classes
}

// Build builds the network of a configuration for the images of s.
func (s Settings) Build(c Config) (*graph.Network, error) {
	shape, classes := s.Images()
	net, err := c.Layers(classes).Build(shape...)
	return net, errors.WithMessagef(err, "images of %v: %s", shape, c.Network)
}

// MNIST is Settings.Data of MNIST.
const MNIST = "1f23b4d95b9eb397c1ed623a665317d5b5b15f374f92f38adca334e6ea2cae29"

// mnistTrain is how many training images MNIST has.
const mnistTrain = 60000

// Notebook reports whether the runs are the notebook's own, so that its numbers
// compare with theirs.
func (s Settings) Notebook() bool {
	return s.Data == MNIST && s.Train == mnistTrain && s.Epochs == 0
}

// Configs returns the notebook's trainings with the epochs that s leaves them.
func (s Settings) Configs() []Config {
	configs := slices.Clone(Configs)
	for i := range configs {
		if c := &configs[i]; s.Epochs > 0 {
			c.Epochs = min(c.Epochs, s.Epochs)
		}
	}
	return configs
}

// Groups returns a group for each of s.Configs, with those of the runs that are
// its own.
func (s Settings) Groups(runs []Run) []Group {
	groups := make([]Group, len(Configs))
	for i, c := range s.Configs() {
		groups[i].Config = c
	}
	for _, r := range runs {
		g := &groups[r.Config-1]
		g.Runs = append(g.Runs, r)
	}
	return groups
}

// differs is an error if results with settings s are not what want asks for.
func (s Settings) differs(want Settings) error {
	shape, classes := s.Images()
	wantShape, wantClasses := want.Images()
	for _, d := range []struct {
		what      string
		got, want any
	}{
		{"data with the SHA-256", s.Data, want.Data},
		{"-limit, images to train on:", s.Train, want.Train},
		{"images to test on:", s.Test, want.Test},
		{"-epochs", s.Epochs, want.Epochs},
		{"images of", shape.String(), wantShape.String()},
		{"classes:", classes, wantClasses},
	} {
		if d.got != d.want {
			return errors.Errorf("results of other settings: %s %v, want %v", d.what, d.got, d.want)
		}
	}
	return nil
}
