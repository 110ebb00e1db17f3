package fast_test

import (
	"fmt"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	"tapenet/graph/fast"
)

// TestLispMachine compares the gradients of Gorgonia's other machine with the definitions.
func TestLispMachine(t *testing.T) {
	for name, draw := range samples {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := draw(t)
				s.fill(t)
				g := G.NewGraph()
				in := s.tensors(g)
				y, err := s.apply(in)
				if err != nil {
					t.Fatal(err)
				}
				dy := weights(y.Shape().TotalSize())
				if y.Dims() > 0 {
					G.Must(G.Sum(G.Must(G.HadamardProd(y, input(g, "weights", y.Shape(), dy)))))
				} else {
					dy = []float32{3}
					G.Must(G.Mul(y, G.NewConstant(dy[0])))
				}
				doubles := make([][]float64, len(in))
				for i, v := range s.values {
					doubles[i] = float64s(v)
				}
				m := G.NewLispMachine(g)
				defer m.Close()
				if err := m.RunAll(); err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				for i, d := range s.want.backward(doubles, float64s(dy)) {
					if d == nil {
						continue
					}
					v, err := in[i].Grad()
					if err != nil {
						t.Fatal(err)
					}
					near(t, fmt.Sprintf("%s: gradient %d", s.name, i), floats(v), d)
				}
			})
		})
	}
}

// TestLispMachineAddsUp: an input of two ops has the sum of their gradients.
func TestLispMachineAddsUp(t *testing.T) {
	g := G.NewGraph()
	x := input(g, "x", tensor.Shape{2}, []float32{-1, 2})
	bias := input(g, "b", tensor.Shape{1, 2}, []float32{0, 0})
	y := G.Must(G.Add(G.Must(fast.Rectify(x)), G.Must(fast.Rectify(x))))
	z := G.Must(fast.BroadcastAdd(G.Must(fast.Reshape(y, tensor.Shape{1, 2})), bias, nil, []byte{0}))
	G.Must(G.Sum(z))
	m := G.NewLispMachine(g)
	defer m.Close()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	v, err := x.Grad()
	if err != nil {
		t.Fatal(err)
	}
	near(t, "gradient", floats(v), []float64{0, 2})
}
