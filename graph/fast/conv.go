package fast

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// Conv2d returns the convolution of images with filters, as gorgonia.Conv2d does.
//
//	im (N, C, H, W)   filter (F, C, K, KW)   result (N, F, high, wide)
//
// kernelShape is (K, KW). pad is how many rows and columns of zeros lie on each side of an image, nil none; stride is
// from output to output; dilation from weight to weight, nil 1. Other values than float32 go to gorgonia.Conv2d.
//
// Shapes and numbers that don't fit are an error.
func Conv2d(im, filter *G.Node, kernelShape tensor.Shape, pad, stride, dilation []int) (*G.Node, error) {
	const name = "Conv2d"
	if err := there(name, im, filter); err != nil {
		return nil, err
	}
	if err := convShapes(im.Shape(), filter.Shape(), kernelShape); err != nil {
		return nil, errors.Wrap(err, describe(name, im, filter))
	}
	if !isFloat32(im, filter) {
		n, err := G.Conv2d(im, filter, kernelShape, pad, stride, dilation)
		return n, errors.Wrap(err, describe(name, im, filter))
	}
	c, err := newConv(im.Shape(), filter.Shape(), pad, stride, dilation)
	if err != nil {
		return nil, errors.Wrap(err, describe(name, im, filter))
	}
	high, wide := c.Out()
	return function{
		name:  name,
		in:    G.Nodes{im, filter},
		shape: tensor.Shape{im.Shape()[0], c.F, high, wide},
		do:    func(in [][]float32, y []float32) { c.forward(in[0], in[1], y) },
		grads: []gradient{
			{reads: []int{1, 3}, do: func(in [][]float32, dx []float32) { c.gradInput(in[0], in[1], dx) }},
			{reads: []int{0, 3}, do: func(in [][]float32, dw []float32) { c.gradFilter(in[0], in[1], dw) }},
		},
	}.apply()
}

// convShapes returns an error unless the filters fit the images and the kernel shape. Gorgonia's own Conv2d looks only at
// how many values a filter has.
func convShapes(im, filter, kernelShape tensor.Shape) error {
	if im.Dims() != 4 || filter.Dims() != 4 {
		return errors.Errorf("got %d and %d axes, want images (N, C, H, W) and filters (F, C, K, KW)", im.Dims(), filter.Dims())
	}
	if filter[1] != im[1] {
		return errors.Errorf("filters have %d channels, want the images' %d", filter[1], im[1])
	}
	if !kernelShape.Eq(filter[2:]) {
		return errors.Errorf("kernel shape: got %v, want the filters' %v", kernelShape, filter[2:])
	}
	return nil
}

// conv is a convolution of a batch in parts. Every worker has a plan of its own, for all methods: none keeps anything
// from one to the next.
type conv struct {
	kernel.ConvConfig
	images  batch
	in, out int // values of an image and of its result
	plans   [parts]*kernel.Conv
	sums    [][]float32 // of the filters' gradients, for each part
}

func newConv(im, filter tensor.Shape, pad, stride, dilation []int) (*conv, error) {
	c := &conv{images: newBatch(im[0])}
	c.ConvConfig = kernel.ConvConfig{N: c.images.most(), C: im[1], H: im[2], W: im[3], F: filter[0], K: filter[2], KW: filter[3], ChannelsFirst: true}
	var err error
	if c.Pad, err = pair("pad", pad, 0, 0); err != nil {
		return nil, err
	}
	if c.Stride, err = pair("stride", stride, 1, 0); err != nil {
		return nil, err
	}
	if c.Dilation, err = pair("dilation", dilation, 1, 1); err != nil {
		return nil, err
	}
	if c.plans[0], err = kernel.NewConv(c.ConvConfig); err != nil {
		return nil, err
	}
	high, wide := c.Out()
	c.in, c.out = im[1]*im[2]*im[3], c.F*high*wide
	return c, nil
}

// each calls do for every part of the images, with a plan that has the filters w unless they are nil.
func (c *conv) each(w []float32, do func(plan *kernel.Conv, part, from, to int)) {
	var packed [parts]bool
	c.images.each(c.images.n*c.out*c.C*c.K*c.KW/16, func(worker, part, from, to int) {
		if c.plans[worker] == nil {
			c.plans[worker], _ = kernel.NewConv(c.ConvConfig) // as the first, without error
		}
		plan := c.plans[worker]
		if w != nil && !packed[worker] {
			plan.Pack(w)
			packed[worker] = true
		}
		do(plan, part, from, to)
	})
}

func (c *conv) forward(x, w, y []float32) {
	c.each(w, func(plan *kernel.Conv, _, from, to int) {
		plan.Forward(to-from, x[from*c.in:to*c.in], nil, y[from*c.out:to*c.out])
	})
}

func (c *conv) gradInput(w, dy, dx []float32) {
	c.each(w, func(plan *kernel.Conv, _, from, to int) {
		plan.GradInput(to-from, nil, dy[from*c.out:to*c.out], dx[from*c.in:to*c.in])
	})
}

func (c *conv) gradFilter(x, dy, dw []float32) {
	for len(c.sums) < c.images.parts {
		c.sums = append(c.sums, kernel.Aligned(len(dw)))
	}
	c.each(nil, func(plan *kernel.Conv, part, from, to int) {
		plan.GradWeights(to-from, x[from*c.in:to*c.in], nil, dy[from*c.out:to*c.out], c.sums[part], nil, false)
	})
	addUp(c.sums, dw)
}
