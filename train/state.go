package train

import (
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// State is all that a training needs to go on later, on the same data with the
// same Config, and to end with the bits it would have had. The order of the images
// follows from Config.Seed and the number of the epoch.
type State struct {
	Epoch   int         // the epoch under way, from 1; one more than the last if training is done
	Step    int         // steps of this epoch that are done
	Score   graph.Score // of these steps
	Updates int         // steps done in all, those of earlier calls of Fit included
	History History     // of the epochs that are done

	EarlierEpochs int // epochs that earlier calls of Fit began; 0 in the first

	// One value for each parameter, in the order of the network's Params.
	Weights []float32
	M, V    []float32 // Adam's moments
}

// position is where a training stands, without vectors.
type position struct {
	epoch, step int
	score       graph.Score // of the steps of this epoch
	history     History
	earlier     int // as State.EarlierEpochs
}

// State returns where training stands between two steps (a copy). A weight or
// moment that is not finite is an error, for no training can go on from it.
func (t *Trainer) State() (State, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	s := t.state()
	for _, v := range []struct {
		name string
		from []float32
		to   *[]float32
	}{{"weight", t.weights, &s.Weights}, {"first moment", t.adam.m, &s.M}, {"second moment", t.adam.v, &s.V}} {
		if err := finite(v.name, v.from); err != nil {
			return State{}, err
		}
		var err error
		if *v.to, err = t.net.Unpack(t.c.Lowering, v.from); err != nil {
			return State{}, err
		}
	}
	return s, nil
}

// state returns the State without its vectors.
func (t *Trainer) state() State {
	return State{
		Epoch: t.at.epoch, Step: t.at.step, Score: t.at.score, Updates: t.adam.steps, History: slices.Clone(t.at.history), EarlierEpochs: t.at.earlier,
	}
}

// Restore puts the trainer where s was taken; the next Fit goes on from there. A
// state that no training can be in is an error, here or, if only the data show it,
// in Fit. So is a Restore while Fit is under way.
func (t *Trainer) Restore(s State) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fitting.Load() { // under the lock, which Fit takes before it looks at what is restored
		return errors.New("Fit is under way: wait for its end before Restore")
	}
	if err := s.check(); err != nil {
		return err
	}
	var packed [3][]float32
	for i, v := range [...]struct {
		name   string
		values []float32
	}{{"weight", s.Weights}, {"first moment", s.M}, {"second moment", s.V}} {
		err := finite(v.name, v.values)
		if err == nil {
			packed[i], err = t.net.Pack(t.c.Lowering, v.values)
			err = errors.WithMessage(err, v.name+"s")
		}
		if err != nil {
			return err
		}
	}
	for i, to := range [...][]float32{t.weights, t.adam.m, t.adam.v} {
		copy(to, packed[i])
	}
	t.adam.steps, t.batch = s.Updates, 0
	t.at = position{s.Epoch, s.Step, s.Score, slices.Clone(s.History), s.EarlierEpochs}
	t.restored = true
	t.changed()
	return nil
}

// finite returns an error if a value of v is NaN or infinite.
func finite(name string, v []float32) error {
	for _, x := range v {
		if x-x != 0 { // infinity minus infinity is NaN, which is not 0
			return errors.Errorf("a %s is %v", name, x)
		}
	}
	return nil
}
