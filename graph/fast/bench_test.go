package fast_test

import (
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/fast"
)

// BenchmarkOps runs each op with its gradients, ours beside Gorgonia's own, at the sizes of Gorgonia's example convnet.
// testdata/pytorch_convnet.py does the same with PyTorch.
func BenchmarkOps(b *testing.B) {
	square, one, two, none := tensor.Shape{3, 3}, []int{1, 1}, []int{2, 2}, []int{0, 0}
	type apply func(in G.Nodes) (*G.Node, error)
	for _, c := range []struct {
		name        string
		shapes      []tensor.Shape
		wrt         int // the first input that has a gradient
		stock, ours apply
	}{
		{"Conv2d-1x28x28-32", []tensor.Shape{{100, 1, 28, 28}, {32, 1, 3, 3}}, 1,
			func(in G.Nodes) (*G.Node, error) { return G.Conv2d(in[0], in[1], square, one, one, one) },
			func(in G.Nodes) (*G.Node, error) { return fast.Conv2d(in[0], in[1], square, one, one, one) }},
		{"Conv2d-32x14x14-64", []tensor.Shape{{100, 32, 14, 14}, {64, 32, 3, 3}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.Conv2d(in[0], in[1], square, one, one, one) },
			func(in G.Nodes) (*G.Node, error) { return fast.Conv2d(in[0], in[1], square, one, one, one) }},
		{"Conv2d-64x7x7-128", []tensor.Shape{{100, 64, 7, 7}, {128, 64, 3, 3}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.Conv2d(in[0], in[1], square, one, one, one) },
			func(in G.Nodes) (*G.Node, error) { return fast.Conv2d(in[0], in[1], square, one, one, one) }},
		{"BroadcastAdd-32x28x28", []tensor.Shape{{100, 32, 28, 28}, {1, 32, 1, 1}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.BroadcastAdd(in[0], in[1], nil, []byte{0, 2, 3}) },
			func(in G.Nodes) (*G.Node, error) { return fast.BroadcastAdd(in[0], in[1], nil, []byte{0, 2, 3}) }},
		{"Rectify-32x28x28", []tensor.Shape{{100, 32, 28, 28}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.Rectify(in[0]) },
			func(in G.Nodes) (*G.Node, error) { return fast.Rectify(in[0]) }},
		{"MaxPool2D-32x28x28", []tensor.Shape{{100, 32, 28, 28}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.MaxPool2D(in[0], tensor.Shape{2, 2}, none, two) },
			func(in G.Nodes) (*G.Node, error) { return fast.MaxPool2D(in[0], tensor.Shape{2, 2}, none, two) }},
		{"Dropout-32x14x14", []tensor.Shape{{100, 32, 14, 14}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.Dropout(in[0], 0.2) },
			func(in G.Nodes) (*G.Node, error) { return fast.Dropout(in[0], 0.2) }},
		{"Mul-1152-625", []tensor.Shape{{100, 1152}, {1152, 625}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.Mul(in[0], in[1]) },
			func(in G.Nodes) (*G.Node, error) { return fast.Mul(in[0], in[1]) }},
		{"SoftMax-1000", []tensor.Shape{{100, 1000}}, 0,
			func(in G.Nodes) (*G.Node, error) { return G.SoftMax(in[0]) },
			func(in G.Nodes) (*G.Node, error) { return fast.SoftMax(in[0]) }},
	} {
		for _, f := range []struct {
			name string
			apply
		}{{"stock", c.stock}, {"fast", c.ours}} {
			b.Run(c.name+"/"+f.name, func(b *testing.B) {
				g := G.NewGraph()
				s := sample{shapes: c.shapes}
				for _, shape := range c.shapes {
					s.values = append(s.values, weights(shape.TotalSize()))
				}
				in := s.tensors(g)
				y, err := f.apply(in)
				if err != nil {
					b.Fatal(err)
				}
				dy := input(g, "dy", y.Shape(), weights(y.Shape().TotalSize()))
				if _, err := G.Backpropagate(G.Nodes{y}, G.Nodes{dy}, in[c.wrt:]); err != nil {
					b.Fatal(err)
				}
				m := G.NewTapeMachine(g)
				defer m.Close()
				b.ReportAllocs()
				for b.Loop() {
					if err := m.RunAll(); err != nil {
						b.Fatal(err)
					}
					m.Reset()
				}
			})
		}
	}
}
