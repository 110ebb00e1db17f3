package kernel

import (
	"math"

	"github.com/pkg/errors"
)

// MaxPoolSide is the greatest P: a winner's number in its window is a byte.
const MaxPoolSide = 16

// poolMaxGeneric sets y to the greatest of x[window·step + place[k] + j], at least the floor, and the code to the first
// k that has it.
func poolMaxGeneric(x []float32, step int, place []int, y []float32, w *windowRow) {
	for i := range w.windows {
		code := w.code[i*w.codeStride:]
		for j := range w.c {
			best, which := x[i*step+place[0]+j], 0
			for k, at := range place {
				v := x[i*step+at+j]
				if v > best {
					which = k
				}
				best = max(best, v) // NaN stays
			}
			y[i*w.c+j], code[j] = above(w.floor, best), uint8(which)
		}
	}
}

// unpoolGeneric sets dx[window·step + place[k] + j] to dy if k won and y is above the floor, else to 0.
func unpoolGeneric(w *windowRow, dx []float32, step int, place []int) {
	for i := range w.windows {
		y, dy := w.y[i*w.stride:][:w.c], w.dy[i*w.stride:][:w.c]
		code := w.code[i*w.codeStride:]
		for k, at := range place {
			out := dx[i*step+at:][:w.c]
			for j := range out {
				bits := math.Float32bits(pass(dy[j], y[j], w.floor))
				if int(code[j]) != k {
					bits = 0
				}
				out[j] = math.Float32frombits(bits)
			}
		}
	}
}

// places returns the offset of each value of a p x p window in an image with row values in a row and c in a pixel.
func places(p, row, c int) []int {
	var at []int
	for k := range p * p {
		at = append(at, k/p*row+k%p*c)
	}
	return at
}

// MaxPoolConfig is the shape of a MaxPool.
type MaxPoolConfig struct {
	N       int // most images of a call, at least 1
	H, W, C int // shape of an image: H and W at least P, C at least 1
	P       int // side and step of the windows, 1 to MaxPoolSide
}

// MaxPool takes the greatest value of every P x P window. It drops rows and columns that don't fill a window.
//
//	x (N, H, W, C)   y (N, H/P, W/P, C)
type MaxPool struct {
	MaxPoolConfig
	lv    *level
	place []int
	row   windowRow
	code  []uint8
}

func (c MaxPoolConfig) check() error {
	switch {
	case c.N < 1:
		return errors.Errorf("max-pool: %d images, want at least 1", c.N)
	case c.C < 1:
		return errors.Errorf("max-pool: %d channels, want at least 1", c.C)
	case c.P < 1 || c.P > MaxPoolSide:
		return errors.Errorf("max-pool: side %d, want 1 to %d", c.P, MaxPoolSide)
	case c.H < c.P || c.W < c.P:
		return errors.Errorf("max-pool: image of %d x %d, want at least the window's %d x %d", c.H, c.W, c.P, c.P)
	}
	return nil
}

// NewMaxPool plans the pool. It returns an error if the config is out of its ranges.
func NewMaxPool(config MaxPoolConfig) (*MaxPool, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	m := &MaxPool{MaxPoolConfig: config, lv: active, place: places(config.P, config.W*config.C, config.C)}
	m.row = windowRow{windows: m.W / m.P, c: m.C, stride: m.C, codeStride: roundUp(m.C, LineFloats), floor: floor(false)}
	m.code = make([]uint8, m.N*(m.H/m.P)*m.row.windows*m.row.codeStride)
	return m, nil
}

// rows calls f for every row of windows: its number and where it starts in x, y and code.
func (m *MaxPool) rows(n int, f func(x, y int)) {
	high, wide := m.H/m.P, m.W/m.P
	for i := range n * high {
		y := i * wide
		m.row.code = m.code[y*m.row.codeStride:]
		f((i/high*m.H+i%high*m.P)*m.W*m.C, y*m.C)
	}
}

// Forward sets y to the pool of n images, 1 to N, and remembers the winners for GradInput.
func (m *MaxPool) Forward(n int, x, y []float32) {
	m.need(n, len(x), len(y))
	if m.P == 1 {
		copy(y, x[:n*m.H*m.W*m.C])
		return
	}
	m.rows(n, func(atX, atY int) {
		m.lv.poolMax(x[atX:], m.P*m.C, m.place, y[atY:], &m.row)
	})
}

// GradInput sets dx (n, H, W, C) to the gradient of the images of the last Forward, given the gradient dy of y.
func (m *MaxPool) GradInput(n int, dy, dx []float32) {
	m.need(n, len(dx), len(dy))
	if m.P == 1 {
		copy(dx, dy[:n*m.H*m.W*m.C])
		return
	}
	clear(dx[:n*m.H*m.W*m.C])
	m.rows(n, func(atX, atY int) {
		m.row.y, m.row.dy = dy[atY:], dy[atY:] // any y is above no floor
		m.lv.unpool(&m.row, dx[atX:], m.P*m.C, m.place)
	})
}

func (m *MaxPool) need(n, x, y int) {
	needImages("max-pool", n, m.N)
	need("max-pool", "x", x, n*m.H*m.W*m.C)
	need("max-pool", "y", y, n*(m.H/m.P)*(m.W/m.P)*m.C)
}
