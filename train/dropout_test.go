package train_test

import (
	"context"
	"errors"
	"math"
	"slices"
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
	pixels := make([]float32, len(data.Pixels))
	graph.ScaleBytes(pixels, data.Pixels)
	x := float64s(pixels)
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
		mask := graph.Mask{Seed: 3, Step: uint64(step)}
		from, to := step*batch, (step+1)*batch
		sum += graphtest.RunDropping(net, float64s(weights), x[from*side*side:to*side*side], classes[from:to], mask.Keeps).Loss
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

// TestDropoutResumed stops a training with Dropout by its context in the middle of an
// epoch, and goes on from its State with another number of workers. The batch is large
// enough for 32 of them; its last one is smaller.
func TestDropoutResumed(t *testing.T) {
	const side = 6
	layers := graph.Sequential{graph.Dropout(0.3), graph.Conv2d(3, 3), graph.Dropout(0.2), graph.Flatten, graph.Dense(8), graph.Rectify, graph.Dropout(0.5), graph.Dense(10), graph.SoftMax}
	data, val := noise(650, side), noise(20, side)
	c := train.Config{Batch: 300, Epochs: 2, Seed: 3, Workers: 1}
	whole := newTrainer(t, layers, side, c)
	want := fit(t, whole, data, val)
	weights := weightsOf(t, whole)
	counts := []int{1, 2, 5, 8, 16}
	for i, workers := range counts {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.Workers = workers
		c.OnStep = func(p train.Progress) error {
			if p.Epoch == 2 && p.Step == 1 {
				cancel()
			}
			return nil
		}
		stopped := newTrainer(t, layers, side, c)
		if _, err := stopped.Fit(ctx, data, val); !errors.Is(err, context.Canceled) {
			t.Fatalf("got error %v, want that of the context", err)
		}
		state, err := stopped.State()
		if err != nil {
			t.Fatal(err)
		}
		if state.Epoch != 2 || state.Step != 1 {
			t.Fatalf("stopped in epoch %d after step %d, want 2 and 1", state.Epoch, state.Step)
		}
		c.OnStep = nil
		for _, c.Workers = range []int{workers, counts[(i+1)%len(counts)]} {
			resumed := newTrainer(t, layers, side, c)
			if err := resumed.Restore(state); err != nil {
				t.Fatal(err)
			}
			got := fit(t, resumed, data, val)
			if !slices.Equal(weightsOf(t, resumed), weights) {
				t.Errorf("%d workers, then %d: the weights differ from those of one worker that is not stopped", workers, c.Workers)
			}
			if got[1].Train != want[1].Train || *got[1].Val != *want[1].Val {
				t.Errorf("%d workers, then %d: got metrics %+v %+v, want %+v %+v", workers, c.Workers, got[1].Train, *got[1].Val, want[1].Train, *want[1].Val)
			}
		}
	}
}
