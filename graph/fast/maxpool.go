package fast

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// MaxPool2D returns the greatest value of every window, as gorgonia.MaxPool2D does.
//
//	x (N, C, H, W)   result (N, C, high, wide)
//
// kernel is the height and width of a window, at most 16; stride is from window to window. pad is how many rows and
// columns lie on each side of an image, nil none, and less than a window; they never win. Four numbers, top, bottom, left and right,
// must be equal in pairs. Of equal values the first in row order gets the gradient; one that won in many windows gets
// all of theirs. A window with a NaN is NaN. Other values than float32 go to gorgonia.MaxPool2D, where a window without
// a finite value ends the process.
//
// Shapes and numbers that don't fit are an error.
func MaxPool2D(x *G.Node, kernel tensor.Shape, pad, stride []int) (*G.Node, error) {
	const name = "MaxPool2D"
	if err := there(name, x); err != nil {
		return nil, err
	}
	if len(pad) == 4 {
		if pad[0] != pad[1] || pad[2] != pad[3] {
			return nil, errors.Errorf("%s: pad: got %v, want as many rows above as below, and columns left as right", describe(name, x), pad)
		}
		pad = []int{pad[0], pad[2]}
	}
	c, err := poolConfig(kernel, pad, stride)
	if err != nil {
		return nil, errors.Wrap(err, describe(name, x))
	}
	if !isFloat32(x) {
		n, err := G.MaxPool2D(x, kernel, []int{c.Pad.Rows, c.Pad.Cols}, stride)
		return n, errors.Wrap(err, describe(name, x))
	}
	p, err := newPool(x.Shape(), c)
	if err != nil {
		return nil, errors.Wrap(err, describe(name, x))
	}
	high, wide := p.plans[0].Out()
	return function{
		name:  name,
		in:    G.Nodes{x},
		shape: tensor.Shape{x.Shape()[0], x.Shape()[1], high, wide},
		do:    func(in [][]float32, y []float32) { p.forward(in[0], y) },
		// The result comes first: only then does the gradient follow the pool of the same run, which remembers who won.
		grads: []gradient{{reads: []int{1, 2}, do: func(in [][]float32, dx []float32) { p.gradInput(in[1], dx) }}},
	}.apply()
}

// pool is a max-pool of a batch in parts, with a plan for each.
type pool struct {
	images  batch
	in, out int // values of an image and of its result
	plans   []*kernel.MaxPool
}

// poolConfig returns the config of windows, for any images.
func poolConfig(window tensor.Shape, pad, stride []int) (c kernel.MaxPoolConfig, err error) {
	side, err := pair("kernel", window, 1, 0)
	if err != nil {
		return c, err
	}
	c.P, c.PW, c.ChannelsFirst = side.Rows, side.Cols, true
	if c.Pad, err = pair("pad", pad, 0, 0); err != nil {
		return c, err
	}
	if c.Pad.Rows >= c.P || c.Pad.Cols >= c.PW { // a window of padding: Gorgonia's own has a gradient that ends the process
		return c, errors.Errorf("pad: got %v, want less than the window's %v", pad, window)
	}
	c.Stride, err = pair("stride", stride, 1, 0)
	return c, err
}

func newPool(x tensor.Shape, c kernel.MaxPoolConfig) (*pool, error) {
	if x.Dims() != 4 {
		return nil, errors.Errorf("got %d axes, want images (N, C, H, W)", x.Dims())
	}
	p := &pool{images: newBatch(x[0])}
	c.N, c.C, c.H, c.W = p.images.most(), x[1], x[2], x[3]
	for range p.images.parts {
		plan, err := kernel.NewMaxPool(c)
		if err != nil {
			return nil, err
		}
		p.plans = append(p.plans, plan)
	}
	high, wide := c.Out()
	p.in, p.out = x[1]*x[2]*x[3], x[1]*high*wide
	return p, nil
}

func (p *pool) forward(x, y []float32) {
	p.images.each(len(x)+len(y), func(_, part, from, to int) {
		p.plans[part].Forward(to-from, x[from*p.in:to*p.in], y[from*p.out:to*p.out])
	})
}

func (p *pool) gradInput(dy, dx []float32) {
	p.images.each(len(dy)+len(dx), func(_, part, from, to int) {
		p.plans[part].GradInput(to-from, dy[from*p.out:to*p.out], dx[from*p.in:to*p.in])
	})
}
