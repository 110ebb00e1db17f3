package graph_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"tapenet/graph"
)

// TestProbeForgets: what a run did not compute is nil, whatever runs were before.
func TestProbeForgets(t *testing.T) {
	c := newSample(t, rand.New(rand.NewPCG(1, 2)), probed[0].layers, 1, probed[0].in...)
	p := c.probe(t)
	check := func(what string, results, gradients bool) {
		t.Helper()
		nodes := p.Nodes()
		for _, n := range nodes {
			want := results
			if n.Grad {
				want = gradients
			}
			if got := p.Value(n.ID) != nil; got != want {
				t.Errorf("%s: %+v has a value: %t, want %t", what, n, got, want)
			}
		}
		for _, in := range p.Tape() {
			if in.Time != 0 && nodes[in.Node].Grad && !gradients {
				t.Errorf("%s: %+v has a time", what, in)
			}
		}
		if (p.Gradient("conv1") != nil) != gradients || (p.Gradient("x") != nil) != gradients || (p.Gradient("dense1.weight") != nil) != gradients {
			t.Errorf("%s: are there gradients? want %t", what, gradients)
		}
		if (p.Result("conv1") != nil) != results || (p.Winners("pool1") != nil) != results {
			t.Errorf("%s: are there results? want %t", what, results)
		}
	}
	run := func(selector []float32) {
		t.Helper()
		if err := p.Run(selector); err != nil {
			t.Fatal(err)
		}
	}
	check("no run", false, false)
	run(nil)
	check("forward", true, false)
	run(make([]float32, 4))
	check("full", true, true)
	run(nil)
	check("forward again", true, false)
	p.X[3] = float32(math.NaN())
	if err := p.Run(nil); err == nil {
		t.Error("NaN: no error")
	}
	check("failed", false, false)
	for _, name := range []string{"", "conv2", "conv1.weight", "y"} {
		if p.Result(name) != nil || p.Winners(name) != nil {
			t.Errorf("%q has a result", name)
		}
	}
	if p.Value(-1) != nil || p.Value(len(p.Nodes())) != nil {
		t.Error("a node that is not there has a value")
	}
}

// TestProbeErrors: vectors of another length and NaN.
func TestProbeErrors(t *testing.T) {
	c := newSample(t, rand.New(rand.NewPCG(1, 2)), probed[0].layers, 1, probed[0].in...)
	p := c.probe(t)
	for _, n := range []int{0, len(c.weights) - 1, len(c.weights) + 1} {
		if _, err := c.net.Probe(make([]float32, n)); err == nil {
			t.Errorf("a probe of %d weights: no error", n)
		}
		if err := p.SetWeights(make([]float32, n)); err == nil {
			t.Errorf("%d weights: no error", n)
		}
	}
	for _, n := range []int{0, 3, 5} {
		if err := p.Run(make([]float32, n)); err == nil {
			t.Errorf("a selector of %d values: no error", n)
		}
	}
	none, inf := float32(math.NaN()), float32(math.Inf(1))
	if err := p.Run([]float32{0, 0, none, 0}); !errors.Is(err, graph.ErrNaN) || !strings.HasPrefix(err.Error(), "selector") {
		t.Errorf("NaN in the selector: got %v, want ErrNaN", err)
	}
	if err := p.Run([]float32{inf, -inf, 0, 0}); !errors.Is(err, graph.ErrNaN) || p.Result("conv1") != nil {
		t.Errorf("NaN in a gradient: got %v and values, want ErrNaN and none", err)
	}
	for i := range c.weights {
		w := slices.Clone(c.weights)
		w[i] = none
		if err := p.SetWeights(w); err != nil {
			t.Fatal(err)
		}
		if err := p.Run(nil); !errors.Is(err, graph.ErrNaN) {
			t.Fatalf("NaN in weight %d: got %v, want ErrNaN", i, err)
		}
	}
	if err := p.SetWeights(slices.Repeat([]float32{inf}, len(c.weights))); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(nil); !errors.Is(err, graph.ErrNaN) {
		t.Errorf("infinite weights: got %v, want ErrNaN", err)
	}
}

// TestProbeNaNInOneGradient: a NaN is found where no other gradient has one.
func TestProbeNaNInOneGradient(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, test := range []struct {
		of       string
		layers   graph.Sequential
		in       []int
		weights  []float32
		selector []float32
	}{
		{"conv1.bias", graph.Sequential{graph.Conv2d(1, 1)}, []int{1, 1, 2}, []float32{1, 0}, []float32{inf, -inf}},
		{"x", graph.Sequential{graph.Dense(2)}, []int{1}, []float32{inf, inf, 0, 0}, []float32{1, -1}},
	} {
		c := newSample(t, rand.New(rand.NewPCG(1, 2)), test.layers, 1, test.in...)
		c.weights = test.weights
		p := c.probe(t)
		p.X[0] = 1
		p.X[len(p.X)-1] = -1
		if err := p.Run(test.selector); !errors.Is(err, graph.ErrNaN) {
			t.Errorf("%s: got error %v and gradient %v, want ErrNaN", test.of, err, p.Gradient(test.of))
		}
	}
}

// TestProbeSetWeights: a probe has a copy of its weights, which SetWeights replaces.
func TestProbeSetWeights(t *testing.T) {
	c := newSample(t, rand.New(rand.NewPCG(1, 2)), probed[0].layers, 1, probed[0].in...)
	p := c.probe(t)
	other := slices.Clone(c.weights)
	for i := range c.weights {
		c.weights[i] *= -0.5
	}
	if err := p.SetWeights(c.weights); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(nil); err != nil {
		t.Fatal(err)
	}
	c.checkResults(t, p)
	copy(c.weights, other)
	if err := p.Run(nil); err != nil {
		t.Fatal(err)
	}
	for i := range c.weights {
		c.weights[i] *= -0.5
	}
	c.checkResults(t, p)
}

// TestProbesTogether: probes of one network run at the same time.
func TestProbesTogether(t *testing.T) {
	c := newSample(t, rand.New(rand.NewPCG(1, 2)), probed[1].layers, 1, probed[1].in...)
	alone := c.probe(t)
	selector := []float32{0, 1, 0, -1}
	if err := alone.Run(selector); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			p, err := c.net.Probe(c.weights)
			if err != nil {
				t.Error(err)
				return
			}
			copy(p.X, c.x)
			for range 20 {
				if err := p.Run(selector); err != nil {
					t.Error(err)
				}
				for _, name := range []string{"x", "conv1.weight", "dense2.bias", "pool2"} {
					if !slices.Equal(p.Gradient(name), alone.Gradient(name)) {
						t.Errorf("gradient of %s: another than that of a probe alone", name)
					}
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkProbe takes the time of a look at OneLayer: its results, and with the
// gradients of a logit.
func BenchmarkProbe(b *testing.B) {
	net, err := graph.Sequential{graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(100), graph.Rectify, graph.Dense(10), graph.SoftMax}.Build(1, 28, 28)
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	weights := make([]float32, net.NumParams())
	for i := range weights {
		weights[i] = rng.Float32() - 0.5
	}
	p, err := net.Probe(weights)
	if err != nil {
		b.Fatal(err)
	}
	for i := range p.X {
		p.X[i] = rng.Float32()
	}
	for name, selector := range map[string][]float32{"forward": nil, "gradients": oneHot(10, map[int]float32{3: 1})} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Run(selector); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A probe shows why a network answers as it does, and can learn from one image.
func ExampleNetwork_Probe() {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(3)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := net.Probe([]float32{1, 2, 3, 3, 2, 1, 0, 0}) // two rows of weights, two biases
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(p.X, []float32{1, 0, 1})
	if err := p.Run([]float32{1, -1}); err != nil { // the first logit less the second
		fmt.Println(err)
		return
	}
	probabilities := p.Result("softmax1")
	fmt.Println("logits", p.Result("dense1"), "probabilities", probabilities)
	fmt.Println("∂ (logit 0 − logit 1) / ∂ x =", p.Gradient("x"))

	selector := []float32{probabilities[0] - 1, probabilities[1]} // the image is of class 0
	if err := p.Run(selector); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("∂ loss / ∂ dense1.weight =", p.Gradient("dense1.weight"))
	// Output:
	// logits [4 4] probabilities [0.5 0.5]
	// ∂ (logit 0 − logit 1) / ∂ x = [-2 0 2]
	// ∂ loss / ∂ dense1.weight = [-0.5 0 -0.5 0.5 0 0.5]
}
