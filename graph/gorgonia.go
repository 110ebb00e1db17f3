package graph

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// gorgonia lowers a network to Gorgonia's own ops, one layer after the other, as
// a textbook would write it. Where they are wrong it goes around them: see
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

// build adds the layers and, for a network that ends with SoftMax, the loss and
// its gradients.
func (s gorgonia) build(b *builder) error {
	b.m.hiding = b.slots // Mul leaves out what an input of 0 is multiplied by
	layers := b.net.Layers
	last := layers[len(layers)-1]
	if last.Kind == KindSoftMax {
		layers = layers[:len(layers)-1]
	}
	x := b.x
	for i, l := range layers {
		var err error
		if x, err = s.layer(b, l, x); err != nil {
			return errors.WithMessagef(err, "layer %d, %v", i+1, l.Layer)
		}
		b.group(l.Name)
	}
	if last.Kind != KindSoftMax {
		b.unscored(b.read(x))
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
	b.group(last.Name)
	b.m.outputs = b.read(probs)
	logs := b.read(logProbs)
	b.m.score = func() (Score, error) {
		v, err := logs()
		if err != nil {
			return Score{}, err
		}
		return score(v, b.m.Y, last.Out[0]), nil
	}
	if b.mode == Forward {
		return nil
	}
	if b.m.cost, err = crossEntropy(logProbs, b.target(Shape(logProbs.Shape()))); err != nil {
		return errors.WithMessage(err, "loss")
	}
	b.group("loss")
	return s.differentiate(b)
}

// differentiate adds the gradient of the loss by every parameter. The values
// are read from the gradients' own nodes, not from dual values, which would
// add up over the runs.
func (gorgonia) differentiate(b *builder) error {
	var wrt G.Nodes
	for _, s := range b.slots {
		wrt = append(wrt, b.params[s.Name])
	}
	nodes, err := G.Grad(b.m.cost, wrt...)
	if err != nil {
		return errors.Wrap(err, "gradients")
	}
	b.group(gradients)
	grads := make([]func() ([]float32, error), len(nodes))
	for i, n := range nodes {
		grads[i] = b.read(n)
	}
	b.m.grads = func(sum []float32, add bool) error {
		for i, s := range b.slots {
			g, err := grads[i]()
			if err != nil {
				return errors.WithMessage(err, s.Name)
			}
			dst := s.of(sum)
			if len(g) != len(dst) {
				return errors.Errorf("gradient of %s: got %d values, want %d", s.Name, len(g), len(dst))
			}
			if !add {
				copy(dst, g)
				continue
			}
			for j, v := range g {
				dst[j] += v
			}
		}
		return nil
	}
	return nil
}

// layer adds one layer to the graph of x. The result of SoftMax is (N, M); the
// last layer of a network is lowered by logSoftMax instead.
func (gorgonia) layer(b *builder, l NamedLayer, x *G.Node) (*G.Node, error) {
	params := b.layerParams(l)
	switch l.Kind {
	case KindConv2d:
		y, err := G.Conv2d(x, params[0], tensor.Shape{l.Kernel, l.Kernel}, []int{0, 0}, []int{1, 1}, []int{1, 1})
		if err != nil {
			return nil, errors.Wrap(err, "Conv2d")
		}
		return wrap(G.BroadcastAdd(y, params[1], nil, []byte{0, 2, 3}))("bias")
	case KindRectify:
		return b.mapped(l.Name, x, rectify, x.Shape()...)
	case KindMaxPool2D:
		return b.mapped(l.Name, x, newLoopPool(l, b.m.N, false).mapping(), slices.Concat(Shape{b.m.N}, l.Out)...)
	case KindFlatten:
		return b.mapped(l.Name, x, same, b.m.N, l.Out[0])
	case KindDense:
		y, err := G.Mul(x, params[0])
		if err != nil {
			return nil, errors.Wrap(err, "Mul")
		}
		return wrap(G.BroadcastAdd(y, params[1], nil, []byte{0}))("bias")
	case KindSoftMax:
		y, err := logSoftMax(b, l, x)
		if err != nil {
			return nil, err
		}
		if y, err = G.Exp(y); err != nil {
			return nil, errors.Wrap(err, "Exp")
		}
		return b.mapped(l.Name+" rows", y, same, x.Shape()...)
	}
	return nil, errors.Errorf("unknown op %q", l.Kind)
}

// mapped is x mapped to a tensor of the given shape.
func (b *builder) mapped(name string, x *G.Node, m mapping, shape ...int) (*G.Node, error) {
	y, _, err := b.mapTo(name, x, shape, true, m)
	return y, err
}

func wrap(n *G.Node, err error) func(op string) (*G.Node, error) {
	return func(op string) (*G.Node, error) { return n, errors.Wrap(err, op) }
}

// logSoftMax is the logarithm of SoftMax, (N, M, 1). The trailing axis keeps
// the rows apart: over a last axis Gorgonia subtracts the first logit of the
// whole batch instead of the row's largest (tensor's
// defaultengine_softmax.go), and rows far from it become 0 or NaN.
func logSoftMax(b *builder, l NamedLayer, x *G.Node) (*G.Node, error) {
	y, err := b.mapped(l.Name, x, same, b.m.N, l.In[0], 1)
	if err != nil {
		return nil, err
	}
	return wrap(G.LogSoftMax(y, 1))("LogSoftMax")
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
	return wrap(G.Neg(sum))("Neg")
}
