package train

import (
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// State is all that a training needs to go on later, on the same data with the
// same Config, and to end with the bits it would have had. The order of the
// images is not in it, because Seed and the number of the epoch fix that.
type State struct {
	Epoch   int         // the epoch under way, from 1; one more than there are if training is done
	Step    int         // steps of it that are done
	Score   graph.Score // of these steps
	Updates int         // steps that the optimiser has done in all
	History History     // of the epochs that are done

	// One value for each parameter, in the order of the network's Params.
	Weights []float32
	M, V    []float32 // Adam's moments
}

// position is where a training stands.
type position struct {
	epoch, step int
	score       graph.Score // of the steps of this epoch
	history     History
}

// State is where training stands, as a copy. It may be taken between steps, in
// OnStep and OnEpoch, and after Fit. A weight or moment that is not finite is an error:
// there would be no use in going on from it.
func (t *Trainer) State() (State, error) {
	s := State{Epoch: t.at.epoch, Step: t.at.step, Score: t.at.score, Updates: t.adam.Steps, History: slices.Clone(t.at.history)}
	for _, v := range []struct {
		name string
		from []float32
		to   *[]float32
	}{{"weight", t.weights, &s.Weights}, {"first moment", t.adam.M, &s.M}, {"second moment", t.adam.V, &s.V}} {
		if err := finite(v.name, v.from); err != nil {
			return State{}, err
		}
		var err error
		if *v.to, err = t.net.Unpack(t.c.Ops, v.from); err != nil {
			return State{}, err
		}
	}
	return s, nil
}

// Restore makes the trainer stand where s was taken; the next Fit goes on from
// there.
func (t *Trainer) Restore(s State) error {
	if s.Epoch < 1 || s.Step < 0 || s.Updates < 0 || len(s.History) != s.Epoch-1 {
		return errors.Errorf("epoch %d, step %d, %d updates, %d epochs of history: no training stands there", s.Epoch, s.Step, s.Updates, len(s.History))
	}
	for _, v := range []struct {
		name     string
		from, to []float32
	}{{"weights", s.Weights, t.weights}, {"first moments", s.M, t.adam.M}, {"second moments", s.V, t.adam.V}} {
		packed, err := t.net.Pack(t.c.Ops, v.from)
		if err != nil {
			return errors.WithMessage(err, v.name)
		}
		copy(v.to, packed)
	}
	t.adam.Steps = s.Updates
	t.at = position{s.Epoch, s.Step, s.Score, slices.Clone(s.History)}
	t.restored = true
	t.changed()
	return nil
}

// finite is an error if a value is not.
func finite(name string, v []float32) error {
	for _, x := range v {
		if x-x != 0 { // NaN is not 0, and what remains of two infinities is NaN
			return errors.Errorf("a %s is %v", name, x)
		}
	}
	return nil
}
