package graph

import (
	"fmt"
	"hash"
	"hash/fnv"
	"time"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// op is one of our computations as a gorgonia.Op. Its shapes are fixed, and it
// owns its result: do returns the same tensor on every run.
//
// ReturnsPtr and CallsExtern are false: only then does the tape machine call Do
// and insert no allocation of its own (gorgonia's vm_tape_nocuda.go).
type op struct {
	name  string // unique in its graph: nodes of equal hash are merged
	ranks []int  // axes of each input; 0 is a scalar
	shape tensor.Shape
	do    func(in []G.Value) (G.Value, error)
	times *map[string]time.Duration // Machine.Times, or nil
}

// diffOp is an op that gorgonia.Grad can differentiate.
type diffOp struct {
	op
	wrt  []bool // the inputs that have a gradient
	grad func(in G.Nodes, out, grad *G.Node) (G.Nodes, error)
}

var _ G.SDOp = (*diffOp)(nil) // else gorgonia.Grad would not ask for a gradient

func (o *op) Arity() int { return len(o.ranks) }

// Type makes a new type on each call, because Gorgonia hands it back to a pool.
func (o *op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.ranks)+1)
	for _, r := range o.ranks {
		types = append(types, axes(r))
	}
	return hm.NewFnType(append(types, axes(o.shape.Dims()))...)
}

func axes(n int) hm.Type {
	a := hm.TypeVariable('a')
	if n == 0 {
		return a
	}
	return G.TensorType{Dims: n, Of: a}
}

func (o *op) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.shape.Clone(), nil }
func (o *op) ReturnsPtr() bool                               { return false }
func (o *op) CallsExtern() bool                              { return false }
func (o *op) OverwritesInput() int                           { return -1 }
func (o *op) String() string                                 { return o.name }
func (o *op) WriteHash(h hash.Hash)                          { fmt.Fprint(h, o.name) }

func (o *op) Do(in ...G.Value) (G.Value, error) {
	if o.times == nil || *o.times == nil {
		return o.do(in)
	}
	start := time.Now()
	v, err := o.do(in)
	(*o.times)[o.name] += time.Since(start)
	return v, err
}

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *diffOp) DiffWRT(int) []bool { return o.wrt }

func (o *diffOp) SymDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	return o.grad(in, out, grad)
}

// newOp is an op on the nodes in, with a result of the given shape.
func (b *builder) newOp(name string, in G.Nodes, shape Shape, do func(in []G.Value) (G.Value, error)) op {
	o := op{name: name, shape: tensor.Shape(shape), do: do, times: &b.m.Times}
	for _, n := range in {
		o.ranks = append(o.ranks, n.Dims())
	}
	return o
}

// result is a tensor that an op owns, and its memory.
func result(s Shape) (*tensor.Dense, []float32) {
	v := kernel.Aligned(s.Size())
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(v)), v
}

// shapeOf is a node's shape, with the batch axis.
func shapeOf(n *G.Node) Shape { return Shape(n.Shape()) }

// mapping is what an op without parameters does: forward sets y, backward sets
// dx to the gradient.
type mapping struct {
	forward  func(x, y []float32)
	backward func(y, dy, dx []float32)
	linear   bool // backward does not read y
}

// mapTo adds the op of a mapping of x. It returns the op's result, of the given
// shape, and the result's memory. The op has a gradient if x depends on something
// learned.
func (b *builder) mapTo(name string, x *G.Node, shape Shape, learned bool, m mapping) (*G.Node, []float32, error) {
	in := G.Nodes{x}
	out, y := result(shape)
	forward := diffOp{wrt: []bool{learned}}
	forward.op = b.newOp(name, in, shape, func(in []G.Value) (G.Value, error) {
		x, err := floats(in[0])
		if err != nil {
			return nil, err
		}
		m.forward(x, y)
		return out, nil
	})
	forward.grad = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		t, dx := result(shapeOf(in[0]))
		from := G.Nodes{grad}
		if !m.linear {
			from = append(from, out) // so that y is still there
		}
		back := b.newOp("∂ "+name, from, shapeOf(in[0]), func(in []G.Value) (G.Value, error) {
			dy, err := floats(in[0])
			if err != nil {
				return nil, err
			}
			m.backward(y, dy, dx)
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

// floats are a tensor's values in row-major order: its own memory if that is in
// order, else a copy.
func floats(v G.Value) ([]float32, error) {
	d, ok := v.(*tensor.Dense)
	if !ok {
		return nil, errors.Errorf("got a value of %T, want a dense tensor", v)
	}
	if d.RequiresIterator() || d.IsMaterializable() {
		d = d.Materialize().(*tensor.Dense)
	}
	f, ok := d.Data().([]float32)
	if !ok {
		return nil, errors.Errorf("got a tensor of %v, want float32", d.Dtype())
	}
	return f, nil
}
