package train_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

var small = graph.Sequential{
	graph.Conv2d(4, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(16), graph.Rectify, graph.Dense(10), graph.SoftMax,
}

// modern has padding, strides and Dropout.
var modern = graph.Sequential{
	graph.Conv2d(4, 3).Same(), graph.Rectify, graph.MaxPool2D(3).Stride(2), graph.Dropout(0.25), graph.Conv2d(5, 3).Pad(1).Stride(2), graph.Rectify,
	graph.Flatten, graph.Dropout(0.1), graph.Dense(16), graph.Rectify, graph.Dropout(0.5), graph.Dense(10), graph.SoftMax,
}

// eachLowering runs f for every lowering that this processor has.
func eachLowering(t *testing.T, f func(t *testing.T, lowering graph.Lowering)) {
	lowerings := graph.Lowerings()
	if graph.BF16() {
		lowerings = append(lowerings, graph.FusedBF16)
	}
	for _, lowering := range lowerings {
		t.Run(string(lowering), func(t *testing.T) { f(t, lowering) })
	}
}

// atEveryLevel runs f with the kernels of this process and, in processes of
// their own, with those of each lower level: a process chooses when it starts.
func atEveryLevel(t *testing.T, f func(t *testing.T)) {
	const below = "TAPENET_LEVEL" // set in those other processes
	t.Run(graph.Level(), f)
	if os.Getenv(below) != "" {
		return
	}
	settings := map[string][]string{"amd64": {"cpu.avx512f=off", "cpu.avx512f=off,cpu.avx2=off"}, "arm64": {"cpu.asimd=off"}}
	for _, setting := range settings[runtime.GOARCH] {
		c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", fmt.Sprint("-test.short=", testing.Short()))
		c.Env = append(os.Environ(), "GODEBUG="+setting, below+"="+setting)
		out, err := c.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("under an emulator this program can't start itself")
		}
		if err != nil {
			t.Errorf("GODEBUG=%s: %v\n%s", setting, err, out)
		}
	}
}

// noise returns n random images of side x side pixels, ten classes.
func noise(n, side int) train.Data {
	rng := rand.New(rand.NewPCG(5, 6))
	d := train.Data{Pixels: make([]uint8, n*side*side), Labels: make([]uint8, n)}
	for i := range d.Pixels {
		d.Pixels[i] = uint8(rng.IntN(256))
	}
	for i := range d.Labels {
		d.Labels[i] = uint8(rng.IntN(10))
	}
	return d
}

func newTrainer(t *testing.T, layers graph.Sequential, side int, c train.Config) *train.Trainer {
	t.Helper()
	net, err := layers.Build(1, side, side)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := train.New(net, models.Init(net, 1), c)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func fit(t *testing.T, tr *train.Trainer, data, val train.Data) train.History {
	t.Helper()
	h, err := tr.Fit(context.Background(), data, val)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func weightsOf(t *testing.T, tr *train.Trainer) []float32 {
	t.Helper()
	w, err := tr.Weights()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWorkersChangeNoBit trains with a batch that no number of lanes divides,
// and a smaller last one. From three workers on, some share a lane.
func TestWorkersChangeNoBit(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for name, layers := range map[string]graph.Sequential{"OneLayer": networks[0].layers, "TwoLayer": networks[1].layers, "modern": modern} {
			data, val := noise(100, 28), noise(130, 28)
			var first []float32
			var history train.History
			for workers := 1; workers <= 8; workers++ {
				if testing.Short() && workers > 1 && workers != 3 {
					continue
				}
				tr := newTrainer(t, layers, 28, train.Config{Lowering: lowering, Batch: 61, Epochs: 1, Workers: workers})
				h := fit(t, tr, data, val)
				w := weightsOf(t, tr)
				if workers == 1 {
					first, history = w, h
					continue
				}
				if !slices.Equal(w, first) {
					t.Errorf("%s: weights of %d workers differ from those of one", name, workers)
				}
				if h[0].Train != history[0].Train || *h[0].Val != *history[0].Val {
					t.Errorf("%s: %d workers: got metrics %+v %+v, one worker %+v %+v", name, workers, h[0].Train, *h[0].Val, history[0].Train, *history[0].Val)
				}
			}
		}
	})
}

// TestManyWorkers: workers without work cost nothing. A machine for each would
// take all memory.
func TestManyWorkers(t *testing.T) {
	tr := newTrainer(t, small, 12, train.Config{Batch: 20, Epochs: 1, Workers: 1 << 40})
	fit(t, tr, noise(40, 12), noise(30, 12))
}

func TestMemorisesFourImages(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		data := noise(4, 12)
		tr := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 4, Epochs: 150, LearningRate: 0.01})
		h := fit(t, tr, data, train.Data{})
		// Untrained, ten classes are about equally likely; pixels of noise are
		// brighter than digits, so the logits scatter a little.
		if first := h[0].Train.Loss; math.Abs(first-math.Log(10)) > 0.5 {
			t.Errorf("first loss: got %v, want about ln 10", first)
		}
		if last := h[len(h)-1].Train; last.Loss > 0.01 || last.Correct != 4 {
			t.Errorf("after %d epochs: got %+v, want the four images known by heart", len(h), last)
		}
	})
}

// TestLastBatchIsExact: the mean gradient of a batch does not depend on how often
// an image is in it, whether the micro-batches are full or not.
func TestLastBatchIsExact(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		one := noise(1, 12)
		many := train.Data{}
		for range 75 {
			many.Pixels = append(many.Pixels, one.Pixels...)
			many.Labels = append(many.Labels, one.Labels...)
		}
		a := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 200, Epochs: 3})
		b := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 200, Epochs: 3})
		ha, hb := fit(t, a, one, one), fit(t, b, many, one)
		wa, wb := weightsOf(t, a), weightsOf(t, b)
		for i := range wa {
			// Adam amplifies a gradient's rounding error where the gradient is small.
			if math.Abs(float64(wa[i]-wb[i])) > 2e-5 {
				t.Fatalf("weight %d: got %v from 75 equal images, %v from one", i, wb[i], wa[i])
			}
		}
		if d := math.Abs(ha[2].Train.Loss - hb[2].Train.Loss); d > 1e-4 {
			t.Errorf("losses differ by %g", d)
		}
	})
}

// TestZeroConfig: what is left out is Keras's default.
func TestZeroConfig(t *testing.T) {
	var weights [2][]float32
	for i, c := range []train.Config{{}, {Lowering: graph.Fused, Batch: 32, Epochs: 1, LearningRate: 0.001}} {
		tr := newTrainer(t, small, 12, c)
		if h := fit(t, tr, noise(80, 12), train.Data{}); len(h) != 1 || h[0].Steps != 3 {
			t.Errorf("%+v: got %v, want one epoch of 3 steps", c, h)
		}
		weights[i] = weightsOf(t, tr)
	}
	if !slices.Equal(weights[0], weights[1]) {
		t.Error("the zero Config gives other weights")
	}
}

func TestSeedFixesTheOrder(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		run := func(c train.Config) []float32 {
			c.Lowering, c.Batch, c.Epochs = lowering, 10, 2
			tr := newTrainer(t, small, 12, c)
			fit(t, tr, noise(35, 12), train.Data{})
			return weightsOf(t, tr)
		}
		a := run(train.Config{Seed: 1})
		if !slices.Equal(a, run(train.Config{Seed: 1})) {
			t.Error("equal seeds gave different weights")
		}
		if slices.Equal(a, run(train.Config{Seed: 2})) {
			t.Error("different seeds gave equal weights")
		}
		if slices.Equal(a, run(train.Config{Seed: 1, KeepOrder: true})) {
			t.Error("KeepOrder gave the weights of a shuffled run")
		}
	})
}

func TestEvaluateIsValidation(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		tr := newTrainer(t, small, 12, train.Config{Lowering: lowering, Epochs: 1})
		val := noise(230, 12)
		h := fit(t, tr, noise(50, 12), val)
		got, err := tr.Evaluate(val)
		if err != nil {
			t.Fatal(err)
		}
		if got != *h[0].Val || got.Images != 230 {
			t.Errorf("got %+v, validation said %+v", got, *h[0].Val)
		}
	})
}

// TestStopsWhenNotFinite: no learning rate is too large for a clear error.
func TestStopsWhenNotFinite(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for _, lr := range []float64{1e12, 1e30, 3e38} {
			tr := newTrainer(t, small, 12, train.Config{Lowering: lowering, Batch: 10, Epochs: 5, LearningRate: lr})
			_, err := tr.Fit(context.Background(), noise(30, 12), noise(10, 12))
			if err == nil || !strings.HasPrefix(err.Error(), "epoch 1, ") {
				t.Errorf("learning rate %g: got error %v, want one that names epoch 1", lr, err)
			}
		}
	})
}

// TestWeightsStayFinite: weights that only the last step of an epoch spoils are an
// error too. On black images nothing but the biases learns. The second step meets a
// loss of 0, and goes as far as Adam's means of the first still carry it.
func TestWeightsStayFinite(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.New(net, models.Init(net, 1), train.Config{Lowering: lowering, Batch: 1, LearningRate: 3e38})
		if err != nil {
			t.Fatal(err)
		}
		_, err = tr.Fit(context.Background(), train.Data{Pixels: make([]uint8, 2), Labels: make([]uint8, 2)}, train.Data{})
		if err == nil || !strings.HasPrefix(err.Error(), "epoch 1, after step 2 of 2: a weight is ") {
			t.Errorf("got error %v, want one of a weight after the last step", err)
		}
	})
}

func TestCancelFinishesTheStep(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	c := train.Config{Batch: 10, Epochs: 3, OnStep: func(p train.Progress) error {
		if steps++; p.Epoch == 2 && p.Step == 2 {
			cancel()
		}
		return nil
	}}
	h, err := newTrainer(t, small, 12, c).Fit(ctx, noise(40, 12), train.Data{})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "epoch 2, after step 2 of 4") {
		t.Errorf("got error %v, want one after step 2 of epoch 2", err)
	}
	if len(h) != 1 || steps != 6 {
		t.Errorf("got %d epochs and %d steps, want 1 and 6", len(h), steps)
	}
}

func TestErrors(t *testing.T) {
	net, err := small.Build(1, 12, 12)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		config  train.Config
		weights int // more than there are parameters
		data    train.Data
		want    string
	}{
		{"batch", train.Config{Batch: -1}, 0, noise(2, 12), "batch: got -1, want at least 1"},
		{"epochs", train.Config{Epochs: -1}, 0, noise(2, 12), "epochs: got -1, want at least 1"},
		{"rate", train.Config{LearningRate: math.NaN()}, 0, noise(2, 12), "learning rate: got NaN, want a finite float32 above 0"},
		{"endless rate", train.Config{LearningRate: math.Inf(1)}, 0, noise(2, 12), "learning rate: got +Inf, want a finite float32 above 0"},
		{"rate that rounds to 0", train.Config{LearningRate: 1e-60}, 0, noise(2, 12), "learning rate: got 1e-60, want a finite float32 above 0"},
		{"workers", train.Config{Workers: -2}, 0, noise(2, 12), "workers: got -2, want at least 1"},
		{"ops", train.Config{Lowering: "magic"}, 0, noise(2, 12), `unknown lowering "magic"`},
		{"weights", train.Config{}, 1, noise(2, 12), "weights: got"},
		{"no images", train.Config{Epochs: 1}, 0, train.Data{}, "training data: no images"},
		{"pixels", train.Config{Epochs: 1}, 0, noise(2, 11), "training data: got 242 pixels, want 144 for each of 2 images"},
		{"no labels", train.Config{Epochs: 1}, 0, train.Data{Pixels: make([]uint8, 144)}, "training data: got 144 pixels, want 144 for each of 0 images"},
		{"label", train.Config{Epochs: 1}, 0, train.Data{Pixels: make([]uint8, 144), Labels: []uint8{10}}, "training data: label 1 of 1: got 10, want 0 to 9"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tr, err := train.New(net, make([]float32, net.NumParams()+test.weights), test.config)
			if err == nil {
				_, err = tr.Fit(context.Background(), test.data, train.Data{})
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
	tr := newTrainer(t, small, 12, train.Config{})
	_, err = tr.Fit(context.Background(), noise(2, 12), train.Data{Pixels: make([]uint8, 144)})
	if want := "validation data: got 144 pixels, want 144 for each of 0 images"; err == nil || err.Error() != want {
		t.Errorf("validation without labels: got error %v, want %q", err, want)
	}
}
