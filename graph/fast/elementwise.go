package fast

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// Rectify returns max(0, x) for a float32 x of any shape. NaN stays NaN. Its gradient is 0 where x is 0, where that of
// gorgonia.Rectify is 1.
func Rectify(x *G.Node) (*G.Node, error) {
	const name = "Rectify"
	if err := float32Only(name, x); err != nil {
		return nil, err
	}
	return function{
		name:  name,
		in:    G.Nodes{x},
		shape: x.Shape(),
		do: func(in [][]float32, y []float32) {
			eachRange(len(y), 2, func(from, to int) { kernel.Rectify(in[0][from:to], y[from:to]) })
		},
		grads: []gradient{{reads: []int{1, 2}, do: func(in [][]float32, dx []float32) {
			eachRange(len(dx), 3, func(from, to int) { kernel.RectifyGrad(in[0][from:to], in[1][from:to], dx[from:to]) })
		}}},
	}.apply()
}

// Reshape returns a copy of a float32 x with another shape of as many values. gorgonia.Reshape shares the memory of x,
// and Gorgonia does not know it: an op that works in place on one of them changes the other (gorgonia#511).
func Reshape(x *G.Node, to tensor.Shape) (*G.Node, error) {
	const name = "Reshape"
	if err := float32Only(name, x); err != nil {
		return nil, err
	}
	if x.Dims() == 0 || to.Dims() == 0 || slices.Min(to) < 1 || to.TotalSize() != x.Shape().TotalSize() {
		return nil, errors.Errorf("%s: got shape %v, want one of %d values", describe(name, x), to, x.Shape().TotalSize())
	}
	duplicate := func(x, y []float32) { eachRange(len(y), 2, func(from, to int) { copy(y[from:to], x[from:to]) }) }
	return function{
		name:  name,
		in:    G.Nodes{x},
		shape: to.Clone(),
		do:    func(in [][]float32, y []float32) { duplicate(in[0], y) },
		grads: []gradient{{reads: []int{2}, do: func(in [][]float32, dx []float32) { duplicate(in[0], dx) }}},
	}.apply()
}
