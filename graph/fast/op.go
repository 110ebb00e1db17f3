package fast

import (
	"fmt"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/op"
)

// A function is an op to be: do sets every value of out, which has the given shape, from the inputs, which it only reads.
type function struct {
	name  string
	in    G.Nodes
	shape tensor.Shape // of the result; none: a scalar
	do    func(in [][]float32, out []float32)
	grads []gradient // of each input
	state any        // what the op keeps from run to run; one with a mode has the method SetTraining(bool)
}

// A gradient sets every value of out, which has the shape of its input. One without do is none, the input has no
// gradient, unless it is the same as that of the result.
type gradient struct {
	reads []int // the inputs by number, then the result and the result's gradient by the next two numbers
	do    func(in [][]float32, out []float32)
	same  bool
}

func (g *gradient) exists() bool { return g.do != nil || g.same }

// apply adds the function to the graph of its inputs and returns the node of the result.
func (f function) apply() (*G.Node, error) {
	o := &differentiable{f: f}
	o.Op = newOp(f.name, f.in, newRun(f.in, f.shape, f.do))
	for _, g := range f.grads {
		o.Wrt = append(o.Wrt, g.exists())
	}
	o.Grad = o.symbolic
	n, err := G.ApplyOp(o, f.in...)
	return n, errors.Wrap(err, describe(f.name, f.in...))
}

// newOp returns an op that no other of its graph is equal to: Gorgonia would merge them, but each has a memory of its
// own. The number of nodes so far makes the name unique.
func newOp(name string, in G.Nodes, r *run) op.Op {
	name = fmt.Sprintf("%s %d", name, in[0].Graph().AllNodes().Len())
	return op.Op{Name: name, Ranks: op.Ranks(in), Shape: r.shape, Run: func(v []G.Value) (G.Value, error) {
		out, err := r.values(v)
		return out, errors.Wrap(err, name)
	}}
}

// differentiable is a function as Gorgonia wants it.
type differentiable struct {
	op.Diff
	f      function
	byHand []*run // the gradients for LispMachine, made when first needed
}

var (
	_ G.ADOp        = (*differentiable)(nil)
	_ G.TrainModeOp = (*differentiable)(nil)
)

// SetTraining tells the function which mode it is in. Machines call it when they are made.
func (o *differentiable) SetTraining(training bool) error {
	if s, ok := o.f.state.(interface{ SetTraining(bool) }); ok {
		s.SetTraining(training)
	}
	return nil
}

// symbolic adds the gradients of the inputs to the graph.
//
// Gorgonia asks for the gradient of every input, also of images that are not learned, and executes every node. But it
// marks the nodes whose gradient somebody wants (Node.Deriv): where there is no mark, and nothing in the graph reads the
// gradient either, it stays at zero.
func (o *differentiable) symbolic(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	all := append(in[:len(in):len(in)], out, grad)
	nodes := make(G.Nodes, len(in))
	for i, g := range o.f.grads {
		if g.same {
			nodes[i] = grad
		}
		if g.do == nil {
			continue
		}
		from := pick(all, g.reads)
		r := newRun(from, in[i].Shape(), g.do)
		back := newOp(fmt.Sprintf("∂%s by input %d", o.Name, i), from, r)
		var node *G.Node
		compute := back.Run
		back.Run = func(v []G.Value) (G.Value, error) {
			if in[i].Deriv() == nil && node.Graph().To(node.ID()).Len() == 0 {
				return r.value, nil
			}
			return compute(v)
		}
		var err error
		if node, err = G.ApplyOp(&back, from...); err != nil {
			return nil, errors.Wrap(err, back.Name)
		}
		nodes[i] = node
	}
	return nodes, nil
}

// DoDiff adds this run's gradients to those of the inputs. LispMachine calls it.
func (o *differentiable) DoDiff(_ G.ExecutionContext, in G.Nodes, out *G.Node) error {
	dy, err := out.Grad()
	if err != nil {
		return errors.Wrap(err, o.Name)
	}
	nodes, values := append(in[:len(in):len(in)], out, out), []G.Value{}
	for _, n := range nodes[:len(in)+1] {
		values = append(values, n.Value())
	}
	values = append(values, dy)
	if o.byHand == nil {
		o.byHand = make([]*run, len(in))
	}
	for i, g := range o.f.grads {
		if !g.exists() {
			continue
		}
		v := dy
		if g.do != nil {
			if o.byHand[i] == nil {
				o.byHand[i] = newRun(pick(nodes, g.reads), in[i].Shape(), g.do)
			}
			if v, err = o.byHand[i].values(pick(values, g.reads)); err != nil {
				return errors.Wrap(err, o.Name)
			}
		}
		if err := addGradient(in[i], v); err != nil {
			return errors.Wrap(err, o.Name)
		}
	}
	return nil
}

// pick returns the elements with these numbers.
func pick[T any](from []T, numbers []int) []T {
	picked := make([]T, len(numbers))
	for i, k := range numbers {
		picked[i] = from[k]
	}
	return picked
}
