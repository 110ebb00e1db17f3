package train_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/models"
	"tapenet/train"
)

// predictImages is one more than two micro-batches of an evaluation.
const predictImages = 201

// TestPredict: probabilities are those of loops in float64, image by image, for
// any number of workers, and say what Evaluate counts.
func TestPredict(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		data := noise(predictImages, 12)
		net, err := small.Build(1, 12, 12)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 50, Epochs: 1, Workers: 1})
		fit(t, tr, data, train.Data{})
		got, err := tr.Predict(data.Pixels)
		if err != nil {
			t.Fatal(err)
		}

		var w []float64
		for _, v := range weightsOf(t, tr) {
			w = append(w, float64(v))
		}
		x := make([]float64, len(data.Pixels))
		for i, v := range data.Pixels {
			x[i] = float64(v) / 255
		}
		want := graphtest.Run(net, w, x, make([]int, predictImages)).Outputs
		if len(got) != len(want) {
			t.Fatalf("got %d probabilities, want %d", len(got), len(want))
		}
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-5 {
				t.Fatalf("image %d, class %d: got %v, float64 gives %v", i/10, i%10, got[i], want[i])
			}
		}

		correct, loss := 0, 0.
		for i, label := range data.Labels {
			row := got[i*10 : i*10+10]
			loss -= math.Log(float64(row[label]))
			if slices.Index(row, slices.Max(row)) == int(label) {
				correct++
			}
		}
		m, err := tr.Evaluate(data)
		if err != nil {
			t.Fatal(err)
		}
		if correct != m.Correct || math.Abs(loss/predictImages-m.Loss) > 1e-5 {
			t.Errorf("got %d correct, loss %v; Evaluate gives %+v", correct, loss/predictImages, m)
		}

		for workers := 2; workers <= 4; workers++ {
			other := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 50, Epochs: 1, Workers: workers})
			fit(t, other, data, train.Data{})
			p, err := other.Predict(data.Pixels)
			if err != nil || !slices.Equal(p, got) {
				t.Errorf("%d workers: other bits than one, error %v", workers, err)
			}
		}
	})
}

// TestPredictLowerings: on MNIST's own size of image, our ops and Gorgonia's
// agree.
func TestPredictLowerings(t *testing.T) {
	data := noise(predictImages, 28)
	for _, n := range networks {
		var probs [][]float32
		for _, lowering := range graph.Lowerings() {
			p, err := newTrainer(t, n.layers, 28, train.Config{Lowering: lowering}).Predict(data.Pixels)
			if err != nil {
				t.Fatal(err)
			}
			probs = append(probs, p)
		}
		for i, v := range probs[0] {
			if math.Abs(float64(v-probs[1][i])) > 1e-5 {
				t.Fatalf("%s: image %d, class %d: %s gives %v, %s %v", n.name, i/10, i%10, graph.DefaultLowering, v, graph.Lowerings()[1], probs[1][i])
			}
		}
	}
}

func TestPredictErrors(t *testing.T) {
	tr := newTrainer(t, small, 12, train.Config{})
	for pixels, want := range map[int]string{0: "no images", 145: "got 145 pixels, want 144 for each image"} {
		if _, err := tr.Predict(bytes.Repeat([]byte{1}, pixels)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d pixels: got error %v, want %q", pixels, err, want)
		}
	}
	net, err := small.Build(1, 12, 12)
	if err != nil {
		t.Fatal(err)
	}
	w := models.Init(net, 1)
	w[0] = float32(math.NaN())
	if tr, err = train.New(net, w, train.Config{}); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Predict(noise(3, 12).Pixels); !errors.Is(err, graph.ErrNaN) {
		t.Errorf("a weight that is not a number: got error %v, want ErrNaN", err)
	}
}
