package result

import (
	"math"

	"github.com/pkg/errors"

	"tapenet/mnist"
)

// check is an error if r cannot be a run of settings s on test images with
// these labels.
func (r Run) check(s Settings, labels []uint8) error {
	if r.Config < 1 || r.Config > len(Configs) {
		return errors.Errorf("got configuration %d, want 1 to %d", r.Config, len(Configs))
	}
	if got, want := len(r.Epochs), s.EpochsOf(Configs[r.Config-1]); got != want {
		return errors.Errorf("got %d epochs, want %d", got, want)
	}
	for i, e := range r.Epochs {
		if !(e.Seconds > 0) {
			return errors.Errorf("epoch %d: got %v seconds, want more than 0", i+1, e.Seconds)
		}
		for _, m := range []Metrics{e.Train, e.Val} {
			if err := m.check(); err != nil {
				return errors.WithMessagef(err, "epoch %d", i+1)
			}
		}
	}
	if r.Machine.Workers < 1 {
		return errors.Errorf("got %d workers, want at least 1", r.Machine.Workers)
	}
	if err := r.Test.check(); err != nil {
		return errors.WithMessage(err, "test")
	}
	if err := r.checkMistakes(labels); err != nil {
		return err
	}
	return r.Filters.check()
}

func (m Metrics) check() error {
	if !(m.Accuracy >= 0 && m.Accuracy <= 1) {
		return errors.Errorf("got accuracy %v, want 0 to 1", m.Accuracy)
	}
	if !(m.Loss >= 0) {
		return errors.Errorf("got loss %v, want at least 0", m.Loss)
	}
	return nil
}

func (r Run) checkMistakes(labels []uint8) error {
	for i, m := range r.Mistakes {
		switch {
		case m.Image < 0 || m.Image >= len(labels):
			return errors.Errorf("mistake %d: got image %d, want one of %d", i+1, m.Image, len(labels))
		case i > 0 && m.Image <= r.Mistakes[i-1].Image:
			return errors.Errorf("mistake %d: got image %d behind %d, want them in order", i+1, m.Image, r.Mistakes[i-1].Image)
		case m.Truth != int(labels[m.Image]):
			return errors.Errorf("mistake %d: got truth %d for image %d, want %d", i+1, m.Truth, m.Image, labels[m.Image])
		case m.Guess < 0 || m.Guess >= mnist.Classes || m.Guess == m.Truth:
			return errors.Errorf("mistake %d: got guess %d, want another digit than %d", i+1, m.Guess, m.Truth)
		case !(0 <= m.PTruth && m.PTruth <= m.PGuess && m.PGuess <= 1):
			return errors.Errorf("mistake %d: got probabilities %v of the guess and %v of the truth, want 1 to 0, falling", i+1, m.PGuess, m.PTruth)
		}
	}
	n := float64(len(labels))
	if wrong := math.Round((1 - r.Test.Accuracy) * n); wrong != float64(len(r.Mistakes)) {
		return errors.Errorf("got %d mistakes, want %.0f for accuracy %v", len(r.Mistakes), wrong, r.Test.Accuracy)
	}
	return nil
}

func (f Filters) check() error {
	if f.Side < 1 || f.Side > mnist.Rows || len(f.Kernels) == 0 {
		return errors.Errorf("got %d filters of side %d, want at least 1 of side 1 to %d", len(f.Kernels), f.Side, mnist.Rows)
	}
	for i, k := range f.Kernels {
		if len(k) != f.Side*f.Side {
			return errors.Errorf("filter %d: got %d weights, want %d", i+1, len(k), f.Side*f.Side)
		}
	}
	return nil
}
