package result

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/runs/training"
)

// trained is what the training of sound(k, seed) gave.
func trained(s Settings, k int, seed uint64) training.Run {
	want := sound(k, seed)
	return training.Run{
		Settings: s.Training(s.Configs()[k-1], seed),
		Machine:  training.Machine{Processor: want.Machine.Processor, Kernels: "avx2", Workers: 2, Jobs: 1},
		Epochs:   []training.Epoch{{Seconds: 0.1, Train: training.Metrics{Correct: 1, Loss: 2.3}, Val: training.Metrics{Correct: 2, Loss: 1.0 / 3}}},
		Weights:  strings.Repeat("ab", 32),
		Details:  &training.Details{Mistakes: want.Mistakes, Filters: want.Filters},
	}
}

// TestRuns: a training is the run of its configuration, of both that have the same
// epochs left, or of none.
func TestRuns(t *testing.T) {
	longer := settings
	longer.Epochs = 11 // configuration 4 alone has so many
	several := trained(settings, 1, 3)
	several.Machine.Jobs, several.Machine.Cores, several.Machine.System, several.Machine.Go = 2, 4, "linux/amd64", "go1.26.0"
	onFour := sound(1, 3)
	onFour.Machine.Jobs, onFour.Machine.Cores, onFour.Machine.System, onFour.Machine.Go = 2, 4, "linux/amd64", "go1.26.0"
	change := func(change func(*training.Run)) training.Run {
		r := trained(settings, 1, 3)
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		of   training.Run
		want []Run
		err  string
	}{
		"one":            {trained(settings, 1, 3), []Run{sound(1, 3)}, ""},
		"two":            {trained(settings, 3, 4), []Run{sound(3, 4), sound(4, 4)}, ""},
		"several":        {several, []Run{onFour}, ""},
		"other epochs":   {trained(longer, 4, 3), nil, ""},
		"other rate":     {change(func(r *training.Run) { r.Settings.LR = 0.002 }), nil, ""},
		"other ops":      {change(func(r *training.Run) { r.Settings.Ops = "gorgonia" }), nil, ""},
		"other batch":    {change(func(r *training.Run) { r.Settings.Batch = 100 }), nil, ""},
		"other data":     {change(func(r *training.Run) { r.Settings.Data = strings.Repeat("cd", 32) }), nil, ""},
		"other classes":  {change(func(r *training.Run) { r.Settings.Classes = 11 }), nil, ""},
		"no details":     {change(func(r *training.Run) { r.Details = nil }), nil, "the run is without the mistakes and filters"},
		"failed":         {change(func(r *training.Run) { r.Failed, r.Details = "epoch 1: NaN", nil }), nil, "the training failed in epoch 1: NaN: "},
		"a mistake less": {change(func(r *training.Run) { r.Details.Mistakes = r.Details.Mistakes[1:] }), nil, "got 1 mistakes, want 2 for accuracy 0.5"},
	} {
		got, err := settings.Runs(test.of, labels)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: want (-) got (+):\n%s", name, diff)
		}
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: got error %v, want %q", name, err, test.err)
		}
	}
}

// TestTraining: they are the settings of the command that the notebook's numbers are
// of, in the names of package models.
func TestTraining(t *testing.T) {
	s := Settings{Data: MNIST, Train: mnistTrain, Test: 10000}
	for k, want := range map[int]string{1: "onelayer, batch 200, lr 0.001, epochs 10", 4: "twolayer, batch 1024, lr 0.001, epochs 25"} {
		got := s.Training(s.Configs()[k-1], 7)
		if err := got.Check; got.String() != want || got.Seed != 7 || got.Classes != 10 || err() != nil {
			t.Errorf("configuration %d: got %+v", k, got)
		}
	}
}
