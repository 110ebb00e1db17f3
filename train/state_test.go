package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/train"
)

var errStop = errors.New("stop")

// TestRestoreChangesNoBit stops a training behind each of its steps, restores
// it in a new trainer with another number of workers, and compares the end.
func TestRestoreChangesNoBit(t *testing.T) {
	data, val := noise(34, 12), noise(20, 12)
	for _, ops := range graph.Lowerings {
		c := train.Config{Ops: ops, Batch: 10, Epochs: 3, Seed: 5, Workers: 2}
		whole := newTrainer(t, small, 12, c)
		want := fit(t, whole, data, val)
		weights := weightsOf(t, whole)
		const steps = 3 * 4
		for stop := 1; stop <= steps; stop++ {
			done := 0
			var state train.State
			c.Workers = 1
			var tr *train.Trainer
			c.OnStep = func(train.Progress) error {
				if done++; done < stop {
					return nil
				}
				var err error
				if state, err = tr.State(); err != nil {
					t.Fatal(err)
				}
				return errStop
			}
			tr = newTrainer(t, small, 12, c)
			if _, err := tr.Fit(context.Background(), data, val); !errors.Is(err, errStop) {
				t.Fatalf("got error %v", err)
			}
			c.Workers, c.OnStep = 3, nil
			tr = newTrainer(t, small, 12, c)
			if err := tr.Restore(state); err != nil {
				t.Fatal(err)
			}
			got := fit(t, tr, data, val)
			if !slices.Equal(weightsOf(t, tr), weights) {
				t.Fatalf("%s, stopped after step %d: weights differ", ops, stop)
			}
			for e := range want {
				if got[e].Train != want[e].Train || *got[e].Val != *want[e].Val || got[e].Epoch != e+1 {
					t.Errorf("%s, stopped after step %d, epoch %d: got %+v, want %+v", ops, stop, e+1, got[e], want[e])
				}
			}
		}
	}
}

// TestStateAfterFit: a training that is done can be given more epochs.
func TestStateAfterFit(t *testing.T) {
	data := noise(30, 12)
	long := newTrainer(t, small, 12, train.Config{Batch: 10, Epochs: 3})
	fit(t, long, data, data)
	short := newTrainer(t, small, 12, train.Config{Batch: 10, Epochs: 2})
	fit(t, short, data, data)
	state, err := short.State()
	if err != nil {
		t.Fatal(err)
	}
	more := newTrainer(t, small, 12, train.Config{Batch: 10, Epochs: 3})
	if err := more.Restore(state); err != nil {
		t.Fatal(err)
	}
	if h := fit(t, more, data, data); len(h) != 3 {
		t.Errorf("got %d epochs, want 3", len(h))
	}
	if !slices.Equal(weightsOf(t, more), weightsOf(t, long)) {
		t.Error("two epochs and one more differ from three")
	}
}

func TestRestoreErrors(t *testing.T) {
	tr := newTrainer(t, small, 12, train.Config{})
	good, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	good.Epoch = 1
	tests := map[string]func(s *train.State){
		"no training stands there": func(s *train.State) { s.Epoch = 0 },
		"3 epochs of history":      func(s *train.State) { s.History = make(train.History, 3) },
		"weights: got":             func(s *train.State) { s.Weights = s.Weights[1:] },
		"second moments: got":      func(s *train.State) { s.V = nil },
	}
	for want, spoil := range tests {
		s := good
		spoil(&s)
		if err := tr.Restore(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

func TestStateIsFinite(t *testing.T) {
	tr := newTrainer(t, small, 12, train.Config{})
	s, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	s.Epoch = 1
	s.M[3] = float32(math.Inf(1))
	if err := tr.Restore(s); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.State(); err == nil || err.Error() != "a first moment is +Inf" {
		t.Errorf("got error %v", err)
	}
}
