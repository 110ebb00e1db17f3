package graph

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// data is a tensor's memory. Values between ops of ours are always in order.
func data(v G.Value) []float32 { return v.(*tensor.Dense).Float32s() }

// result is a tensor that an op owns, and its memory.
func result(s Shape) (*tensor.Dense, []float32) {
	v := kernel.Aligned(s.Size())
	return tensor.New(tensor.WithShape(s...), tensor.WithBacking(v)), v
}

// shapeOf is a node's shape, with the batch axis.
func shapeOf(n *G.Node) Shape { return Shape(n.Shape()) }

// newOp is an op with the given inputs and shape of its result.
func (f *fuser) newOp(name string, in G.Nodes, shape Shape, do func(in []G.Value) (G.Value, error)) op {
	o := op{name: name, shape: tensor.Shape(shape), do: do, times: &f.m.Times}
	for _, n := range in {
		o.ranks = append(o.ranks, n.Dims())
	}
	return o
}

// mapping is what an op without parameters computes from x to y, and its
// gradient from dy to dx.
type mapping struct {
	forward  func(x, y []float32)
	backward func(y, dy, dx []float32)
}

// apply adds the op of a mapping with a result of the given shape.
func (f *fuser) apply(name string, shape Shape, m mapping) error {
	in := G.Nodes{f.x}
	out, y := result(shape)
	forward := diffOp{wrt: []bool{f.learned}}
	forward.op = f.newOp(name, in, shape, func(in []G.Value) (G.Value, error) {
		m.forward(data(in[0]), y)
		return out, nil
	})
	forward.grad = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		t, dx := result(shapeOf(in[0]))
		from := G.Nodes{out, grad}
		back := f.newOp("∂ "+name, from, shapeOf(in[0]), func(in []G.Value) (G.Value, error) {
			m.backward(data(in[0]), data(in[1]), dx)
			return t, nil
		})
		n, err := G.ApplyOp(&back, from...)
		return G.Nodes{n}, err
	}
	return f.then(&forward, in, y)
}

// then makes an op with the result y the last one.
func (f *fuser) then(o *diffOp, in G.Nodes, y []float32) error {
	x, err := G.ApplyOp(o, in...)
	f.x, f.y = x, y
	return errors.Wrap(err, o.name)
}

// plan is a kernel with parameters, kernel.Conv or kernel.Dense.
type plan interface {
	Pack(w []float32)
	Forward(n int, x, bias, y []float32)
	GradWeights(n int, x, y, dy, dw, db []float32, add bool)
	GradInput(n int, y, dy, dx []float32)
}

// learn adds the op of a plan, which has the parameters of layer l.
func (f *fuser) learn(l Placed, p plan, shape Shape) error {
	m := f.m
	in := append(G.Nodes{f.x}, f.layerParams(l)...)
	out, y := result(shape)
	packed := 0 // version of the weights that the plan has
	needDX := f.learned
	forward := diffOp{wrt: []bool{needDX, true, true}}
	forward.op = f.newOp(l.Name, in, shape, func(in []G.Value) (G.Value, error) {
		if packed != m.version {
			p.Pack(data(in[1]))
			packed = m.version
		}
		p.Forward(m.N, data(in[0]), data(in[2]), y)
		return out, nil
	})
	forward.grad = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		dw, db, err := f.paramGrads(l, p, in[0], out, grad)
		if err != nil || !needDX {
			return G.Nodes{nil, dw, db}, err
		}
		t, dx := result(shapeOf(in[0]))
		from := G.Nodes{out, grad}
		o := f.newOp("∂ "+l.Name+" input", from, shapeOf(in[0]), func(in []G.Value) (G.Value, error) {
			p.GradInput(m.N, data(in[0]), data(in[1]), dx)
			return t, nil
		})
		n, err := G.ApplyOp(&o, from...)
		return G.Nodes{n, dw, db}, err
	}
	f.learned = true
	return f.then(&forward, in, y)
}

// paramGrads adds the gradients of a layer's weight and bias. One kernel
// computes both, in the op of the weight; the op of the bias hands out its half.
// Their memory is the vector that Run was given.
func (f *fuser) paramGrads(l Placed, p plan, x, out, grad *G.Node) (dw, db *G.Node, err error) {
	m := f.m
	w, b := f.slotOf(l.Params[0]), f.slotOf(l.Params[1])
	from := G.Nodes{x, out, grad}
	ow := f.newOp("∂ "+w.Name, from, w.node, func(in []G.Value) (G.Value, error) {
		p.GradWeights(m.N, data(in[0]), data(in[1]), data(in[2]), w.of(m.grad), b.of(m.grad), m.add)
		return m.view[w.Name], nil
	})
	if dw, err = G.ApplyOp(&ow, from...); err != nil {
		return nil, nil, err
	}
	ob := f.newOp("∂ "+b.Name, G.Nodes{dw}, b.node, func([]G.Value) (G.Value, error) { return m.view[b.Name], nil })
	db, err = G.ApplyOp(&ob, dw)
	return dw, db, err
}
