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
)

// op is a computation of ours as a gorgonia.Op. Its shapes are fixed and it
// owns its result: do returns the same tensor on every run.
//
// ReturnsPtr and CallsExtern are false because only then the tape machine calls
// Do and inserts no allocation of its own (gorgonia's vm_tape_nocuda.go).
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

var (
	_ G.Op   = (*op)(nil)
	_ G.SDOp = (*diffOp)(nil)
)

func (o *op) Arity() int { return len(o.ranks) }

// Type builds a new type on each call, because gorgonia hands it back to a pool.
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

// ErrNaN is the error of a run that met a value that is not a number.
var ErrNaN = errors.New("a value is not a number")

// copyTo is x copied into a tensor of the given shape, and back for the
// gradient. It stands where Gorgonia's Reshape would: a Reshape shares its
// input's memory, so an op in place behind it would overwrite the input
// (gorgonia#511). It refuses NaN because MaxPool2D's gradient panics on a
// window of NaNs, in a goroutine of the tape machine where nothing can recover
// (gorgonia's op_nn.go).
//
// The tape machine's errors do not unwrap, so the op leaves its own in b.m.
func (b *builder) copyTo(name string, x *G.Node, shape ...int) (*G.Node, error) {
	copying := func(name string, from, to tensor.Shape) op {
		out := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(to.Clone()...))
		dst := out.Data().([]float32)
		return op{name: name, ranks: []int{from.Dims()}, shape: to, do: func(in []G.Value) (G.Value, error) {
			src, err := floats(in[0])
			if err != nil {
				return nil, err
			}
			for i, v := range src[:len(dst)] {
				if v != v {
					b.m.fault = errors.Wrap(ErrNaN, name)
					return nil, b.m.fault
				}
				dst[i] = v
			}
			return out, nil
		}}
	}
	forward := copying("copy "+name, x.Shape(), shape)
	return G.ApplyOp(&diffOp{forward, []bool{true}, func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		back := copying("copy "+name+" back", shape, in[0].Shape())
		n, err := G.ApplyOp(&back, grad)
		return G.Nodes{n}, err
	}}, x)
}

// floats are a tensor's values in row-major order: its memory where that is in
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
