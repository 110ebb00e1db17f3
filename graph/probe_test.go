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
	"tapenet/graph/graphtest"

	"pgregory.net/rapid"
)

// probe is a probe of the sample's network, on its first image.
func (c sample) probe(t rapid.TB) *graph.Probe {
	t.Helper()
	p, err := c.net.Probe(c.weights)
	if err != nil {
		t.Fatal(err)
	}
	copy(p.X, c.x)
	return p
}

// part gives what layers [from, to) of the sample's network make of x in float64,
// given all weights.
func (c sample) part(t rapid.TB, from, to int, x, weights []float64) []float64 {
	t.Helper()
	if from == to {
		return x
	}
	net, err := c.net.Sequential()[from:to].Build(c.net.Layers[from].In...)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range c.net.Layers[:from] {
		weights = weights[l.NumParams():]
	}
	return graphtest.Run(net, weights[:net.NumParams()], x, []int{-1}).Outputs
}

// logits is how many layers give the logits.
func (c sample) logits() int {
	n := len(c.net.Layers)
	if c.net.Layers[n-1].Kind == graph.KindSoftMax {
		n--
	}
	return n
}

// score is Σ logits·selector in float64, given the input x of layer from.
func (c sample) score(t rapid.TB, from int, x, weights []float64, selector []float32) float64 {
	t.Helper()
	sum := 0.0
	for i, v := range c.part(t, from, c.logits(), x, weights) {
		sum += v * float64(selector[i])
	}
	return sum
}

// difference is the central difference of f when x moves in the direction d.
func difference(f func() float64, x, d []float64) float64 {
	const h = 1e-8 // rounding costs 1e-16 / h
	was := slices.Clone(x)
	at := func(h float64) float64 {
		for i := range x {
			x[i] = was[i] + h*d[i]
		}
		return f()
	}
	up, down := at(h), at(-h)
	copy(x, was)
	return (up - down) / (2 * h)
}

// differences are the central differences of f by each value of x.
func differences(f func() float64, x []float64) []float64 {
	g := make([]float64, len(x))
	for i := range x {
		d := make([]float64, len(x))
		d[i] = 1
		g[i] = difference(f, x, d)
	}
	return g
}

// probeTol is of sample.check.
const probeTol = 2e-5

// checkResults holds every layer's result against float64 loops.
func (c sample) checkResults(t rapid.TB, p *graph.Probe) {
	t.Helper()
	x, weights := wide(p.X), wide(c.weights)
	for i, l := range c.net.Layers {
		got, want := p.Result(l.Name), c.part(t, 0, i+1, x, weights)
		if len(got) != l.Out.Size() {
			t.Fatalf("%s: got %d values, want %d", l.Name, len(got), l.Out.Size())
		}
		if far, d := apart(got, want, probeTol); far {
			t.Errorf("%s: off by %.2g\ngot  %v\nwant %v", l.Name, d, got, want)
		}
	}
	if !slices.Equal(p.Result("x"), p.X) {
		t.Errorf("x: got %v, want %v", p.Result("x"), p.X)
	}
}

// oneHot are n zeros, but for what is set at the pairs of index and value.
func oneHot(n int, pairs map[int]float32) []float32 {
	v := make([]float32, n)
	for i, x := range pairs {
		v[i] = x
	}
	return v
}

// probed are small networks with every kind of layer in many places.
var probed = []struct {
	name   string
	in     []int
	layers graph.Sequential
}{
	{"OneLayer, small", []int{1, 9, 9}, graph.Sequential{graph.Conv2d(4, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(7), graph.Rectify, graph.Dense(4), graph.SoftMax}},
	{"TwoLayer, small", []int{2, 13, 12}, graph.Sequential{graph.Conv2d(4, 3), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(7), graph.Rectify, graph.Dense(4), graph.SoftMax}},
	{"Dense on rows", []int{6}, graph.Sequential{graph.Dense(3), graph.SoftMax}},
	{"without SoftMax", []int{6}, graph.Sequential{graph.Dense(5), graph.Rectify, graph.Dense(3)}},
	{"one logit", []int{6}, graph.Sequential{graph.Dense(1)}},
	{"SoftMax inside, and twice", []int{5}, graph.Sequential{graph.Dense(4), graph.SoftMax, graph.Rectify, graph.Dense(3), graph.SoftMax, graph.SoftMax}},
	{"without parameters", []int{2, 4, 4}, graph.Sequential{graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.SoftMax}},
	{"SoftMax alone", []int{4}, graph.Sequential{graph.SoftMax}},
	{"Flatten alone", []int{2, 2, 2}, graph.Sequential{graph.Flatten}},
	{"results are images", []int{2, 6, 5}, graph.Sequential{graph.MaxPool2D(1), graph.Conv2d(3, 2)}},
	{"pool at the end, remainder dropped", []int{1, 8, 9}, graph.Sequential{graph.Conv2d(2, 2), graph.MaxPool2D(3)}},
}

// TestProbeGradient holds the gradients by the pixels, by every layer's result and
// by every parameter against differences in float64, for one logit and for the
// difference of two.
func TestProbeGradient(t *testing.T) {
	for _, test := range probed {
		t.Run(test.name, func(t *testing.T) {
			c := newSample(t, rand.New(rand.NewPCG(5, 6)), test.layers, 1, test.in...)
			if m := c.reference().Margin; m < 1e-4 {
				t.Fatalf("margin %g: the random network sits on a kink", m)
			}
			p := c.probe(t)
			x, weights := wide(c.x), wide(c.weights)
			m := len(c.part(t, 0, c.logits(), x, weights))
			for _, selector := range [][]float32{oneHot(m, map[int]float32{m - 1: 1}), oneHot(m, map[int]float32{m / 2: -1, 0: 1})} {
				if err := p.Run(selector); err != nil {
					t.Fatal(err)
				}
				c.checkResults(t, p)
				check := func(name string, want []float64) {
					t.Helper()
					got := p.Gradient(name)
					if len(got) != len(want) {
						t.Errorf("%s: got %d gradients, want %d", name, len(got), len(want))
						return
					}
					if far, d := apart(got, want, probeTol); far {
						t.Errorf("%s: off by %.2g\ngot  %v\nwant %v", name, d, got, want)
					}
				}
				check("x", differences(func() float64 { return c.score(t, 0, x, weights, selector) }, x))
				for i := range c.logits() {
					y := wide(p.Result(c.net.Layers[i].Name))
					for j := range y {
						y[j] -= 1e-7 * float64(j) // so that of equal ones, as the zeros of Rectify, the first wins
					}
					check(c.net.Layers[i].Name, differences(func() float64 { return c.score(t, i+1, y, weights, selector) }, y))
				}
				for _, q := range c.net.Params {
					check(q.Name, differences(func() float64 { return c.score(t, 0, x, weights, selector) }, weights[q.Offset:q.Offset+q.Size]))
				}
				if last := c.net.Layers[len(c.net.Layers)-1]; last.Kind == graph.KindSoftMax && p.Gradient(last.Name) != nil {
					t.Errorf("%s: got a gradient by probabilities, want none", last.Name)
				}
			}
		})
	}
}

// TestProbeRandomLists holds all results against float64 loops, and the gradient
// in a random direction of pixels and parameters, for layers in any order.
func TestProbeRandomLists(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		layers, in := drawLayers(r)
		r.Log(in, layers)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		c := newSample(r, rng, layers, 1, in...)
		if c.reference().Margin < 1e-4 {
			r.Skip("the network sits on a kink")
		}
		p := c.probe(r)
		if err := p.Run(nil); err != nil {
			r.Fatal(err)
		}
		c.checkResults(r, p)
		x, weights := wide(c.x), wide(c.weights)
		selector := make([]float32, len(c.part(r, 0, c.logits(), x, weights)))
		for i := range selector {
			selector[i] = float32(rng.NormFloat64())
		}
		if err := p.Run(selector); err != nil {
			r.Fatal(err)
		}
		c.checkResults(r, p)
		along := func(name string, v []float64, got []float32) {
			d := make([]float64, len(v))
			sum, size := 0.0, 0.0
			for i := range d {
				d[i] = rng.NormFloat64() / math.Sqrt(float64(len(d)))
				sum += d[i] * float64(got[i])
				size += math.Abs(d[i] * float64(got[i]))
			}
			want := difference(func() float64 { return c.score(r, 0, x, weights, selector) }, v, d)
			if math.Abs(sum-want) > 1e-4*size+1e-5 {
				r.Errorf("%s: the gradient gives a slope of %.8g, differences %.8g", name, sum, want)
			}
		}
		along("x", x, p.Gradient("x"))
		for _, q := range c.net.Params {
			along(q.Name, weights[q.Offset:q.Offset+q.Size], p.Gradient(q.Name))
		}
	})
}

// TestProbeStep: the probabilities less the one-hot class select the gradient of
// the loss, which a machine that trains computes.
func TestProbeStep(t *testing.T) {
	c := newSample(t, rand.New(rand.NewPCG(1, 2)), probed[1].layers, 1, probed[1].in...)
	c.classes = []int{2}
	_, want := c.run(t, graph.Fused)
	p := c.probe(t)
	if err := p.Run(nil); err != nil {
		t.Fatal(err)
	}
	selector := slices.Clone(p.Result("softmax1"))
	selector[c.classes[0]]--
	if err := p.Run(selector); err != nil {
		t.Fatal(err)
	}
	for _, q := range c.net.Params {
		if far, d := apart(p.Gradient(q.Name), wide(q.Of(want)), probeTol); far {
			t.Errorf("%s: off by %.2g", q.Name, d)
		}
	}
}

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

// TestProbeWinners holds the winners against plain loops, where many values of a
// window are equal.
func TestProbeWinners(t *testing.T) {
	c := newSample(t, rand.New(rand.NewPCG(1, 2)), graph.Sequential{graph.MaxPool2D(3), graph.MaxPool2D(2)}, 1, 2, 14, 13)
	for i := range c.x {
		c.x[i] = float32(rand.New(rand.NewPCG(uint64(i), 1)).IntN(3))
	}
	p := c.probe(t)
	if err := p.Run(nil); err != nil {
		t.Fatal(err)
	}
	x := p.Result("x")
	for _, l := range c.net.Layers {
		height, width, side := l.In[1], l.In[2], l.Pool
		var want []int32
		for channel := range l.In[0] {
			pixels := x[channel*height*width:]
			for row := range height / side {
				for col := range width / side {
					best := row*side*width + col*side
					for i := range side * side {
						if at := (row*side+i/side)*width + col*side + i%side; pixels[at] > pixels[best] {
							best = at
						}
					}
					want = append(want, int32(best))
				}
			}
		}
		if got := p.Winners(l.Name); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", l.Name, got, want)
		}
		x = p.Result(l.Name)
	}
}
