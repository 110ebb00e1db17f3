package graph

import (
	"math"
	"slices"

	"github.com/pkg/errors"

	"tapenet/graph/internal/kernel"

	G "gorgonia.org/gorgonia"
)

// fused lowers a network to ops of our own, each one kernel for a run of
// neighbouring layers: Conv2d, Rectify and MaxPool2D; Dense and Rectify;
// SoftMax and the loss, for which see fused_loss.go.
//
// Between the ops an image is (N, H, W, C), channels last, and Flatten is no op:
// it leaves the values of an image where they are, in the order of pixel, then
// channel. Rectify and SoftMax work in any order, and a dense weight is stored
// in the order of its inputs. NamedLayer.Image tells which order that is.
type fused struct {
	bf16 bool // products of dense layers in bfloat16
}

// ownsResults: op and mapping keep theirs.
func (fused) ownsResults() bool { return true }

// slot stores a weight in the order in which its kernel reads it. A dense weight
// after a Flatten has a row for each value of the image, in the order above, and
// a column for each unit. With channels a and b of 1 x 2 pixels and units u and v:
//
//	PyTorch    a0 a1 b0 b1        stored    u  v
//	      u     1  2  3  4           a0     1  5
//	      v     5  6  7  8           b0     3  7
//	                                 a1     2  6
//	                                 b1     4  8
func (fused) slot(l NamedLayer, i int) slot {
	p := l.Params[i]
	switch {
	case i == 1: // a bias
		return slot{node: p.Shape, view: p.Shape, perm: []int{0}}
	case l.Kind == KindConv2d: // (F, C, K, K) becomes (F, K, K, C)
		s := p.Shape
		return slot{node: Shape{s[0], s[2], s[3], s[1]}, view: s, perm: []int{0, 2, 3, 1}}
	}
	node := Shape{p.Shape[1], p.Shape[0]}
	if l.Image == nil { // (M, D) becomes (D, M)
		return slot{node: node, view: p.Shape, perm: []int{1, 0}}
	}
	return slot{node: node, view: slices.Concat(p.Shape[:1], l.Image), perm: []int{2, 3, 1, 0}} // (M, C, H, W) becomes (H, W, C, M)
}

// fusedLayers is how many of the layers, from the first on, become one op.
func fusedLayers(layers []NamedLayer) int {
	next := func(i int, kind Kind) bool { return i < len(layers) && layers[i].Kind == kind }
	n := 1
	if len(layers[0].Params) > 0 && next(n, KindRectify) {
		n++
	}
	if layers[0].Kind == KindConv2d && next(n, KindMaxPool2D) && tiles(layers[n]) && layers[n].Pool <= kernel.MaxPoolSide {
		n++
	}
	return n
}

// tiles reports whether the windows of a MaxPool2D lie side by side, without
// padding, as a convolution's op has them.
func tiles(l NamedLayer) bool { return l.Window() == Window{Side: l.Pool, Stride: l.Pool} }

// fusedKeeps is what the op of some layers leaves in memory for its gradient.
func fusedKeeps(layers []NamedLayer) (keeps []string) {
	if len(layers[0].Params) > 0 {
		keeps = append(keeps, "input")
	}
	switch layers[len(layers)-1].Kind {
	case KindMaxPool2D:
		keeps = append(keeps, "who won")
	case KindDropout:
		keeps = append(keeps, "mask")
	case KindRectify, KindSoftMax:
		keeps = append(keeps, "output")
	}
	return keeps
}

// build adds op after op.
func (l fused) build(b *builder) error {
	f := &fuser{builder: b, bf16: l.bf16, x: b.x, y: b.m.X}
	if len(b.net.In) == 3 {
		if err := f.channelsLast(b.net.In); err != nil {
			return err
		}
		f.section("x", nil)
	}
	scored := b.last().Kind == KindSoftMax
	for layers := b.net.Layers; len(layers) > 0; {
		run := layers[:fusedLayers(layers)]
		first, keeps := run[0], fusedKeeps(run)
		at := len(b.net.Layers) - len(layers) + 1
		layers = layers[len(run):]
		var err error
		if last := len(layers) == 0; last && scored {
			keeps, err = []string{"p − y"}, f.loss(first)
		} else if err = f.add(run); err == nil && last {
			err = f.results()
		}
		if err != nil {
			return errors.WithMessagef(err, "layer %d, %v", at, first.Layer)
		}
		f.section(first.Name, run, keeps...)
	}
	return nil
}

// fuser is a lowering under way.
type fuser struct {
	*builder
	bf16 bool
	x    *G.Node   // result of the layers so far,
	y    []float32 // and its memory
}

// add adds the op of some layers, but for the loss.
func (f *fuser) add(layers []NamedLayer) error {
	l, end := layers[0], layers[len(layers)-1]
	rectified := len(layers) > 1 && layers[1].Kind == KindRectify
	switch l.Kind {
	case KindConv2d:
		w, x, err := f.padded(l, 0)
		if err != nil {
			return err
		}
		c := kernel.ConvConfig{
			N: f.m.N, H: x[1], W: x[2], C: x[0], F: l.Filters, K: l.Kernel, Rectify: rectified,
			Pad: kernel.Pair{Rows: w.Top, Cols: w.Left}, Stride: kernel.Pair{Rows: w.Stride, Cols: w.Stride},
		}
		if end.Kind == KindMaxPool2D {
			c.P = end.Pool
		}
		conv, err := kernel.NewConv(c)
		if err != nil {
			return err
		}
		work := f.m.N * l.Out[1] * l.Out[2] * l.Params[0].Size
		p := newShareable[plan](conv, work, func(i, n int) plan { return conv.Part(i, n) })
		return f.learn(l, p, f.rows(Shape{end.Out[1], end.Out[2], end.Out[0]}))
	case KindDense:
		p, err := f.dense(kernel.DenseConfig{N: f.m.N, D: l.In[0], U: l.Units, Rectify: rectified})
		if err != nil {
			return err
		}
		return f.learn(l, p, f.rows(l.Out))
	case KindMaxPool2D:
		return f.pool(l)
	case KindRectify:
		return f.apply(l.Name, shapeOf(f.x), rectify)
	case KindFlatten:
		return nil
	case KindDropout:
		if f.mode == Forward {
			return nil
		}
		var err error
		f.x, f.y, err = f.dropped(l, f.x, true, f.learned)
		return err
	case KindSoftMax:
		n, m := f.m.N, l.Out[0]
		return f.apply(l.Name, f.rows(l.Out), mapping{
			forward:  func(x, y []float32) { kernel.SoftMax(n, m, x, y) },
			backward: func(y, dy, dx []float32) { kernel.SoftMaxGrad(m, y, dy, dx) },
		})
	}
	return errors.Errorf("unknown kind of layer %q", l.Kind)
}

// dense plans a dense layer.
func (f *fuser) dense(c kernel.DenseConfig) (*shareable[plan], error) {
	work := c.N * c.D * c.U
	if f.bf16 {
		d, err := kernel.NewDenseBF16(c)
		return newShareable[plan](d, work, func(i, n int) plan { return d.Part(i, n) }), err
	}
	d, err := kernel.NewDense(c)
	return newShareable[plan](d, work, func(i, n int) plan { return d.Part(i, n) }), err
}

// results ends a network without SoftMax at its end.
func (f *fuser) results() error {
	last := f.last()
	err := f.channelsFirst(last.Name, last.imageOut())
	m, y := f.m, f.y
	m.after = func() error { m.out = y; return nil }
	return err
}

// pool adds a MaxPool2D that is no part of a convolution's op.
func (f *fuser) pool(l NamedLayer) error {
	out := f.rows(Shape{l.Out[1], l.Out[2], l.Out[0]})
	if l.Pool > kernel.MaxPoolSide {
		return f.apply(l.Name, out, newLoopPool(l, f.m.N, true).mapping())
	}
	w, x, err := f.padded(l, float32(math.Inf(-1)))
	if err != nil {
		return err
	}
	plan, err := kernel.NewMaxPool(kernel.MaxPoolConfig{
		N: f.m.N, H: x[1], W: x[2], C: x[0], P: l.Pool,
		Pad: kernel.Pair{Rows: w.Top, Cols: w.Left}, Stride: kernel.Pair{Rows: w.Stride, Cols: w.Stride},
	})
	if err != nil {
		return err
	}
	return f.apply(l.Name, out, f.poolMapping(plan))
}

func (f *fuser) poolMapping(p *kernel.MaxPool) mapping {
	return mapping{
		forward:  func(x, y []float32) { p.Forward(f.m.N, x, y) },
		backward: func(_, dy, dx []float32) { p.GradInput(f.m.N, dy, dx) },
		part:     func(i, n int) mapping { return f.poolMapping(p.Part(i, n)) },
	}
}

// padded gives the images the part of l's padding that kernels do not have, filled
// with a value, and returns l's window and the shape of an image then.
func (f *fuser) padded(l NamedLayer, fill float32) (w Window, image Shape, err error) {
	w = l.Window()
	f.x, image, err = f.extended(l.Name, f.x, l.In, w, fill, true, f.learned)
	return w, image, err
}

// channelsLast brings the network's images, of shape s, into the order (N, H, W,
// C), unless they are in it. They have no gradient.
func (f *fuser) channelsLast(s Shape) error {
	if s[0] == 1 {
		return nil
	}
	return f.apply("channels last", f.rows(Shape{s[1], s[2], s[0]}), mapping{
		forward: func(x, y []float32) { f.eachPixel(s, func(first, last int) { y[last] = x[first] }) },
	})
}

// channelsFirst brings images of shape s into the order of Flatten, (N, C*H*W),
// unless they are in it. A nil s is no image.
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

// eachPixel calls do for every value of N images of shape s, with its place when
// channels are first, and when they are last.
func (f *fuser) eachPixel(s Shape, do func(first, last int)) {
	for n := range f.m.N {
		at := n * s.Size()
		permute(s, []int{1, 2, 0}, func(last, first int) { do(at+first, at+last) })
	}
}
