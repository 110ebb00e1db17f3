package fast_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"tapenet/graph/fast"
)

// node returns an input of the graph.
func node(g *G.ExprGraph, name string, of tensor.Dtype, shape ...int) *G.Node {
	return G.NewTensor(g, of, len(shape), G.WithShape(shape...), G.WithName(name), G.WithInit(G.Zeroes()))
}

// TestErrors: an op that does not fit names itself and the shapes.
func TestErrors(t *testing.T) {
	g := G.NewGraph()
	f32 := func(shape ...int) *G.Node { return node(g, "", tensor.Float32, shape...) }
	f64 := func(shape ...int) *G.Node { return node(g, "", tensor.Float64, shape...) }
	im, filter, one := f32(2, 3, 5, 5), f32(4, 3, 3, 3), []int{1, 1}
	square, shapeless := tensor.Shape{3, 3}, G.NewMatrix(g, tensor.Float32, G.WithName("shapeless"))
	conv := func(im, filter *G.Node, kernel tensor.Shape, pad, stride, dilation []int) func() (*G.Node, error) {
		return func() (*G.Node, error) { return fast.Conv2d(im, filter, kernel, pad, stride, dilation) }
	}
	pool := func(x *G.Node, kernel tensor.Shape, pad, stride []int) func() (*G.Node, error) {
		return func() (*G.Node, error) { return fast.MaxPool2D(x, kernel, pad, stride) }
	}
	for want, apply := range map[string]func() (*G.Node, error){
		"Conv2d: input 1 is nil":                                   conv(im, nil, square, nil, one, nil),
		"Conv2d of (2, 3, 5, 5) and (4, 2, 3, 3): filters have":    conv(im, f32(4, 2, 3, 3), square, nil, one, nil),
		"Conv2d of (2, 75) and (4, 3, 3, 3): got 2 and 4 axes":     conv(f32(2, 75), filter, square, nil, one, nil),
		"kernel shape: got (2, 3), want the filters' (3, 3)":       conv(im, filter, tensor.Shape{2, 3}, nil, one, nil),
		"stride: got [], want two numbers of at least 1":           conv(im, filter, square, nil, nil, nil),
		"stride: got [0 1], want two numbers of at least 1":        conv(im, filter, square, nil, []int{0, 1}, nil),
		"pad: got [1], want two numbers of at least 0":             conv(im, filter, square, []int{1}, one, nil),
		"dilation: got [1 0], want two numbers of at least 1":      conv(im, filter, square, nil, one, []int{1, 0}),
		"filter of 7 x 7 on an image of 5 x 5":                     conv(im, f32(4, 3, 7, 7), tensor.Shape{7, 7}, nil, one, nil),
		"MaxPool2D of (2, 75): got 2 axes":                         pool(f32(2, 75), square, nil, one),
		"MaxPool2D of (2, 3, 5, 5): max-pool: image of 5 x 5":      pool(im, tensor.Shape{6, 6}, nil, one),
		"kernel: got [3], want two numbers of at least 1":          pool(im, tensor.Shape{3}, nil, one),
		"pad: got [1 0 0 0], want as many rows above as below":     pool(im, square, []int{1, 0, 0, 0}, one),
		"pad: got [3 3], want less than the window's (3, 3)":       pool(im, square, []int{3, 3}, one),
		"pad: got [0 2], want less than the window's (3, 2)":       pool(f64(1, 1, 4, 4), tensor.Shape{3, 2}, []int{0, 2}, one),
		"Mul of (2, 3) and (4, 5): got 4 rows of the second":       func() (*G.Node, error) { return fast.Mul(f32(2, 3), f32(4, 5)) },
		"Rectify of (2): got float64, want float32":                func() (*G.Node, error) { return fast.Rectify(f64(2)) },
		"SoftMax of (2, 3) over axes [0], want the last axis":      func() (*G.Node, error) { return fast.SoftMax(f32(2, 3), 0) },
		"SoftMax of (2, 3): got float64":                           func() (*G.Node, error) { return fast.SoftMax(f64(2, 3)) },
		"CrossEntropy of (2, 3) and (3, 2): want two matrices":     func() (*G.Node, error) { return fast.CrossEntropy(f32(2, 3), f32(3, 2)) },
		"Reshape of (2, 3): got shape (2, 2)":                      func() (*G.Node, error) { return fast.Reshape(f32(2, 3), tensor.Shape{2, 2}) },
		"Dropout of (2): got a probability of 1":                   func() (*G.Node, error) { return fast.Dropout(f32(2), 1) },
		"Dropout of (2): got a probability of -0.1":                func() (*G.Node, error) { return fast.Dropout(f32(2), -0.1) },
		"BroadcastAdd of (2, 3) and (1, 4)":                        func() (*G.Node, error) { return fast.BroadcastAdd(f32(2, 3), f32(1, 4), nil, []byte{0}) },
		"Conv2d of (0, 3, 5, 5) and (4, 3, 3, 3): input 0 has no":  conv(f32(0, 3, 5, 5), filter, square, nil, one, nil),
		"padding {Rows:1099511627776 Cols:0}, stride":              conv(im, filter, square, []int{1 << 40, 0}, one, nil),
		"dilation {Rows:1 Cols:4611686018427387904}, want at most": conv(im, filter, square, nil, one, []int{1, 1 << 62}),
		"Conv2d of (1, 1, 4, 4) and (2, 4, 1, 1): filters have 4":  conv(f64(1, 1, 4, 4), f64(2, 4, 1, 1), tensor.Shape{2, 2}, nil, one, one),
		"MaxPool2D of (1, 1, 4, 4): stride: got []":                pool(f64(1, 1, 4, 4), square, nil, nil),
		"Mul: input 1, shapeless :: Matrix float32, has no shape":  func() (*G.Node, error) { return fast.Mul(f32(2, 3), shapeless) },
		"SoftMax: input 0, shapeless :: Matrix float32, has no":    func() (*G.Node, error) { return fast.SoftMax(shapeless) },
		"SoftMax of (2, 0): input 0 has no values":                 func() (*G.Node, error) { return fast.SoftMax(f32(2, 0)) },
		"BroadcastAdd of (0, 3) and (1, 3): input 0 has no values": func() (*G.Node, error) { return fast.BroadcastAdd(f32(0, 3), f32(1, 3), nil, []byte{0}) },
		"Reshape of (2, 3): got shape (-2, -3)":                    func() (*G.Node, error) { return fast.Reshape(f32(2, 3), tensor.Shape{-2, -3}) },
		"Not all children have the same graph":                     func() (*G.Node, error) { return fast.Mul(f32(2, 3), node(G.NewGraph(), "", tensor.Float32, 3, 2)) },
	} {
		if _, err := apply(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

// TestGorgoniasOwn: what the kernels don't do is Gorgonia's own op, with its gradients.
func TestGorgoniasOwn(t *testing.T) {
	f32, f64, one := tensor.Float32, tensor.Float64, []int{1, 1}
	for name, c := range map[string]struct {
		of     tensor.Dtype
		shapes []tensor.Shape
		apply  func(in G.Nodes) (*G.Node, error)
	}{
		"Conv2d of float64": {f64, []tensor.Shape{{1, 1, 4, 4}, {1, 1, 2, 2}}, func(in G.Nodes) (*G.Node, error) {
			return fast.Conv2d(in[0], in[1], tensor.Shape{2, 2}, nil, one, nil)
		}},
		"MaxPool2D of float64, no pad": {f64, []tensor.Shape{{1, 1, 4, 4}}, func(in G.Nodes) (*G.Node, error) { return fast.MaxPool2D(in[0], tensor.Shape{2, 2}, nil, []int{2, 2}) }},
		"Mul of a vector":              {f32, []tensor.Shape{{2, 3}, {3}}, func(in G.Nodes) (*G.Node, error) { return fast.Mul(in[0], in[1]) }},
		"BroadcastAdd on axis 1":       {f32, []tensor.Shape{{2, 3}, {2, 1}}, func(in G.Nodes) (*G.Node, error) { return fast.BroadcastAdd(in[0], in[1], nil, []byte{1}) }},
		"BroadcastAdd from left":       {f32, []tensor.Shape{{1, 3}, {2, 3}}, func(in G.Nodes) (*G.Node, error) { return fast.BroadcastAdd(in[0], in[1], []byte{0}, nil) }},
	} {
		t.Run(name, func(t *testing.T) {
			g := G.NewGraph()
			var in G.Nodes
			for i, s := range c.shapes {
				in = append(in, node(g, fmt.Sprint(i), c.of, s...))
			}
			y, err := c.apply(in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := G.Grad(G.Must(G.Sum(y)), in...); err != nil {
				t.Fatal(err)
			}
			if err := G.NewTapeMachine(g).RunAll(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFloat64 compares the ops that hand float64 to Gorgonia's own with the definitions.
func TestFloat64(t *testing.T) {
	for _, name := range []string{"Conv2d", "MaxPool2D", "Mul", "BroadcastAdd"} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s, r := samples[name](t), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
				g := G.NewGraph()
				var in G.Nodes
				var values [][]float64
				for i, shape := range s.shapes {
					v := make([]float64, shape.TotalSize())
					for j := range v {
						v[j] = r.NormFloat64()
					}
					values = append(values, v)
					in = append(in, G.NewTensor(g, G.Float64, shape.Dims(), G.WithShape(shape...), G.WithName(fmt.Sprint(i)),
						G.WithValue(tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(v))))))
				}
				y, err := s.apply(in)
				if err != nil {
					t.Fatal(err)
				}
				var result G.Value
				G.Read(y, &result)
				grads, err := G.Grad(G.Must(G.Sum(y)), in...)
				if err != nil {
					t.Fatal(err)
				}
				m := G.NewTapeMachine(g)
				defer m.Close()
				if err := m.RunAll(); err != nil {
					t.Fatal(err)
				}
				got, want := [][]float64{result.Data().([]float64)}, [][]float64{s.want.forward(values)}
				for _, n := range grads {
					got = append(got, n.Value().Data().([]float64))
				}
				want = append(want, s.want.backward(values, slices.Repeat([]float64{1}, len(want[0])))...)
				for i := range want {
					if !slices.EqualFunc(got[i], want[i], func(a, b float64) bool { return math.Abs(a-b) < 1e-10 }) {
						t.Errorf("%s: result or gradient %d: got %v, want %v", s.name, i, got[i], want[i])
					}
				}
			})
		})
	}
}
