package fast

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/op"
)

// A run is a computation with the memory of its result.
type run struct {
	shape tensor.Shape
	do    func(in [][]float32, out []float32)
	sizes []int // values of each input
	in    [][]float32
	out   []float32
	value G.Value
}

// newRun returns a run on the values of the nodes in, with a result of the given shape.
func newRun(in G.Nodes, shape tensor.Shape, do func(in [][]float32, out []float32)) *run {
	r := &run{shape: shape, do: do, in: make([][]float32, len(in))}
	for _, n := range in {
		r.sizes = append(r.sizes, n.Shape().TotalSize())
	}
	if shape.Dims() > 0 {
		r.value, r.out = op.Result(shape)
	} else {
		r.value, r.out = new(G.F32), make([]float32, 1)
	}
	return r
}

// values computes the result from the values of the inputs.
func (r *run) values(in []G.Value) (G.Value, error) {
	for i, v := range in {
		x, err := floats(v)
		if err == nil && len(x) != r.sizes[i] {
			err = errors.Errorf("got %d values, want %d", len(x), r.sizes[i])
		}
		if err != nil {
			return nil, errors.Wrapf(err, "input %d", i)
		}
		r.in[i] = x
	}
	r.do(r.in, r.out)
	if s, ok := r.value.(*G.F32); ok {
		*s = G.F32(r.out[0])
	}
	return r.value, nil
}

// floats returns the values of a tensor or a scalar.
func floats(v G.Value) ([]float32, error) {
	if s, ok := v.(*G.F32); ok {
		return []float32{float32(*s)}, nil
	}
	return op.Floats(v)
}

// addGradient adds v to the gradient that a machine keeps for an input, a tensor.
func addGradient(n *G.Node, v G.Value) error {
	kept, err := n.Grad()
	if err != nil {
		return err
	}
	if d, ok := kept.(*tensor.Dense); ok && d.RequiresIterator() {
		return errors.Errorf("the gradient of %v is a view, want a tensor in order", n)
	}
	sum, err := op.Floats(kept)
	if err != nil {
		return err
	}
	terms, err := op.Floats(v)
	if err != nil {
		return err
	}
	for i := range sum {
		sum[i] += terms[i]
	}
	return nil
}
