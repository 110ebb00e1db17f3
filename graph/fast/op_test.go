package fast_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"tapenet/graph/fast"
)

// A sample is an op with inputs, and what it must give.
type sample struct {
	name   string
	shapes []tensor.Shape
	values [][]float32
	apply  func(in G.Nodes) (*G.Node, error)
	want   reference
	target bool // the second input is a distribution: it has no negative values
}

// samples draw one sample of each op.
var samples = map[string]func(t *rapid.T) sample{
	"Conv2d": func(t *rapid.T) sample {
		w := drawWindow(t, true)
		return sample{
			name:   fmt.Sprintf("%+v", w),
			shapes: []tensor.Shape{{w.n, w.c, w.h, w.w}, {w.f, w.c, w.side[0], w.side[1]}},
			apply: func(in G.Nodes) (*G.Node, error) {
				return fast.Conv2d(in[0], in[1], w.side[:], w.pad[:], w.step[:], w.away[:])
			},
			want: conv2d(w),
		}
	},
	"MaxPool2D": func(t *rapid.T) sample {
		w := drawWindow(t, false)
		pad := w.pad[:]
		if rapid.Bool().Draw(t, "four") {
			pad = []int{pad[0], pad[0], pad[1], pad[1]}
		}
		return sample{
			name:   fmt.Sprintf("%+v", w),
			shapes: []tensor.Shape{{w.n, w.c, w.h, w.w}},
			apply:  func(in G.Nodes) (*G.Node, error) { return fast.MaxPool2D(in[0], w.side[:], pad, w.step[:]) },
			want:   maxPool(w),
		}
	},
	"Rectify": func(t *rapid.T) sample {
		return sample{shapes: []tensor.Shape{drawShape(t)}, apply: func(in G.Nodes) (*G.Node, error) { return fast.Rectify(in[0]) }, want: rectify}
	},
	"Reshape": func(t *rapid.T) sample {
		s := drawShape(t)
		return sample{
			shapes: []tensor.Shape{s},
			apply:  func(in G.Nodes) (*G.Node, error) { return fast.Reshape(in[0], tensor.Shape{1, s.TotalSize()}) },
			want:   same,
		}
	},
	"Mul": func(t *rapid.T) sample {
		n, d, m := upTo(t, "N", 40), upTo(t, "D", 70), upTo(t, "M", 70)
		return sample{
			shapes: []tensor.Shape{{n, d}, {d, m}},
			apply:  func(in G.Nodes) (*G.Node, error) { return fast.Mul(in[0], in[1]) },
			want:   mul(n, d, m),
		}
	},
	"BroadcastAdd": func(t *rapid.T) sample {
		n, c, h, w := upTo(t, "N", 10), upTo(t, "C", 6), upTo(t, "H", 9), upTo(t, "W", 9)
		s := sample{shapes: []tensor.Shape{{n, c, h, w}, {1, c, 1, 1}}, want: bias(h * w)}
		axes := []byte{0, 2, 3}
		if rapid.Bool().Draw(t, "matrix") {
			s.shapes, s.want, axes = []tensor.Shape{{n, c}, {1, c}}, bias(1), []byte{0}
		}
		s.apply = func(in G.Nodes) (*G.Node, error) { return fast.BroadcastAdd(in[0], in[1], nil, axes) }
		return s
	},
	"SoftMax": func(t *rapid.T) sample {
		s := drawShape(t)
		return sample{
			shapes: []tensor.Shape{s},
			apply:  func(in G.Nodes) (*G.Node, error) { return fast.SoftMax(in[0]) },
			want:   softMax(s[len(s)-1]),
		}
	},
	"CrossEntropy": func(t *rapid.T) sample {
		n, m := upTo(t, "N", 20), upTo(t, "M", 12)
		return sample{
			shapes: []tensor.Shape{{n, m}, {n, m}},
			apply:  func(in G.Nodes) (*G.Node, error) { return fast.CrossEntropy(in[0], in[1]) },
			want:   crossEntropy(m),
			target: true,
		}
	},
	"Dropout of nothing": func(t *rapid.T) sample {
		return sample{shapes: []tensor.Shape{drawShape(t)}, apply: func(in G.Nodes) (*G.Node, error) { return fast.Dropout(in[0], 0) }, want: same}
	},
}

func upTo(t *rapid.T, what string, most int) int { return rapid.IntRange(1, most).Draw(t, what) }

func drawShape(t *rapid.T) tensor.Shape {
	s := make(tensor.Shape, rapid.IntRange(1, 4).Draw(t, "axes"))
	for i := range s {
		s[i] = upTo(t, "size", 12)
	}
	return s
}

// drawWindow draws one that fits, of a convolution or of a pool.
func drawWindow(t *rapid.T, conv bool) window {
	w := window{n: upTo(t, "N", 11), c: upTo(t, "C", 5), away: [2]int{1, 1}}
	size := [2]int{}
	for i := range 2 {
		w.side[i], w.step[i] = upTo(t, "side", 4), upTo(t, "stride", 3)
		most := w.side[i] - 1
		if conv {
			w.away[i], most = upTo(t, "dilation", 2), 3
		}
		w.pad[i] = rapid.IntRange(0, most).Draw(t, "pad")
		size[i] = max(1, (w.side[i]-1)*w.away[i]+1-2*w.pad[i]) + upTo(t, "more", 8) - 1
	}
	w.h, w.w = size[0], size[1]
	if conv {
		w.f = upTo(t, "F", 20)
	}
	return newWindow(w)
}

// fill draws the values: of ordinary size, or whole numbers, of which many are 0 or equal.
func (s *sample) fill(t *rapid.T) {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	whole := rapid.Bool().Draw(t, "whole")
	for k, shape := range s.shapes {
		v := make([]float32, shape.TotalSize())
		for i := range v {
			if v[i] = float32(r.NormFloat64()); whole {
				v[i] = float32(r.IntN(5) - 2)
			}
			if s.target && k == 1 {
				v[i] = max(v[i], 0)
			}
		}
		s.values = append(s.values, v)
	}
}

// tensors returns nodes of a graph with the values of the sample.
func (s *sample) tensors(g *G.ExprGraph) G.Nodes {
	var in G.Nodes
	for i, shape := range s.shapes {
		in = append(in, input(g, fmt.Sprintf("in%d", i), shape, s.values[i]))
	}
	return in
}

// input returns a node that has these values.
func input(g *G.ExprGraph, name string, shape tensor.Shape, v []float32) *G.Node {
	return G.NewTensor(g, G.Float32, shape.Dims(), G.WithShape(shape...), G.WithName(name),
		G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v)))))
}

// weights are the gradient of the result that tests use: all different.
func weights(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i%17-8)/8 + 0.01
	}
	return v
}

// TestOps compares results and gradients of random samples with the definitions.
func TestOps(t *testing.T) {
	for name, draw := range samples {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := draw(t)
				s.fill(t)
				s.check(t)
			})
		})
	}
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check runs the sample twice on a tape, between ops of Gorgonia's own: Σ weights·op(inputs).
func (s *sample) check(t fataler) {
	t.Helper()
	g := G.NewGraph()
	in := s.tensors(g)
	y, err := s.apply(in)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	var result G.Value
	G.Read(y, &result)
	dy := weights(y.Shape().TotalSize())
	cost, wrt := y, G.Nodes{}
	if y.Dims() > 0 {
		cost = G.Must(G.Sum(G.Must(G.HadamardProd(y, input(g, "weights", y.Shape(), dy)))))
	} else {
		dy = []float32{3}
		cost = G.Must(G.Mul(y, G.NewConstant(dy[0])))
	}
	doubles := make([][]float64, len(in))
	for i, v := range s.values {
		doubles[i] = float64s(v)
	}
	want := s.want.backward(doubles, float64s(dy))
	for i, d := range want {
		if d != nil {
			wrt = append(wrt, in[i])
		}
	}
	grads, err := G.Grad(cost, wrt...)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	m := G.NewTapeMachine(g)
	defer m.Close()
	for range 2 {
		if err := m.RunAll(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		near(t, s.name+": result", floats(result), s.want.forward(doubles))
		for i, n := range grads {
			near(t, fmt.Sprintf("%s: gradient %d", s.name, i), floats(n.Value()), want[i])
		}
		m.Reset()
	}
	for i, n := range in {
		if !slices.Equal(floats(n.Value()), s.values[i]) {
			t.Fatalf("%s: input %d has changed", s.name, i)
		}
	}
}

func float64s(v []float32) []float64 {
	d := make([]float64, len(v))
	for i, x := range v {
		d[i] = float64(x)
	}
	return d
}

// floats are the values of a tensor or a scalar.
func floats(v G.Value) []float32 {
	if s, ok := v.(*G.F32); ok {
		return []float32{float32(*s)}
	}
	return v.(*tensor.Dense).Float32s()
}

// near fails unless all values agree to five digits of the greatest.
func near(t fataler, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", what, len(got), len(want))
	}
	size := 0.1
	for _, v := range want {
		size = max(size, math.Abs(v))
	}
	for i, v := range got {
		if !(math.Abs(float64(v)-want[i]) <= 1e-5*size) {
			t.Fatalf("%s: value %d: got %g, want %g", what, i, v, want[i])
		}
	}
}
