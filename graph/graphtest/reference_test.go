package graphtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"tapenet/graph"
)

// TestGradMatchesDifferences holds the reference itself against central
// differences of its loss.
func TestGradMatchesDifferences(t *testing.T) {
	net, err := graph.Sequential{
		graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(2).Same(), graph.Conv2d(2, 2), graph.MaxPool2D(3).Stride(1).Pad(1),
		graph.Conv2d(2, 3).Pad(2).Stride(2), graph.Conv2d(3, 4).Same(),
		graph.Flatten, graph.Dense(5), graph.SoftMax, graph.Dense(4), graph.Rectify, graph.Dense(3), graph.SoftMax,
	}.Build(2, 9, 8)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return v
	}
	weights, x, classes := random(net.NumParams()), random(3*net.In.Size()), []int{2, -1, 0}
	got := Run(net, weights, x, classes)
	const h = 1e-6
	if got.Margin < 100*h {
		t.Fatalf("margin %g: the random network sits on a kink", got.Margin)
	}
	for i, w := range weights {
		weights[i] = w + h
		up := Run(net, weights, x, classes).Loss
		weights[i] = w - h
		down := Run(net, weights, x, classes).Loss
		weights[i] = w
		// The differences lose half of float64's 16 digits to h, and h² more.
		if want := (up - down) / (2 * h); math.Abs(got.Grad[i]-want) > 1e-7 {
			t.Errorf("gradient %d: got %.9g, differences give %.9g", i, got.Grad[i], want)
		}
	}
}
