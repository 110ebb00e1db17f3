package chart

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
)

// Equal runs must give equal bytes, and any number that a picture shows must
// show in it.
func TestPicturesDependOnTheRunsAlone(t *testing.T) {
	set := testSet(t)
	draw := func() map[string][]byte {
		files := map[string][]byte{}
		for what, draw := range pictures(synthetic(2, set.Labels), set.Labels, set.Pixels) {
			files[what] = draw.bytes(t)
		}
		return files
	}
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
		"a weight": {func(r *result.Run) { r.Filters.Kernels[7][12] = 0.3 }, "filters"},
	} {
		runs := synthetic(2, set.Labels)
		c.change(&runs[len(runs)-2]) // the first of its configuration
		for what, draw := range pictures(runs, set.Labels, set.Pixels) {
			changed := !bytes.Equal(before[what], draw.bytes(t))
			if want := strings.Contains(c.shows, what); changed != want {
				t.Errorf("%s: %s changed: %v, want %v", name, what, changed, want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	good := func() []result.Run { return synthetic(2, nil)[:2] }
	with := func(change func(r *result.Run)) []result.Run {
		runs := good()
		change(&runs[1])
		return runs
	}
	mistake := func(m result.Mistake) []result.Run {
		return with(func(r *result.Run) { r.Mistakes = []result.Mistake{m} })
	}
	labels, images := []uint8{4, 7}, make([]uint8, 2*28*28)
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"none", Accuracy(io.Discard, nil), "no runs"},
		{"unknown configuration", Loss(io.Discard, []result.Run{{Config: 5}}), "configuration 5, want one of 1 to 4"},
		{"no epochs", Time(io.Discard, []result.Run{{Config: 1}}), "no epochs"},
		{"a shorter run", Accuracy(io.Discard, with(func(r *result.Run) { r.Epochs = r.Epochs[:9] })), "9 epochs with seed 2, 10 with seed 1"},
		{"accuracy", Accuracy(io.Discard, with(func(r *result.Run) { r.Epochs[2].Val.Accuracy = 1.01 })), "seed 2, epoch 3: accuracy 1.01"},
		{"loss", Loss(io.Discard, with(func(r *result.Run) { r.Epochs[2].Train.Loss = math.NaN() })), "epoch 3: accuracy"},
		{"infinite loss", Loss(io.Discard, with(func(r *result.Run) { r.Epochs[2].Val.Loss = math.Inf(1) })), "loss +Inf"},
		{"seconds", Time(io.Discard, with(func(r *result.Run) { r.Epochs[0].Seconds = -1 })), "epoch 1: -1 seconds"},
		{"two configurations", Confusion(io.Discard, synthetic(1, nil), labels), "runs of 4 configurations"},
		{"label", Confusion(io.Discard, good(), []uint8{4, 10}), "test image 1: label 10"},
		{"another truth", Confusion(io.Discard, mistake(result.Mistake{Image: 1, Truth: 4, Guess: 3}), labels), "is no mistake on these 2"},
		{"right", Confusion(io.Discard, mistake(result.Mistake{Image: 1, Truth: 7, Guess: 7}), labels), "is no mistake"},
		{"no digit", Confusion(io.Discard, mistake(result.Mistake{Image: 1, Truth: 7, Guess: 10}), labels), "is no mistake"},
		{"no such image", Mistakes(io.Discard, mistake(result.Mistake{Image: 2, Truth: 7, Guess: 3}), images), "of 2 test images"},
		{"probability", Mistakes(io.Discard, mistake(result.Mistake{Image: 1, PGuess: 1.5}), images), "of 2 test images"},
		{"no filters", Filters(io.Discard, result.Run{Config: 1}), "0 filters"},
		{"a short filter", Filters(io.Discard, result.Run{Config: 1, Filters: result.Filters{Side: 2, Kernels: [][]float32{{1}}}}), "filter 1 has 1 weights, want 2x2"},
		{"an infinite weight", Filters(io.Discard, result.Run{Config: 1, Filters: result.Filters{Side: 1, Kernels: [][]float32{{float32(math.Inf(-1))}}}}), "weight -Inf"},
		{"a full disk", Accuracy(full{}, good()), "picture: full"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, c.err, c.want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }
