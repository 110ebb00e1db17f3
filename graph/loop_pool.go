package graph

// loopPool is MaxPool2D in plain loops. The lowering Fused uses it for windows
// that are wider than the kernels allow, Gorgonia for all. Gorgonia's own op
// starts from the least finite value, so a window of -Inf has no winner, and its
// gradient panics in a goroutine where nothing can recover (gorgonia's op_nn.go).
type loopPool struct {
	n       int   // images
	in, out Shape // (C, H, W) of one image
	window  Window
	last    bool  // channels are last, (N, H, W, C); else first, (N, C, H, W)
	winner  []int // of each result: the place of the first largest value
}

func newLoopPool(l NamedLayer, n int, channelsLast bool) *loopPool {
	return &loopPool{n, l.In, l.Out, l.Window(), channelsLast, make([]int, n*l.Out.Size())}
}

func (p *loopPool) mapping() mapping { return mapping{forward: p.forward, backward: p.backward} }

// steps are the distances between neighbours along the axes of an image.
func (p *loopPool) steps(image Shape) (c, h, w int) {
	if p.last {
		return 1, image[2] * image[0], image[0]
	}
	return image[1] * image[2], image[2], 1
}

// forward makes a NaN of a window that has one.
func (p *loopPool) forward(x, y []float32) {
	xc, xh, xw := p.steps(p.in)
	yc, yh, yw := p.steps(p.out)
	for n := range p.n {
		for c := range p.out[0] {
			for row := range p.out[1] {
				for col := range p.out[2] {
					// The pixels of the window that are no padding.
					top, left := row*p.window.Stride-p.window.Top, col*p.window.Stride-p.window.Left
					bottom, right := min(top+p.window.Side, p.in[1]), min(left+p.window.Side, p.in[2])
					top, left = max(top, 0), max(left, 0)
					image := n*p.in.Size() + c*xc
					best := image + top*xh + left*xw
					for r := top; r < bottom; r++ {
						for s := left; s < right; s++ {
							if at := image + r*xh + s*xw; x[at] > x[best] || x[at] != x[at] {
								best = at
							}
						}
					}
					o := n*p.out.Size() + c*yc + row*yh + col*yw
					y[o], p.winner[o] = x[best], best
				}
			}
		}
	}
}

// backward gives each winner the gradients of its results.
func (p *loopPool) backward(_, dy, dx []float32) {
	clear(dx)
	for o, at := range p.winner {
		dx[at] += dy[o]
	}
}
