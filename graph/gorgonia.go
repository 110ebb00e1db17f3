package graph

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/op"
)

// gorgonia lowers a network to Gorgonia's own ops, layer after layer, as a
// textbook would write it. Where they are wrong it goes around them: see
// rectify, same, loopPool and logSoftMax.
type gorgonia struct{}

// ownsResults: many of Gorgonia's ops work in place or in preallocated memory.
func (gorgonia) ownsResults() bool { return false }

// slot: a dense weight is stored (D, M), so that it multiplies from the right;
// a bias is broadcast over the batch and the pixels.
func (gorgonia) slot(l NamedLayer, i int) slot {
	p := l.Params[i]
	switch {
	case l.Kind == KindConv2d && i == 0:
		return slot{node: p.Shape, view: p.Shape, perm: []int{0, 1, 2, 3}}
	case l.Kind == KindConv2d:
		return slot{node: Shape{1, p.Size, 1, 1}, view: p.Shape, perm: []int{0}}
	case i == 0:
		return slot{node: Shape{p.Shape[1], p.Shape[0]}, view: p.Shape, perm: []int{1, 0}}
	}
	return slot{node: Shape{1, p.Size}, view: p.Shape, perm: []int{0}}
}

// gorgoniaKeeps is what the ops of a layer leave in memory for their gradient.
var gorgoniaKeeps = map[Kind][]string{
	KindConv2d: {"input"}, KindRectify: {"where > 0"}, KindMaxPool2D: {"who won"}, KindDense: {"input"}, KindDropout: {"mask"}, KindSoftMax: {"output"},
}

// build adds the layers and, for a network that ends with SoftMax, the score,
// the loss and its gradients.
func (s gorgonia) build(b *builder) error {
	b.m.hidesNaN = true // Mul leaves out what an input of 0 is multiplied by
	layers, last := b.net.Layers, b.last()
	if last.Kind == KindSoftMax {
		layers = layers[:len(layers)-1]
	}
	x := b.x
	for i, l := range layers {
		var err error
		if x, err = s.layer(b, l, x); err != nil {
			return errors.WithMessagef(err, "layer %d, %v", i+1, l.Layer)
		}
		b.section(l.Name, b.net.Layers[i:i+1], gorgoniaKeeps[l.Kind]...)
	}
	if last.Kind != KindSoftMax {
		out := b.read(x)
		b.m.after = func() (err error) {
			b.m.out, err = op.Floats(*out)
			return err
		}
		return nil
	}
	logProbs, err := logSoftMax(b, last, x)
	if err != nil {
		return errors.WithMessagef(err, "layer %d, %v", len(layers)+1, last.Layer)
	}
	probs, err := G.Exp(logProbs)
	if err != nil {
		return errors.Wrap(err, "Exp")
	}
	b.section(last.Name, b.net.Layers[len(layers):], "log p")
	out, logs := b.read(probs), b.read(logProbs)
	var grads []*G.Value
	if b.mode == Training {
		loss, err := crossEntropy(logProbs, b.target(shapeOf(logProbs)))
		if err != nil {
			return errors.WithMessage(err, "loss")
		}
		b.section("loss", nil, "y")
		nodes, err := b.differentiate(loss)
		if err != nil {
			return err
		}
		for _, n := range nodes {
			grads = append(grads, b.read(n))
		}
	}
	b.m.after = func() error { return b.m.fetch(out, logs, grads) }
	return nil
}

// fetch takes the results, the score and the gradient of this run out of the
// values that the tape machine has read. grads are of the gradients' own nodes:
// the dual values of parameters would add up over the runs.
func (m *Machine) fetch(out, logs *G.Value, grads []*G.Value) (err error) {
	if m.out, err = op.Floats(*out); err != nil {
		return err
	}
	logProbs, err := op.Floats(*logs)
	if err != nil {
		return err
	}
	m.score = score(logProbs, m.Y, len(m.Y)/m.N)
	for i, v := range grads {
		s := m.slots[i]
		g, err := op.Floats(*v)
		if err != nil {
			return errors.WithMessage(err, s.Name)
		}
		dst := s.of(m.grad)
		if len(g) != len(dst) {
			return errors.Errorf("gradient of %s: got %d values, want %d", s.Name, len(g), len(dst))
		}
		if !m.add {
			copy(dst, g)
			continue
		}
		for j, v := range g {
			dst[j] += v
		}
	}
	return nil
}

// layer adds one layer to the graph of x. The result of SoftMax is (N, M); the
// last layer of a network is lowered by logSoftMax instead.
func (gorgonia) layer(b *builder, l NamedLayer, x *G.Node) (*G.Node, error) {
	params := b.layerParams(l)
	switch l.Kind {
	case KindConv2d:
		w := l.Window()
		x, _, err := b.extended(l.Name, x, l.In, w, 0, false, true)
		if err != nil {
			return nil, err
		}
		y, err := G.Conv2d(x, params[0], tensor.Shape{w.Side, w.Side}, []int{w.Top, w.Left}, []int{w.Stride, w.Stride}, []int{1, 1})
		if err != nil {
			return nil, errors.Wrap(err, "Conv2d")
		}
		y, err = G.BroadcastAdd(y, params[1], nil, []byte{0, 2, 3})
		return y, errors.Wrap(err, "bias")
	case KindRectify:
		return b.mapped(l.Name, x, rectify, shapeOf(x))
	case KindMaxPool2D:
		pool := newLoopPool(l, b.m.N, false)
		b.pools[l.Name] = pool
		return b.mapped(l.Name, x, pool.mapping(), b.rows(l.Out))
	case KindFlatten:
		return b.mapped(l.Name, x, same, b.rows(l.Out))
	case KindDropout:
		if b.mode == Forward {
			return x, nil
		}
		y, _, err := b.dropped(l, x, false, true)
		return y, err
	case KindDense:
		y, err := G.Mul(x, params[0])
		if err != nil {
			return nil, errors.Wrap(err, "Mul")
		}
		y, err = G.BroadcastAdd(y, params[1], nil, []byte{0})
		return y, errors.Wrap(err, "bias")
	case KindSoftMax:
		y, err := logSoftMax(b, l, x)
		if err != nil {
			return nil, err
		}
		if y, err = G.Exp(y); err != nil {
			return nil, errors.Wrap(err, "Exp")
		}
		return b.mapped(l.Name+" rows", y, same, shapeOf(x))
	}
	return nil, errors.Errorf("unknown kind of layer %q", l.Kind)
}

// mapped is x mapped to a tensor of the given shape.
func (b *builder) mapped(name string, x *G.Node, m mapping, shape Shape) (*G.Node, error) {
	y, _, err := b.mapTo(name, x, shape, true, m)
	return y, err
}

// logSoftMax is the logarithm of SoftMax, (N, M, 1). The trailing axis keeps
// the rows apart: over a last axis Gorgonia subtracts the first logit of the
// whole batch instead of the row's largest (tensor's
// defaultengine_softmax.go), and rows far from it become 0 or NaN.
func logSoftMax(b *builder, l NamedLayer, x *G.Node) (*G.Node, error) {
	y, err := b.mapped(l.Name, x, same, b.rows(Shape{l.In[0], 1}))
	if err != nil {
		return nil, err
	}
	y, err = G.LogSoftMax(y, 1)
	return y, errors.Wrap(err, "LogSoftMax")
}

// crossEntropy is the sum over the batch of -log of the probability of each
// image's class: one scalar. A row of zeros in y leaves its image out.
func crossEntropy(logProbs, y *G.Node) (*G.Node, error) {
	picked, err := G.HadamardProd(logProbs, y)
	if err != nil {
		return nil, errors.Wrap(err, "HadamardProd")
	}
	sum, err := G.Sum(picked)
	if err != nil {
		return nil, errors.Wrap(err, "Sum")
	}
	loss, err := G.Neg(sum)
	return loss, errors.Wrap(err, "Neg")
}
