package graph

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
	"tapenet/graph/internal/op"
)

// newOp is an op on the nodes in, with a result of the given shape. Its time goes to
// Machine.Times.
func (b *builder) newOp(name string, in G.Nodes, shape Shape, do func(in []G.Value) (G.Value, error)) op.Op {
	m := b.m
	return newSharedOp(name, in, shape, func(in []G.Value) (v G.Value, err error) {
		m.timed(name, func() { v, err = do(in) })
		return v, err
	})
}

// newSharedOp is newOp for an op whose parts are timed.
func newSharedOp(name string, in G.Nodes, shape Shape, do func(in []G.Value) (G.Value, error)) op.Op {
	return op.Op{Name: name, Ranks: op.Ranks(in), Shape: tensor.Shape(shape), Run: do}
}

// shapeOf is a node's shape, with the batch axis.
func shapeOf(n *G.Node) Shape { return Shape(n.Shape()) }

// mapping is what an op without parameters does: forward sets y, backward sets
// dx to the gradient.
type mapping struct {
	forward  func(x, y []float32)
	backward func(y, dy, dx []float32)
	linear   bool // backward does not read y

	part func(i, n int) mapping // part i of n, which does a share of both; nil: not worth it
}

// mapTo adds the op of a mapping of x. It returns the op's result, of the given
// shape, and the result's memory. The op has a gradient if x depends on something
// learned.
func (b *builder) mapTo(name string, x *G.Node, shape Shape, learned bool, m mapping) (*G.Node, []float32, error) {
	in := G.Nodes{x}
	out, y := op.Result(shape)
	machine, work := b.m, newShareable(m, 16*len(y), m.part) // a value costs as much as a few multiply-adds
	forward := op.Diff{Wrt: []bool{learned}}
	forward.Op = newSharedOp(name, in, shape, func(in []G.Value) (G.Value, error) {
		x, err := op.Floats(in[0])
		if err != nil {
			return nil, err
		}
		each(machine, name, work, func(m mapping) { m.forward(x, y) })
		return out, nil
	})
	forward.Grad = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		t, dx := op.Result(shapeOf(in[0]))
		from := G.Nodes{grad}
		if !m.linear {
			from = append(from, out) // so that y is still there
		}
		back := newSharedOp("∂ "+name, from, shapeOf(in[0]), func(in []G.Value) (G.Value, error) {
			dy, err := op.Floats(in[0])
			if err != nil {
				return nil, err
			}
			each(machine, "∂ "+name, work, func(m mapping) { m.backward(y, dy, dx) })
			return t, nil
		})
		n, err := G.ApplyOp(&back, from...)
		return G.Nodes{n}, err
	}
	node, err := G.ApplyOp(&forward, in...)
	return node, y, errors.Wrap(err, name)
}

// The mappings that both lowerings have.
var (
	// rectify is ours because Gorgonia's own Rectify has a gradient of 1 at 0, and
	// what can be built of its other ops makes NaN of -Inf·0.
	rectify = mapping{forward: kernel.Rectify, backward: kernel.RectifyGrad}
	// same copies, in place of Gorgonia's Reshape. That shares its input's memory,
	// so that an op in place after it would overwrite the input (gorgonia#511).
	same = mapping{
		forward:  func(x, y []float32) { copy(y, x) },
		backward: func(_, dy, dx []float32) { copy(dx, dy) },
		linear:   true,
	}
)
