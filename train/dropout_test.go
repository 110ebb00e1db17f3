package train_test

import (
	"math"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/models"
	"tapenet/train"
)

// TestDropoutOfAStep: what a step drops follows from the seed, the number of the
// step, and the place of the image in its batch: the losses are those of float64 loops
// that drop the same.
func TestDropoutOfAStep(t *testing.T) {
	const batch, side = 40, 12
	layers := graph.Sequential{graph.Dropout(0.3), graph.Flatten, graph.Dense(8), graph.Rectify, graph.Dropout(0.5), graph.Dense(10), graph.SoftMax}
	data := noise(3*batch, side)
	x := make([]float64, len(data.Pixels))
	for i, p := range data.Pixels {
		x[i] = float64(float32(p) / 255)
	}
	classes := make([]int, len(data.Labels))
	for i, l := range data.Labels {
		classes[i] = int(l)
	}
	net, err := layers.Build(1, side, side)
	if err != nil {
		t.Fatal(err)
	}
	weights := models.Init(net, 1)
	sum, step := 0.0, 0
	var tr *train.Trainer
	c := train.Config{Batch: batch, Seed: 3, KeepOrder: true}
	c.OnStep = func(p train.Progress) error {
		w := make([]float64, len(weights))
		for i, v := range weights {
			w[i] = float64(v)
		}
		mask := graph.Mask{Seed: 3, Step: uint64(step)}
		from, to := step*batch, (step+1)*batch
		sum += graphtest.RunDropping(net, w, x[from*side*side:to*side*side], classes[from:to], mask.Keeps).Loss
		if got, want := p.Train.Loss, sum/float64(to); math.Abs(got-want) > 1e-5*want {
			t.Errorf("step %d: got loss %v, want %v", step, got, want)
		}
		step++
		weights = weightsOf(t, tr)
		return nil
	}
	tr = newTrainer(t, layers, side, c)
	fit(t, tr, data, train.Data{})
	if step != 3 {
		t.Errorf("got %d steps, want 3", step)
	}
}
