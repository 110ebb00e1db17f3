package kernel

import "github.com/pkg/errors"

// MaxPoolConfig is the shape of a MaxPool.
type MaxPoolConfig struct {
	N             int  // most images of a call, at least 1
	H, W, C       int  // shape of an image, at least 1 each; with its padding no smaller than a window
	P             int  // height of a window, 1 to MaxPoolSide
	PW            int  // width of a window, 1 to MaxPoolSide; 0: P
	Pad           Pair // rows above and below the image, columns left and right of it, that never win; less than a window
	Stride        Pair // from window to window; 0 is the height or width of a window
	ChannelsFirst bool // x (N, C, H, W), y (N, C, high, wide), and so their gradients
}

// filled returns c with its defaults.
func (c MaxPoolConfig) filled() MaxPoolConfig {
	if c.PW == 0 {
		c.PW = c.P
	}
	c.Stride = c.Stride.or(c.P, c.PW)
	return c
}

// Out returns the height and width of the output.
func (c MaxPoolConfig) Out() (high, wide int) {
	c = c.filled()
	return slides(c.H, c.P, c.Pad.Rows, c.Stride.Rows, 1), slides(c.W, c.PW, c.Pad.Cols, c.Stride.Cols, 1)
}

func (c MaxPoolConfig) check() error {
	f := c.filled()
	switch {
	case c.N < 1:
		return errors.Errorf("max-pool: %d images, want at least 1", c.N)
	case c.C < 1:
		return errors.Errorf("max-pool: %d channels, want at least 1", c.C)
	case f.P < 1 || f.P > MaxPoolSide || f.PW < 1 || f.PW > MaxPoolSide:
		return errors.Errorf("max-pool: window of %d x %d, want sides of 1 to %d", f.P, f.PW, MaxPoolSide)
	case !c.Stride.atLeast(0):
		return errors.Errorf("max-pool: stride %+v, want no negative number", c.Stride)
	case !c.Pad.atLeast(0) || c.Pad.Rows >= f.P || c.Pad.Cols >= f.PW:
		return errors.Errorf("max-pool: padding %+v, want 0 to less than the window's %d x %d", c.Pad, f.P, f.PW)
	case c.H < 1 || c.W < 1 || c.H+2*c.Pad.Rows < f.P || c.W+2*c.Pad.Cols < f.PW:
		return errors.Errorf("max-pool: image of %d x %d with a padding of %d and %d, want at least the window's %d x %d", c.H, c.W, c.Pad.Rows, c.Pad.Cols, f.P, f.PW)
	}
	return nil
}

// MaxPool takes the greatest value of every window. It drops rows and columns that don't fill a window. With the output
// (high, wide) of Out:
//
//	x (N, H, W, C)   y (N, high, wide, C)
type MaxPool struct {
	MaxPoolConfig
	share
	lv         *level
	high, wide int
	rows, cols []span
	place      [][]int // of a window's values, for each span of rows and each of columns
	overlap    bool    // windows may have values in common
	row        windowRow
	code       []uint8
	x, y       plane
}

// A span is a few windows side by side that have as many rows of the image each, or columns, without the padding.
type span struct {
	first, count int // of the windows
	from, size   int // of the first window, in the image
}

// spans returns those of an image with size rows. Windows that lose rows to the padding are spans of their own.
func spans(size, side, pad, stride int) []span {
	var ss []span
	for i := range slides(size, side, pad, stride, 1) {
		top := i*stride - pad
		from, to := max(0, top), min(size, top+side)
		last := len(ss) - 1
		if to-from == side && last >= 0 && ss[last].size == side {
			ss[last].count++
			continue
		}
		ss = append(ss, span{first: i, count: 1, from: from, size: to - from})
	}
	return ss
}

// NewMaxPool plans the pool. It returns an error if the config is out of its ranges.
func NewMaxPool(config MaxPoolConfig) (*MaxPool, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	m := &MaxPool{MaxPoolConfig: config.filled(), lv: active}
	m.high, m.wide = m.Out()
	m.rows, m.cols = spans(m.H, m.P, m.Pad.Rows, m.Stride.Rows), spans(m.W, m.PW, m.Pad.Cols, m.Stride.Cols)
	for _, r := range m.rows {
		for _, c := range m.cols {
			m.place = append(m.place, places(r.size, c.size, m.W*m.C, m.C))
		}
	}
	m.overlap = m.Stride.Rows < m.P || m.Stride.Cols < m.PW
	m.row = windowRow{c: m.C, stride: m.C, codeStride: roundUp(m.C, LineFloats), floor: floor(false)}
	m.code = make([]uint8, m.N*m.high*m.wide*m.row.codeStride)
	m.x, m.y = newPlane(m.H, m.W, m.C, Pair{}, m.ChannelsFirst), newPlane(m.high, m.wide, m.C, Pair{}, m.ChannelsFirst)
	return m, nil
}

// each calls f for every span of windows in image i, set in m.row: where it starts in x and y, and the places of a
// window's values.
func (m *MaxPool) each(i int, f func(x, y int, place []int)) {
	for j, r := range m.rows {
		for row := range r.count {
			for k, c := range m.cols {
				y := (r.first+row)*m.wide + c.first
				m.row.windows, m.row.code = c.count, m.code[(i*m.high*m.wide+y)*m.row.codeStride:]
				f(((r.from+row*m.Stride.Rows)*m.W+c.from)*m.C, y*m.C, m.place[j*len(m.cols)+k])
			}
		}
	}
}

// Forward sets y to the pool of n images, 1 to N, and remembers the winners for GradInput.
func (m *MaxPool) Forward(n int, x, y []float32) {
	m.need(n, len(x), len(y))
	from, to := m.cut(n)
	if m.copies() {
		copy(y[from*m.outLen():], x[from*m.inLen():to*m.inLen()])
		return
	}
	for i := from; i < to; i++ {
		y := y[i*m.outLen():]
		x, plane := m.x.fill(m.lv, x[i*m.inLen():]), m.y.blank(y)
		m.each(i, func(atX, atY int, place []int) {
			m.lv.poolMax(x[atX:], m.Stride.Cols*m.C, place, plane[atY:], &m.row)
		})
		m.y.flush(m.lv, y)
	}
}

// GradInput sets dx (n, H, W, C) to the gradient of the images of the last Forward, given the gradient dy of y. A value
// that won in many windows gets the sum of their gradients.
func (m *MaxPool) GradInput(n int, dy, dx []float32) {
	m.need(n, len(dx), len(dy))
	from, to := m.cut(n)
	if m.copies() {
		copy(dx[from*m.inLen():], dy[from*m.outLen():to*m.outLen()])
		return
	}
	unpool := m.lv.unpool
	if m.overlap {
		unpool = unpoolAdd
	}
	for i := from; i < to; i++ {
		dx := dx[i*m.inLen():]
		dy, plane := m.y.fill(m.lv, dy[i*m.outLen():]), m.x.blank(dx)
		clear(plane)
		m.each(i, func(atX, atY int, place []int) {
			m.row.y, m.row.dy = dy[atY:], dy[atY:] // any y is above no floor
			unpool(&m.row, plane[atX:], m.Stride.Cols*m.C, place)
		})
		m.x.flush(m.lv, dx)
	}
}

// copies reports whether the output is the image.
func (m *MaxPool) copies() bool { return m.P == 1 && m.PW == 1 && m.Stride == Pair{1, 1} }

func (m *MaxPool) inLen() int  { return m.H * m.W * m.C }
func (m *MaxPool) outLen() int { return m.high * m.wide * m.C }

func (m *MaxPool) need(n, x, y int) {
	needImages("max-pool", n, m.N)
	need("max-pool", "x", x, n*m.inLen())
	need("max-pool", "y", y, n*m.outLen())
}
