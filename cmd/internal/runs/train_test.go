package runs

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/train"
)

// TestMistakes: the second row is right, the third has two greatest.
func TestMistakes(t *testing.T) {
	row := func(p map[int]float32) []float32 {
		row := make([]float32, mnist.Classes)
		for i, v := range p {
			row[i] = v
		}
		return row
	}
	probs := slices.Concat(row(map[int]float32{3: .75, 8: .25}), row(map[int]float32{3: .75, 8: .25}), row(map[int]float32{1: .5, 4: .5}))
	want := []training.Mistake{{Image: 0, Truth: 8, Guess: 3, PGuess: .75, PTruth: .25}, {Image: 2, Truth: 4, Guess: 1, PGuess: .5, PTruth: .5}}
	if diff := cmp.Diff(want, mistakes(probs, []uint8{8, 3, 4})); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
}

// TestDetails: they are of the weights that a training by package train ends with, and
// are left out unless they are asked for, which changes nothing else.
func TestDetails(t *testing.T) {
	s := of("onelayer", 30, 1, 3)
	s.LR = 1e-3
	with, without := Config{Dir: t.TempDir(), Workers: 1, Details: true}, Config{Dir: t.TempDir(), Workers: 1}
	fill(t, with, s)
	fill(t, without, s)
	net, err := Build(sets, s)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := train.New(net, models.Init(net, 3), train.Config{Batch: 30, Epochs: 1, LearningRate: s.LR, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	history, err := trainer.Fit(t.Context(), sets.Train, sets.Test)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := trainer.Weights()
	if err != nil {
		t.Fatal(err)
	}
	r := files(t, with.Dir)[s.Name()]
	if got, want := slices.Concat(r.Details.Filters.Kernels...), weights[:16*5*5]; !slices.Equal(got, want) || len(r.Details.Filters.Kernels) != 16 || r.Details.Filters.Side != 5 {
		t.Errorf("the filters are not the first layer's weights: %+v", r.Details.Filters)
	}
	if got, want := r.Details.Filters.Biases, weights[16*5*5:][:16]; !slices.Equal(got, want) {
		t.Errorf("got biases %v, want %v", got, want)
	}
	wrong := sets.Test.Len() - history[0].Val.Correct
	if len(r.Details.Mistakes) != wrong || wrong == 0 || wrong == sets.Test.Len() {
		t.Errorf("got %d mistakes, want %d, and some right", len(r.Details.Mistakes), wrong)
	}
	for _, m := range r.Details.Mistakes {
		image := sets.Test.Pixels[m.Image*mnist.Rows*mnist.Cols:][:mnist.Rows*mnist.Cols]
		p, err := trainer.Predict(image)
		if err != nil {
			t.Fatal(err)
		}
		if got := graph.Argmax(p); got != m.Guess || int(sets.Test.Labels[m.Image]) != m.Truth || float64(p[m.Guess]) != m.PGuess || float64(p[m.Truth]) != m.PTruth {
			t.Errorf("got mistake %+v, probabilities %v", m, p)
		}
	}
	r.Details = nil
	if diff := cmp.Diff(files(t, without.Dir)[s.Name()], r); diff != "" {
		t.Errorf("without (-), with details (+):\n%s", diff)
	}
	text, err := os.ReadFile(Path(without.Dir, s))
	if err != nil || strings.Contains(string(text), "details") {
		t.Errorf("error %v; details that nobody asked for:\n%s", err, text)
	}
}
