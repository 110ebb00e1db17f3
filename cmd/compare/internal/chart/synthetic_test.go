package chart

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"tapenet/cmd/compare/internal/result"
	"tapenet/graph"
	"tapenet/mnist"
)

var load = sync.OnceValues(func() (mnist.Set, error) {
	_, test, err := mnist.Load()
	return test, err
})

// testSet is MNIST's test images.
func testSet(t *testing.T) mnist.Set {
	t.Helper()
	test, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return test
}

// synthetic returns runs of all configurations as they might have come out:
// the curves cross, and a longer training starts as the shorter one with its
// seed.
func synthetic(seeds int, labels []uint8) []result.Run {
	var runs []result.Run
	for _, c := range result.Configs {
		for seed := range seeds {
			runs = append(runs, syntheticRun(c, uint64(seed+1), labels))
		}
	}
	return runs
}

func syntheticRun(c result.Config, seed uint64, labels []uint8) result.Run {
	rng := rand.New(rand.NewPCG(seed, uint64(c.Batch)+uint64(len(c.Network)+int(c.Network[0]))))
	first, last, pace, seconds := 0.971, 0.9885, 2.5, 0.84
	if c.Network == "TwoLayer" {
		first, last, pace, seconds = 0.965, 0.9892, 3, 0.39
	}
	if c.Batch > 1000 {
		first, pace, seconds = first-0.025, 6, 0.43
	}
	r := result.Run{Config: c.K, Seed: seed, Filters: result.Filters{Side: 5}}
	for e := range c.Epochs {
		done := 1 - math.Exp(-float64(e)/pace)
		val := first + (last-first)*done + 0.0008*rng.NormFloat64()
		train := first - 0.03 + (0.0295+1-first)*done
		r.Epochs = append(r.Epochs, result.Epoch{
			Seconds: seconds + 0.02*rng.Float64(),
			Train:   result.Metrics{Accuracy: train, Loss: 3.2 * (1 - train)},
			Val:     result.Metrics{Accuracy: val, Loss: 3 * (1 - val)},
		})
	}
	r.Test = r.Epochs[c.Epochs-1].Val
	for i, d := range labels {
		if rng.Float64() < r.Test.Accuracy {
			continue
		}
		guess := (int(d) + 1 + int(8.99*rng.Float64()*rng.Float64())) % 10
		p := 0.5 + rng.Float64()/2
		r.Mistakes = append(r.Mistakes, result.Mistake{Image: i, Truth: int(d), Guess: guess, PGuess: p, PTruth: (1 - p) / 2})
	}
	for range 16 {
		kernel := make([]float32, 25)
		angle := rng.Float64() * 2 * math.Pi
		for i := range kernel {
			x, y := float64(i%5-2), float64(i/5-2)
			kernel[i] = float32(0.2*math.Sin(x*math.Cos(angle)+y*math.Sin(angle)) + 0.05*rng.NormFloat64())
		}
		r.Filters.Kernels = append(r.Filters.Kernels, kernel)
	}
	return r
}

// digits is a set of MNIST's kind.
func digits(images, labels []uint8) Set {
	return Set{Images: images, Shape: graph.Shape{1, 28, 28}, Labels: labels, Names: strings.Split("0123456789", ""), Digits: true}
}
