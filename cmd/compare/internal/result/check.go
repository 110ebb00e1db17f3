package result

import (
	"math"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/train"
)

const (
	// maxSeconds is longer than anyone waits for an epoch.
	maxSeconds = 24 * 60 * 60
	// maxLoss is in nats. A network that guesses one of 10 has ln 10 = 2.3.
	maxLoss = 1_000_000
	// rounding is how far off a sum of float32 probabilities may be.
	rounding = 1e-5
)

// Check is an error if r cannot be a run of settings s on test images with
// these labels. All that is shown of runs that pass is finite numbers: nothing
// checks them again.
func (r Run) Check(s Settings, labels []uint8) error {
	if r.Config < 1 || r.Config > len(Configs) {
		return errors.Errorf("got configuration %d, want 1 to %d", r.Config, len(Configs))
	}
	if err := r.Machine.check(); err != nil {
		return err
	}
	if got, want := len(r.Epochs), s.Configs()[r.Config-1].Epochs; got != want {
		return errors.Errorf("got %d epochs, want %d", got, want)
	}
	for i, e := range r.Epochs {
		if err := e.check(s); err != nil {
			return errors.WithMessagef(err, "epoch %d", i+1)
		}
	}
	// Both are of the same weights and images.
	if last := r.Epochs[len(r.Epochs)-1].Val; r.Test != last {
		return errors.Errorf("test: got accuracy %v and loss %v, want those of the last validation, %v and %v", r.Test.Accuracy, r.Test.Loss, last.Accuracy, last.Loss)
	}
	shape, classes := s.Images()
	if err := r.checkMistakes(labels, classes); err != nil {
		return err
	}
	return checkFilters(r.Filters, shape)
}

func (m Machine) check() error {
	switch {
	case m.Processor == "":
		return errors.New(`got processor "", want its name`)
	case m.Kernels == "":
		return errors.New(`got kernels "", want their instruction set`)
	case m.Cores < 0 || m.Jobs < 0:
		return errors.Errorf("got %d cores and %d trainings at once, want at least 0", m.Cores, m.Jobs)
	case m.Workers < 1 || m.Workers > train.MaxWorkers:
		return errors.Errorf("got %d workers, want 1 to %d", m.Workers, train.MaxWorkers)
	}
	return nil
}

func (e Epoch) check(s Settings) error {
	if least := time.Nanosecond.Seconds(); !(e.Seconds >= least && e.Seconds < maxSeconds) {
		return errors.Errorf("got %v seconds, want at least %v and less than a day, %d", e.Seconds, least, maxSeconds)
	}
	if err := e.Train.check(s.Train); err != nil {
		return errors.WithMessage(err, "train")
	}
	return errors.WithMessage(e.Val.check(s.Test), "val")
}

// check is an error if m cannot be the metrics of this number of images.
func (m Metrics) check(images int) error {
	if !(m.Accuracy >= 0 && m.Accuracy <= 1) {
		return errors.Errorf("got accuracy %v, want 0 to 1", m.Accuracy)
	}
	// Exact, because the file has all digits.
	if right := math.Round(m.Accuracy * float64(images)); m.Accuracy != right/float64(images) {
		return errors.Errorf("got accuracy %v, want a whole number of the %d images, such as %.0f: %v", m.Accuracy, images, right, right/float64(images))
	}
	if !(m.Loss >= 0 && m.Loss <= maxLoss) {
		return errors.Errorf("got loss %v, want 0 to %d", m.Loss, maxLoss)
	}
	return nil
}

func (r Run) checkMistakes(labels []uint8, classes int) error {
	for i, m := range r.Mistakes {
		switch {
		case m.Image < 0 || m.Image >= len(labels):
			return errors.Errorf("mistake %d: got image %d, want one of %d", i+1, m.Image, len(labels))
		case i > 0 && m.Image <= r.Mistakes[i-1].Image:
			return errors.Errorf("mistake %d: got image %d after %d, want them in order", i+1, m.Image, r.Mistakes[i-1].Image)
		case m.Truth != int(labels[m.Image]):
			return errors.Errorf("mistake %d: got truth %d for image %d, want %d", i+1, m.Truth, m.Image, labels[m.Image])
		case m.Guess < 0 || m.Guess >= classes || m.Guess == m.Truth:
			return errors.Errorf("mistake %d: got guess %d, want another of %d classes than %d", i+1, m.Guess, classes, m.Truth)
		case !(0 <= m.PTruth && m.PTruth <= m.PGuess && m.PGuess <= 1):
			return errors.Errorf("mistake %d: got probabilities %v of the guess and %v of the truth, want them in 0 to 1, the guess no less probable", i+1, m.PGuess, m.PTruth)
		case m.PGuess < 1/float64(classes)-rounding || m.PGuess+m.PTruth > 1+rounding:
			return errors.Errorf("mistake %d: got probabilities %v of the guess and %v of the truth, want the greatest of %d that add up to 1", i+1, m.PGuess, m.PTruth, classes)
		}
	}
	n := float64(len(labels))
	if wrong := math.Round((1 - r.Test.Accuracy) * n); wrong != float64(len(r.Mistakes)) {
		return errors.Errorf("got %d mistakes, want %.0f for accuracy %v", len(r.Mistakes), wrong, r.Test.Accuracy)
	}
	return nil
}

// checkFilters is an error if f cannot be the filters of images of a shape.
func checkFilters(f Filters, shape graph.Shape) error {
	if most := min(shape[1], shape[2]); f.Side < 1 || f.Side > most || len(f.Kernels) == 0 {
		return errors.Errorf("got %d filters of side %d, want at least 1 of side 1 to %d", len(f.Kernels), f.Side, most)
	}
	if n := len(f.Biases); n != 0 && n != len(f.Kernels) {
		return errors.Errorf("got %d biases, want one for each of %d filters", n, len(f.Kernels))
	}
	for i, k := range f.Kernels {
		if want := shape[0] * f.Side * f.Side; len(k) != want {
			return errors.Errorf("filter %d: got %d weights, want %d", i+1, len(k), want)
		}
	}
	return nil
}
