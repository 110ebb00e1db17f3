package chart

import (
	"bytes"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
)

// Equal runs must give equal bytes, and a change of any number must change the
// pictures that show it, and no other.
func TestPicturesDependOnTheRunsAlone(t *testing.T) {
	set := testSet(t)
	draw := func() map[string]drawing { return pictures(synthetic(2, set.Labels), set.Labels, set.Pixels) }
	before := draw()
	for what, again := range draw() {
		if !bytes.Equal(before[what], again) {
			t.Errorf("%s: two drawings of the same differ", what)
		}
	}
	for name, c := range map[string]struct {
		change func(r *result.Run)
		shows  string // the pictures that it must change, and no other
	}{
		"validation accuracy": {func(r *result.Run) { r.Epochs[3].Val.Accuracy -= 0.001 }, "accuracy time"},
		"training accuracy":   {func(r *result.Run) { r.Epochs[3].Train.Accuracy -= 0.001 }, "accuracy"},
		"validation loss":     {func(r *result.Run) { r.Epochs[3].Val.Loss += 0.001 }, "loss"},
		"training loss":       {func(r *result.Run) { r.Epochs[3].Train.Loss += 0.001 }, "loss"},
		"seconds":             {func(r *result.Run) { r.Epochs[3].Seconds += 0.1 }, "time"},
		"a guess": {func(r *result.Run) {
			m := &r.Mistakes[0]
			m.PGuess, m.Guess = 1, (m.Truth+9)%10
		}, "confusion mistakes"},
		"a weight": {func(r *result.Run) { r.Filters.Kernels[7][12] = 0.3 }, "filters activations"},
	} {
		runs := synthetic(2, set.Labels)
		c.change(&runs[len(runs)-2]) // the first of its configuration
		for what, draw := range pictures(runs, set.Labels, set.Pixels) {
			changed := !bytes.Equal(before[what], draw)
			if want := strings.Contains(c.shows, what); changed != want {
				t.Errorf("%s: %s changed: %v, want %v", name, what, changed, want)
			}
		}
	}
}
