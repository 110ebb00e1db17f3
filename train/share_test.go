package train_test

import (
	"runtime"
	"slices"
	"testing"

	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// edited is a network with convolutions of 3x3, whose gradients take other paths.
var edited = graph.Sequential{
	graph.Conv2d(32, 3), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(64, 3), graph.Rectify, graph.MaxPool2D(2),
	graph.Flatten, graph.Dense(128), graph.Rectify, graph.Dense(10), graph.SoftMax,
}

// TestSharedLanesChangeNoBit: up to four workers share a lane. Batches of all kinds
// end with a smaller one: of one lane, of several, and of more micro-batches than
// lanes.
func TestSharedLanesChangeNoBit(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8)) // threads that are stopped anywhere
	var all []int
	for workers := 2; workers <= 16; workers++ {
		all = append(all, workers)
	}
	few, large := []int{5, 16}, []int{8, 32}
	const side = 12
	check := func(t *testing.T, lowering graph.Lowering) {
		for name, layers := range map[string]graph.Sequential{"OneLayer": networks[0].layers, "TwoLayer": networks[1].layers, "edited": edited, "modern": modern} {
			for _, test := range []struct {
				batch, images int
				workers       []int
			}{{1, 3, few}, {7, 9, few}, {13, 20, few}, {200, 203, all}, {608, 650, large}, {1024, 1632, large}} {
				if (testing.Short() || graph.Level() == "generic") && test.batch != 13 {
					if test.batch != 200 {
						continue
					}
					test.workers = []int{3, 16}
				}
				data := noise(test.images, side)
				trained := func(workers int) []float32 {
					tr := newTrainer(t, layers, side, train.Config{Lowering: lowering, Batch: test.batch, Workers: workers})
					fit(t, tr, data, train.Data{})
					return weightsOf(t, tr)
				}
				want := trained(1)
				for _, workers := range test.workers {
					if !slices.Equal(trained(workers), want) {
						t.Errorf("%s, batch %d: weights of %d workers differ from those of one", name, test.batch, workers)
					}
				}
			}
		}
	}
	atEveryLevel(t, func(t *testing.T) { check(t, graph.Fused) })
	if graph.BF16() {
		t.Run("bf16", func(t *testing.T) { check(t, graph.FusedBF16) })
	}
}

// TestUsefulWorkers: four for each lane, of which there are one to eight.
func TestUsefulWorkers(t *testing.T) {
	for batch, want := range map[int]int{0: 8, 1: 4, 15: 4, 16: 8, 128: 8, 129: 16, 200: 16, 257: 32, 1024: 32, 1 << 20: train.MaxWorkers} {
		if got := (train.Config{Batch: batch}).UsefulWorkers(); got != want {
			t.Errorf("batch %d: got %d, want %d", batch, got, want)
		}
		if got := (train.Config{Batch: batch, Lowering: graph.Gorgonia}).UsefulWorkers(); got != want/4 {
			t.Errorf("batch %d, Gorgonia's ops: got %d, want %d", batch, got, want/4)
		}
	}
}

// BenchmarkOneLane times steps of one lane, which two workers share.
func BenchmarkOneLane(b *testing.B) {
	const batch, steps = 15, 20
	net, err := models.OneLayer(10).Build(1, 28, 28)
	if err != nil {
		b.Fatal(err)
	}
	data := noise(steps*batch, 28)
	for workers := 1; workers <= 2; workers++ {
		b.Run(map[int]string{1: "alone", 2: "shared"}[workers], func(b *testing.B) {
			tr, err := train.New(net, models.Init(net, 1), train.Config{Batch: batch, Workers: workers})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := tr.Fit(b.Context(), data, train.Data{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*steps), "ns/step")
		})
	}
}
