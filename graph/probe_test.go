package graph_test

import (
	"math"
	"math/rand/v2"
	"slices"
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
