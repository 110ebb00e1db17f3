package graph

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/op"
)

// data is a tensor's memory. The values of our own ops are always in order.
func data(v G.Value) []float32 { return v.(*tensor.Dense).Float32s() }

// apply adds the op of a mapping, whose result has the given shape.
func (f *fuser) apply(name string, shape Shape, m mapping) error {
	x, y, err := f.mapTo(name, f.x, shape, f.learned, m)
	f.x, f.y = x, y
	return err
}

// then adds an op whose result has the memory y.
func (f *fuser) then(o *op.Diff, in G.Nodes, y []float32) error {
	x, err := G.ApplyOp(o, in...)
	f.x, f.y = x, y
	return errors.Wrap(err, o.Name)
}

// plan is a kernel with parameters, kernel.Conv or kernel.Dense.
type plan interface {
	Pack(w []float32)
	Forward(n int, x, bias, y []float32)
	GradWeights(n int, x, y, dy, dw, db []float32, add bool)
	GradInput(n int, y, dy, dx []float32)
}

// learn adds the op of a plan with the parameters of layer l.
func (f *fuser) learn(l NamedLayer, p *shareable[plan], shape Shape) error {
	in := append(G.Nodes{f.x}, f.layerParams(l)...)
	out, y := op.Result(shape)
	packed := 0         // the version of the weights that the plan holds
	needDX := f.learned // else nothing before has parameters
	forward := op.Diff{Wrt: []bool{needDX, true, true}}
	forward.Op = newSharedOp(l.Name, in, shape, func(in []G.Value) (G.Value, error) {
		if packed != f.m.version {
			p.whole.Pack(data(in[1]))
			packed = f.m.version
		}
		each(f.m, l.Name, p, func(p plan) { p.Forward(f.m.N, data(in[0]), data(in[2]), y) })
		return out, nil
	})
	forward.Grad = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		dw, db, err := f.paramGrads(l, p, in[0], out, grad)
		if err != nil || !needDX {
			return G.Nodes{nil, dw, db}, err
		}
		t, dx := op.Result(shapeOf(in[0]))
		from := G.Nodes{out, grad}
		name := "∂ " + l.Name + " input"
		o := newSharedOp(name, from, shapeOf(in[0]), func(in []G.Value) (G.Value, error) {
			each(f.m, name, p, func(p plan) { p.GradInput(f.m.N, data(in[0]), data(in[1]), dx) })
			return t, nil
		})
		n, err := G.ApplyOp(&o, from...)
		return G.Nodes{n, dw, db}, err
	}
	return f.then(&forward, in, y)
}

// paramGrads adds the gradients of a layer's weight and bias. One kernel
// computes both, in the op of the weight, and the op of the bias hands out its
// half. Their memory is the vector that Run was given.
func (f *fuser) paramGrads(l NamedLayer, p *shareable[plan], x, out, grad *G.Node) (dw, db *G.Node, err error) {
	m := f.m
	i := slices.IndexFunc(m.slots, func(s slot) bool { return s.Name == l.Params[0].Name })
	w, b := m.slots[i], m.slots[i+1]
	from := G.Nodes{x, out, grad}
	name := "∂ " + w.Name
	ow := newSharedOp(name, from, w.node, func(in []G.Value) (G.Value, error) {
		x, y, dy := data(in[0]), data(in[1]), data(in[2])
		eachLater(m, name, p, func(p plan) { p.GradWeights(m.N, x, y, dy, w.of(m.grad), b.of(m.grad), m.add) })
		return m.view[w.Name], nil
	})
	if dw, err = G.ApplyOp(&ow, from...); err != nil {
		return nil, nil, err
	}
	ob := f.newOp("∂ "+b.Name, G.Nodes{dw}, b.node, func([]G.Value) (G.Value, error) { return m.view[b.Name], nil })
	db, err = G.ApplyOp(&ob, dw)
	return dw, db, err
}
