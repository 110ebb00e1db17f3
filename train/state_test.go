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

// TestRestoreChangesNoBit stops a training after each of its steps, restores
// it in a new trainer with another number of workers, and compares the end.
func TestRestoreChangesNoBit(t *testing.T) {
	data, val := noise(58, 12), noise(20, 12)
	for _, test := range []struct {
		lowering graph.Lowering
		layers   graph.Sequential
	}{{graph.Fused, small}, {graph.Gorgonia, small}, {graph.Fused, modern}, {graph.Gorgonia, modern}} {
		lowering, layers := test.lowering, test.layers
		c := train.Config{Lowering: lowering, Batch: 16, Epochs: 3, Seed: 5, Workers: 2} // two lanes
		whole := newTrainer(t, layers, 12, c)
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
			tr = newTrainer(t, layers, 12, c)
			if _, err := tr.Fit(context.Background(), data, val); !errors.Is(err, errStop) {
				t.Fatalf("got error %v", err)
			}
			c.Workers, c.OnStep = 3, nil
			tr = newTrainer(t, layers, 12, c)
			if err := tr.Restore(state); err != nil {
				t.Fatal(err)
			}
			got := fit(t, tr, data, val)
			if !slices.Equal(weightsOf(t, tr), weights) {
				t.Fatalf("%s, %v, stopped after step %d: weights differ", lowering, layers, stop)
			}
			for e := range want {
				if got[e].Train != want[e].Train || *got[e].Val != *want[e].Val || got[e].Epoch != e+1 {
					t.Errorf("%s, stopped after step %d, epoch %d: got %+v, want %+v", lowering, stop, e+1, got[e], want[e])
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

// TestRestoreInASecondFit stops the second Fit of a trainer after each of its
// steps, and goes on in a new trainer.
func TestRestoreInASecondFit(t *testing.T) {
	data, val := noise(34, 12), noise(20, 12)
	c := train.Config{Batch: 10, Epochs: 2, Seed: 5}
	whole := newTrainer(t, small, 12, c)
	fit(t, whole, data, val)
	want := fit(t, whole, data, val)
	third := fit(t, whole, data, val)
	weights := weightsOf(t, whole)
	for stop := 1; stop <= 8; stop++ {
		c := c
		done := 0
		c.OnStep = func(train.Progress) error {
			if done++; done == 8+stop {
				return errStop
			}
			return nil
		}
		tr := newTrainer(t, small, 12, c)
		fit(t, tr, data, val)
		if _, err := tr.Fit(t.Context(), data, val); !errors.Is(err, errStop) {
			t.Fatal(err)
		}
		state, err := tr.State()
		if err != nil {
			t.Fatal(err)
		}
		if state.EarlierEpochs != 2 {
			t.Errorf("got %d earlier epochs, want 2", state.EarlierEpochs)
		}
		c.OnStep = nil
		tr = newTrainer(t, small, 12, c)
		if err := tr.Restore(state); err != nil {
			t.Fatal(err)
		}
		for e, got := range append(fit(t, tr, data, val), fit(t, tr, data, val)...) {
			if want := append(want[:2:2], third...)[e]; got.Train != want.Train || *got.Val != *want.Val || got.Epoch != want.Epoch {
				t.Errorf("stopped after step %d, epoch %d: got %v, want %v", stop, e+1, got, want)
			}
		}
		if !slices.Equal(weightsOf(t, tr), weights) {
			t.Fatalf("stopped after step %d: weights differ", stop)
		}
	}
}

// TestStateBeforeFit: before Fit, State is the start of the first epoch.
func TestStateBeforeFit(t *testing.T) {
	data := noise(30, 12)
	tr := newTrainer(t, small, 12, train.Config{Batch: 10})
	state, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	fit(t, tr, data, data)
	other := newTrainer(t, small, 12, train.Config{Batch: 10})
	if err := other.Restore(state); err != nil {
		t.Fatal(err)
	}
	fit(t, other, data, data)
	if !slices.Equal(weightsOf(t, tr), weightsOf(t, other)) {
		t.Error("restored at its start, a training ends elsewhere")
	}
}

// TestStateIsACopy: what the caller does to a state does nothing to the trainer
// that gave it or took it.
func TestStateIsACopy(t *testing.T) {
	tr, given, _, _ := halfway(t)
	spoil := func(s train.State) { s.History[0].Epoch, s.Weights[0], s.M[0], s.V[0] = 99, 99, 99, 99 }
	check := func(name string) (s train.State) {
		s, err := tr.State()
		if err != nil || s.History[0].Epoch != 1 || s.Weights[0] == 99 || s.M[0] == 99 || s.V[0] == 99 {
			t.Errorf("%s: the trainer changed with the caller's state (error %v)", name, err)
		}
		return s
	}
	spoil(given)
	taken := check("State")
	if err := tr.Restore(taken); err != nil {
		t.Fatal(err)
	}
	spoil(taken)
	check("Restore")
}

// halfway returns a state after five steps of four an epoch, on 16 images and 8.
func halfway(t *testing.T) (tr *train.Trainer, s train.State, data, val train.Data) {
	t.Helper()
	data, val = noise(16, 12), noise(8, 12)
	tr = newTrainer(t, small, 12, train.Config{Batch: 4, Epochs: 3, OnStep: func(p train.Progress) error {
		if p.Epoch == 2 {
			return errStop
		}
		return nil
	}})
	if _, err := tr.Fit(t.Context(), data, val); !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	s, err := tr.State()
	if err != nil {
		t.Fatal(err)
	}
	return tr, s, data, val
}

// TestRestoreErrors: Restore refuses a state that no training can be in, and
// leaves the trainer as it was.
func TestRestoreErrors(t *testing.T) {
	tr, good, data, val := halfway(t)
	before := weightsOf(t, tr)
	if err := good.Fits(4, data, val); err != nil {
		t.Fatal(err)
	}
	if err := good.Fits(0, data, val); err == nil {
		t.Error("batches of no image were accepted")
	}
	inf, nan := math.Inf(1), math.NaN()
	first := func(change func(e *train.Epoch)) func(s *train.State) {
		return func(s *train.State) { change(&s.History[0]) }
	}
	second := func(change func(e *train.Epoch)) func(s *train.State) {
		return func(s *train.State) {
			e := s.History[0]
			e.Epoch = 2
			v := *e.Val
			e.Val = &v
			change(&e)
			s.History, s.Epoch, s.Updates = append(s.History, e), 3, 9
		}
	}
	tests := map[string]struct {
		want  string
		spoil func(s *train.State)
	}{
		"epoch 0":                  {"epoch 0: got 1 epochs before it", func(s *train.State) { s.Epoch = 0 }},
		"negative epoch":           {"epoch -3", func(s *train.State) { s.Epoch = -3 }},
		"short history":            {"epoch 2: got 0 epochs before it, want 1", func(s *train.State) { s.History = nil }},
		"long history":             {"epoch 2: got 3 epochs before it, want 1", func(s *train.State) { s.History = make(train.History, 3) }},
		"number of an epoch":       {"epoch 1 of the history says that it is epoch 99", first(func(e *train.Epoch) { e.Epoch = 99 })},
		"no steps":                 {"epoch 1: got 0 steps for 16 images", first(func(e *train.Epoch) { e.Steps = 0 })},
		"more steps than images":   {"epoch 1: got 17 steps for 16 images", first(func(e *train.Epoch) { e.Steps = 17 })},
		"no images":                {"for 0 images", first(func(e *train.Epoch) { e.Train.Images = 0 })},
		"negative correct":         {"epoch 1: got -5 correct of 16 images", first(func(e *train.Epoch) { e.Train.Correct = -5 })},
		"more correct than images": {"epoch 1: got 17 correct of 16 images", first(func(e *train.Epoch) { e.Train.Correct = 17 })},
		"infinite loss":            {"epoch 1: got a loss of +Inf", first(func(e *train.Epoch) { e.Train.Loss = inf })},
		"validation loss":          {"epoch 1: validation: got a loss of NaN", first(func(e *train.Epoch) { e.Val = &train.Metrics{Loss: nan, Images: 8} })},
		"no validation images":     {"epoch 1: validation: got 0 correct of 0 images", first(func(e *train.Epoch) { e.Val = &train.Metrics{} })},
		"negative time":            {"epoch 1: got a time of -1ns", first(func(e *train.Epoch) { e.Time = -1 })},
		"validation once":          {"epoch 2: was on other data than epoch 1", second(func(e *train.Epoch) { e.Val = nil })},
		"other images":             {"epoch 2: was on other data than epoch 1", second(func(e *train.Epoch) { e.Train.Images++ })},
		"negative step":            {"epoch 2, step -1", func(s *train.State) { s.Step = -1 }},
		"no updates":               {"epoch 2, step 1: got 0 updates of the weights, want at least 5", func(s *train.State) { s.Updates = 0 }},
		"step beyond updates":      {"step 1000000000: got 5 updates", func(s *train.State) { s.Step = 1e9 }},
		"negative loss":            {"epoch 2, after step 1: got a loss of -1", func(s *train.State) { s.Score.Loss = -1 }},
		"loss":                     {"epoch 2, after step 1: got a loss of NaN", func(s *train.State) { s.Score.Loss = nan }},
		"correct":                  {"got a loss of 1 and -5 correct images", func(s *train.State) { s.Score = graph.Score{Loss: 1, Correct: -5} }},
		"score without steps":      {"after step 0: got a loss of", func(s *train.State) { s.Step = 0 }},
		"second moment":            {"second moment 3 is -1, want at least 0", func(s *train.State) { s.V[3] = -1 }},
		"first moment":             {"a first moment is +Inf", func(s *train.State) { s.M[3] = float32(inf) }},
		"weight":                   {"a weight is NaN", func(s *train.State) { s.Weights[3] = float32(nan) }},
		"number of weights":        {"weights: got", func(s *train.State) { s.Weights = s.Weights[1:] }},
		"no second moments":        {"second moments: got", func(s *train.State) { s.V = nil }},
		"moments without updates": {"moments that are not 0 before any update", func(s *train.State) {
			s.Epoch, s.Step, s.Updates, s.History, s.Score = 1, 0, 0, nil, graph.Score{}
		}},
		"negative earlier epochs": {"got -1 epochs of earlier Fits", func(s *train.State) { s.EarlierEpochs = -1 }},
		"earlier epochs":          {"epoch 2, step 1: got 5 updates of the weights, want at least 6", func(s *train.State) { s.EarlierEpochs = 1 }},
		"no state":                {"epoch 0", func(s *train.State) { *s = train.State{} }},
	}
	for name, test := range tests {
		s := good
		s.History, s.Weights, s.M, s.V = slices.Clone(s.History), slices.Clone(s.Weights), slices.Clone(s.M), slices.Clone(s.V)
		test.spoil(&s)
		if err := tr.Restore(s); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", name, err, test.want)
		}
	}
	if !slices.Equal(weightsOf(t, tr), before) {
		t.Error("a state that was refused changed the weights")
	}
}

// TestFits: Fits and Fit refuse a state that does not fit the data.
func TestFits(t *testing.T) {
	tr, good, data, val := halfway(t)
	tests := map[string]struct {
		want  string
		spoil func(s *train.State, data, val *train.Data)
	}{
		"more images":       {"epoch 1: got 4 steps and 16 images, want 5 and 20", func(_ *train.State, data, _ *train.Data) { *data = noise(20, 12) }},
		"no validation":     {"epoch 1: got 8 images of validation, want 0", func(_ *train.State, _, val *train.Data) { *val = train.Data{} }},
		"less validation":   {"epoch 1: got 8 images of validation, want 7", func(_ *train.State, _, val *train.Data) { *val = noise(7, 12) }},
		"too many steps":    {"epoch 2: got step 5, want at most 4", func(s *train.State, _, _ *train.Data) { s.Step, s.Updates = 5, 9 }},
		"too many correct":  {"epoch 2, after step 1: got 5 correct of 4 images", func(s *train.State, _, _ *train.Data) { s.Score.Correct = 5 }},
		"correct at an end": {"epoch 2, after step 4: got 17 correct of 16 images", func(s *train.State, _, _ *train.Data) { s.Step, s.Updates, s.Score.Correct = 4, 8, 17 }},
	}
	for name, test := range tests {
		s, data, val := good, data, val
		test.spoil(&s, &data, &val)
		if err := s.Fits(4, data, val); err == nil || err.Error() != test.want {
			t.Errorf("%s: Fits: got error %v, want %q", name, err, test.want)
		}
		if err := tr.Restore(s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := tr.Fit(t.Context(), data, val); err == nil || err.Error() != "restored state: "+test.want {
			t.Errorf("%s: Fit: got error %v, want %q", name, err, test.want)
		}
	}
}

// TestRestoreTellsTheMachines: machines that ran with other weights run with the
// restored ones.
func TestRestoreTellsTheMachines(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		data := noise(40, 12)
		c := train.Config{Lowering: lowering, Batch: 8, Epochs: 2, LearningRate: 0.01}
		trained := newTrainer(t, small, 12, c)
		fit(t, trained, data, train.Data{})
		want, err := trained.Evaluate(data)
		if err != nil {
			t.Fatal(err)
		}
		s, err := trained.State()
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, small, 12, c)
		before, err := tr.Evaluate(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Restore(s); err != nil {
			t.Fatal(err)
		}
		got, err := tr.Evaluate(data)
		if err != nil {
			t.Fatal(err)
		}
		if got != want || got == before {
			t.Errorf("got %+v, want %+v; before it was %+v", got, want, before)
		}
	})
}

// TestRefusedFitKeepsThePlace: a Fit on the wrong data leaves what was restored
// for the next one.
func TestRefusedFitKeepsThePlace(t *testing.T) {
	tr, s, data, val := halfway(t)
	if err := tr.Restore(s); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Fit(t.Context(), noise(20, 12), val); err == nil {
		t.Fatal("other data were accepted")
	}
	if got, err := tr.State(); err != nil || got.Epoch != 2 || got.Step != 1 {
		t.Fatalf("the state is of epoch %d, step %d (%v)", got.Epoch, got.Step, err)
	}
	if _, err := tr.Fit(t.Context(), data, val); !errors.Is(err, errStop) || !strings.Contains(err.Error(), "epoch 2, after step 2 of 4") {
		t.Errorf("got error %v, want the hook's after the second step of epoch 2", err)
	}
	if _, err := tr.Fit(t.Context(), data, val); !errors.Is(err, errStop) || !strings.Contains(err.Error(), "epoch 2, after step 1 of 4") {
		t.Errorf("got error %v, want one of a training from the start", err)
	}
}
