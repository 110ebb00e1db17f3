package train

import (
	"math"
	"slices"

	"github.com/pkg/errors"
)

// check returns an error if no training can be in s, whatever its data. Restore
// checks that the vectors are finite.
func (s State) check() error {
	if s.Epoch < 1 || len(s.History) != s.Epoch-1 {
		return errors.Errorf("epoch %d: got %d epochs before it, want %d", s.Epoch, len(s.History), max(0, s.Epoch-1))
	}
	steps := 0
	for i, e := range s.History {
		if e.Epoch != i+1 {
			return errors.Errorf("epoch %d of the history says that it is epoch %d", i+1, e.Epoch)
		}
		if err := e.check(); err != nil {
			return errors.WithMessagef(err, "epoch %d", e.Epoch)
		}
		if first := s.History[0]; (e.Val == nil) != (first.Val == nil) || e.Steps != first.Steps || e.Train.Images != first.Train.Images {
			return errors.Errorf("epoch %d: was on other data than epoch 1", e.Epoch)
		}
		if e.Steps > math.MaxInt-steps {
			return errors.Errorf("epoch %d: got %d steps, too many", e.Epoch, e.Steps)
		}
		steps += e.Steps
	}
	if s.EarlierEpochs < 0 {
		return errors.Errorf("got %d epochs of earlier Fits, want at least 0", s.EarlierEpochs)
	}
	// Earlier epochs, which are not in the history, had at least a step each.
	if s.Step < 0 || s.Updates < 0 || s.Updates-steps < s.Step || s.Updates-steps-s.Step < s.EarlierEpochs {
		return errors.Errorf("epoch %d, step %d: got %d updates of the weights, want at least %d", s.Epoch, s.Step, s.Updates, steps+max(0, s.Step)+s.EarlierEpochs)
	}
	if l := s.Score.Loss; !s.Score.Finite() || l < 0 || s.Score.Correct < 0 || s.Step == 0 && (l != 0 || s.Score.Correct != 0) {
		return errors.Errorf("epoch %d, after step %d: got a loss of %v and %d correct images", s.Epoch, s.Step, l, s.Score.Correct)
	}
	for i, v := range s.V {
		if v < 0 {
			return errors.Errorf("second moment %d is %v, want at least 0", i, v)
		}
	}
	moved := func(v float32) bool { return v != 0 }
	if s.Updates == 0 && (slices.ContainsFunc(s.M, moved) || slices.ContainsFunc(s.V, moved)) {
		return errors.New("got moments that are not 0 before any update of the weights")
	}
	return nil
}

// check returns an error if no epoch can give e.
func (e Epoch) check() error {
	switch {
	case e.Steps < 1 || e.Steps > e.Train.Images:
		return errors.Errorf("got %d steps for %d images", e.Steps, e.Train.Images)
	case e.Time < 0 || e.StepTime < 0 || e.StepTime > e.Time:
		return errors.Errorf("got a time of %v, of a step %v", e.Time, e.StepTime)
	}
	if err := e.Train.check(); err != nil || e.Val == nil {
		return err
	}
	return errors.WithMessage(e.Val.check(), "validation")
}

// check returns an error if no images can give m.
func (m Metrics) check() error {
	switch {
	case m.Images < 1 || m.Correct < 0 || m.Correct > m.Images:
		return errors.Errorf("got %d correct of %d images", m.Correct, m.Images)
	case !(m.Loss >= 0) || math.IsInf(m.Loss, 0):
		return errors.Errorf("got a loss of %v", m.Loss)
	}
	return nil
}

// Fits returns an error if no training in batches of that size can be in s, on
// data and, unless that is empty, validation.
func (s State) Fits(batch int, data, validation Data) error {
	if err := s.check(); err != nil {
		return err
	}
	if batch < 1 {
		return errors.Errorf("batch: got %d, want at least 1", batch)
	}
	steps := ceil(data.Len(), batch)
	for _, e := range s.History {
		if e.Steps != steps || e.Train.Images != data.Len() {
			return errors.Errorf("epoch %d: got %d steps and %d images, want %d and %d", e.Epoch, e.Steps, e.Train.Images, steps, data.Len())
		}
		images := 0
		if e.Val != nil {
			images = e.Val.Images
		}
		if images != validation.Len() {
			return errors.Errorf("epoch %d: got %d images of validation, want %d", e.Epoch, images, validation.Len())
		}
	}
	if s.Step > steps {
		return errors.Errorf("epoch %d: got step %d, want at most %d", s.Epoch, s.Step, steps)
	}
	seen := data.Len()
	if s.Step < steps {
		seen = s.Step * batch
	}
	if s.Score.Correct > seen {
		return errors.Errorf("epoch %d, after step %d: got %d correct of %d images", s.Epoch, s.Step, s.Score.Correct, seen)
	}
	return nil
}
