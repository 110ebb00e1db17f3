package graph

// widePool is MaxPool2D for windows wider than the kernels take, in plain
// loops, channels last: y (N, H/P, W/P, C) of x (N, H, W, C).
type widePool struct {
	n       int
	in, out Shape // (C, H, W) of one image
	side    int
	winner  []int // for each y, the place of the first largest x
}

func (p *widePool) forward(x, y []float32) {
	c, h, w := p.in[0], p.in[1], p.in[2]
	if p.winner == nil {
		p.winner = make([]int, len(y))
	}
	for i := range y {
		channel, px, py, n := i%c, i/c%p.out[2], i/c/p.out[2]%p.out[1], i/p.out.Size()
		best := ((n*h+py*p.side)*w+px*p.side)*c + channel
		for row := range p.side {
			for col := range p.side {
				at := ((n*h+py*p.side+row)*w+px*p.side+col)*c + channel
				if x[at] > x[best] || x[at] != x[at] { // a NaN shows
					best = at
				}
			}
		}
		y[i], p.winner[i] = x[best], best
	}
}

func (p *widePool) backward(_, dy, dx []float32) {
	clear(dx)
	for i, at := range p.winner {
		dx[at] += dy[i]
	}
}
