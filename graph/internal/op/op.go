// Package op makes ops of Gorgonia out of functions. Such an op has a fixed shape and owns its result: it hands out the
// same value on every run.
package op

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// Op is a computation as a gorgonia.Op.
//
// ReturnsPtr and CallsExtern are false: only then does the tape machine call Do and insert no allocation of its own
// (gorgonia's vm_tape_nocuda.go).
type Op struct {
	Name  string // unique in its graph: nodes of equal hash are merged
	Ranks []int  // axes of each input; 0 is a scalar
	Shape tensor.Shape
	Run   func(in []G.Value) (G.Value, error)
}

// Diff is an op that gorgonia.Grad can differentiate.
type Diff struct {
	Op
	Wrt  []bool // the inputs that have a gradient
	Grad func(in G.Nodes, out, grad *G.Node) (G.Nodes, error)
}

var _ G.SDOp = (*Diff)(nil) // else gorgonia.Grad would not ask for a gradient

// Ranks returns the number of axes of each node.
func Ranks(in G.Nodes) []int {
	ranks := make([]int, len(in))
	for i, n := range in {
		ranks[i] = n.Dims()
	}
	return ranks
}

func (o *Op) Arity() int { return len(o.Ranks) }

// Type makes a new type on each call, because Gorgonia hands it back to a pool.
func (o *Op) Type() hm.Type {
	types := make([]hm.Type, 0, len(o.Ranks)+1)
	for _, r := range o.Ranks {
		types = append(types, axes(r))
	}
	return hm.NewFnType(append(types, axes(o.Shape.Dims()))...)
}

func axes(n int) hm.Type {
	a := hm.TypeVariable('a')
	if n == 0 {
		return a
	}
	return G.TensorType{Dims: n, Of: a}
}

func (o *Op) InferShape(...G.DimSizer) (tensor.Shape, error) { return o.Shape.Clone(), nil }
func (o *Op) ReturnsPtr() bool                               { return false }
func (o *Op) CallsExtern() bool                              { return false }
func (o *Op) OverwritesInput() int                           { return -1 }
func (o *Op) String() string                                 { return o.Name }
func (o *Op) WriteHash(h hash.Hash)                          { fmt.Fprint(h, o.Name) }
func (o *Op) Do(in ...G.Value) (G.Value, error)              { return o.Run(in) }

func (o *Op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

func (o *Diff) DiffWRT(int) []bool { return o.Wrt }

func (o *Diff) SymDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) { return o.Grad(in, out, grad) }

// Result returns a tensor for an op to own, and its memory.
func Result(shape []int) (*tensor.Dense, []float32) {
	v := kernel.Aligned(tensor.Shape(shape).TotalSize())
	return tensor.New(tensor.WithShape(shape...), tensor.WithBacking(v)), v
}

// Floats returns a tensor's values in row-major order: its own memory if that is in order, else a copy.
func Floats(v G.Value) ([]float32, error) {
	d, ok := v.(*tensor.Dense)
	if !ok {
		return nil, errors.Errorf("got a value of %T, want a dense tensor", v)
	}
	if d.Dtype() != tensor.Float32 {
		return nil, errors.Errorf("got a tensor of %v, want float32", d.Dtype())
	}
	if d.RequiresIterator() {
		d = d.Materialize().(*tensor.Dense)
	}
	if d.DataOrder().IsColMajor() {
		return nil, errors.New("got a tensor with its columns one after another, want its rows")
	}
	return d.Float32s(), nil
}
