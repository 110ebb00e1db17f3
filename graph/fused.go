package graph

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/kernel"
)

// fused lowers a network to ops of ours, each one kernel for a run of
// neighbouring layers: Conv2d, Rectify and MaxPool2D; Dense and Rectify;
// SoftMax and the loss. Between the ops an image is (N, H, W, C), channels last,
// and so are the values of one in a row. Flatten is no op then, Rectify and
// SoftMax don't care, and a dense weight is stored in the order of its inputs:
// NamedLayer.image alone says which that is.
type fused struct{}

func (fused) slot(l NamedLayer, i int) slot {
	p := l.Params[i]
	switch {
	case i == 1:
		return slot{node: p.Shape, view: p.Shape, perm: []int{0}}
	case l.Kind == KindConv2d:
		s := p.Shape
		return slot{node: Shape{s[0], s[2], s[3], s[1]}, view: s, perm: []int{0, 2, 3, 1}} // (F, K, K, C)
	}
	node := Shape{p.Shape[1], p.Shape[0]}
	if l.image == nil {
		return slot{node: node, view: p.Shape, perm: []int{1, 0}} // (D, M)
	}
	return slot{node: node, view: slices.Concat(p.Shape[:1], l.image), perm: []int{2, 3, 1, 0}} // (H*W*C, M)
}

func (fused) ownsResults() bool { return true }

// fusedLayers is how many of the layers, from the first on, become one op.
func fusedLayers(layers []NamedLayer) int {
	next := func(i int, op Kind) bool { return i < len(layers) && layers[i].Kind == op }
	n := 1
	switch layers[0].Kind {
	case KindConv2d:
		if next(n, KindRectify) {
			n++
		}
		if next(n, KindMaxPool2D) && layers[n].Pool <= kernel.MaxPoolSide {
			n++
		}
	case KindDense:
		if next(n, KindRectify) {
			n++
		}
	}
	return n
}

// build adds op after op.
func (fused) build(b *builder) error {
	f := &fuser{builder: b, x: b.x, y: b.m.X}
	if len(b.net.In) == 3 {
		if err := f.channelsLast(b.net.In); err != nil {
			return err
		}
		f.group("x")
	}
	layers := b.net.Layers
	for i := 0; i < len(layers); {
		n := fusedLayers(layers[i:])
		if err := f.add(layers[i:i+n], i+n == len(layers)); err != nil {
			return errors.WithMessagef(err, "layer %d, %v", i+1, layers[i].Layer)
		}
		f.group(layers[i].Name)
		i += n
	}
	if last := b.net.Layers[len(b.net.Layers)-1]; last.Kind != KindSoftMax {
		if err := f.channelsFirst(last.Name, last.imageOut()); err != nil {
			return err
		}
		f.group(last.Name)
		b.unscored(func() ([]float32, error) { return f.y, nil })
	}
	return nil
}

// fuser is a lowering under way.
type fuser struct {
	*builder
	x       *G.Node   // result of the layers so far,
	y       []float32 // and its memory
	learned bool      // x depends on a parameter, so its gradient is wanted
}

// add adds the op of some layers, which are the network's last if last.
func (f *fuser) add(layers []NamedLayer, last bool) error {
	l, end := layers[0], layers[len(layers)-1]
	rectified := len(layers) > 1 && layers[1].Kind == KindRectify
	switch l.Kind {
	case KindConv2d:
		c := kernel.ConvConfig{N: f.m.N, H: l.In[1], W: l.In[2], C: l.In[0], F: l.Filters, K: l.Kernel, Rectify: rectified}
		if end.Kind == KindMaxPool2D {
			c.P = end.Pool
		}
		plan, err := kernel.NewConv(c)
		if err != nil {
			return err
		}
		return f.learn(l, plan, f.rows(Shape{end.Out[1], end.Out[2], end.Out[0]}))
	case KindDense:
		plan, err := kernel.NewDense(kernel.DenseConfig{N: f.m.N, D: l.In[0], U: l.Units, Rectify: rectified})
		if err != nil {
			return err
		}
		return f.learn(l, plan, f.rows(l.Out))
	case KindMaxPool2D:
		return f.pool(l)
	case KindRectify:
		return f.apply(l.Name, Shape(f.x.Shape()), rectify)
	case KindFlatten:
		return nil
	case KindSoftMax:
		if last {
			if err := f.channelsFirst(l.Name, l.image); err != nil {
				return err
			}
			return f.loss(l)
		}
		n, m := f.m.N, l.Out[0]
		return f.apply(l.Name, f.rows(l.Out), mapping{
			forward:  func(x, y []float32) { kernel.SoftMax(n, m, x, y) },
			backward: func(y, dy, dx []float32) { softMaxGrad(m, y, dy, dx) },
		})
	}
	return errors.Errorf("unknown op %q", l.Kind)
}

// pool adds a MaxPool2D that stands alone.
func (f *fuser) pool(l NamedLayer) error {
	out := f.rows(Shape{l.Out[1], l.Out[2], l.Out[0]})
	if l.Pool > kernel.MaxPoolSide {
		return f.apply(l.Name, out, newLoopPool(l, f.m.N, true).mapping())
	}
	plan, err := kernel.NewMaxPool(kernel.MaxPoolConfig{N: f.m.N, H: l.In[1], W: l.In[2], C: l.In[0], P: l.Pool})
	if err != nil {
		return err
	}
	return f.apply(l.Name, out, mapping{
		forward:  func(x, y []float32) { plan.Forward(f.m.N, x, y) },
		backward: func(_, dy, dx []float32) { plan.GradInput(f.m.N, dy, dx) },
	})
}

// rows is the shape of one image with the batch axis.
func (f *fuser) rows(s Shape) Shape { return slices.Concat(Shape{f.m.N}, s) }

// channelsLast makes images of shape s (N, H, W, C), unless they lie like that
// already.
func (f *fuser) channelsLast(s Shape) error {
	if s[0] == 1 {
		return nil
	}
	return f.apply("channels last", f.rows(Shape{s[1], s[2], s[0]}), mapping{
		forward:  func(x, y []float32) { f.eachPixel(s, func(first, last int) { y[last] = x[first] }) },
		backward: func(_, dy, dx []float32) { f.eachPixel(s, func(first, last int) { dx[first] = dy[last] }) },
		linear:   true,
	})
}

// channelsFirst makes the values of images of shape s rows in the order of
// Flatten, (N, C*H*W), unless they lie like that already; a nil s is no image.
func (f *fuser) channelsFirst(name string, s Shape) error {
	if s == nil || s[0] == 1 || s[1]*s[2] == 1 {
		return nil
	}
	return f.apply(name+" channels first", f.rows(Shape{s.Size()}), mapping{
		forward:  func(x, y []float32) { f.eachPixel(s, func(first, last int) { y[first] = x[last] }) },
		backward: func(_, dy, dx []float32) { f.eachPixel(s, func(first, last int) { dx[last] = dy[first] }) },
		linear:   true,
	})
}

// eachPixel calls do for every value of N images of shape s: its place with the
// channels first, and last.
func (f *fuser) eachPixel(s Shape, do func(first, last int)) {
	for n := range f.m.N {
		at := n * s.Size()
		permute(s, []int{1, 2, 0}, func(last, first int) { do(at+first, at+last) })
	}
}
