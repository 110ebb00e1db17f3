package kernel

import (
	"math"

	"github.com/pkg/errors"
)

// A Pair is a number of rows and one of columns.
type Pair struct{ Rows, Cols int }

// ConvConfig is the shape of a Conv.
type ConvConfig struct {
	N             int  // most images of a call, at least 1
	H, W, C       int  // shape of an image, at least 1 each; with its padding no smaller than a filter
	F             int  // filters, at least 1
	K             int  // height of a filter, at least 1
	KW            int  // width of a filter; 0: K
	Pad           Pair // rows of zeros above and below the image, columns left and right of it
	Stride        Pair // from one value of the output to the next, in the image; 0 is 1
	Dilation      Pair // from one weight of a filter to the next, in the image; 0 is 1
	Rectify       bool // max(0, ·) after the bias
	P             int  // side and step of the max-pool after that, 1 to MaxPoolSide; 0 and 1 are no pool
	ChannelsFirst bool // x (N, C, H, W), w (F, C, K, KW), y (N, F, high, wide), and so their gradients
}

// Out returns the height and width of the output, after the pool.
func (c ConvConfig) Out() (high, wide int) {
	high, wide = c.filled().beforePool()
	return high / max(1, c.P), wide / max(1, c.P)
}

// beforePool returns the height and width of the output before the pool. It wants a config that is filled.
func (c ConvConfig) beforePool() (high, wide int) {
	return slides(c.H, c.K, c.Pad.Rows, c.Stride.Rows, c.Dilation.Rows), slides(c.W, c.KW, c.Pad.Cols, c.Stride.Cols, c.Dilation.Cols)
}

// slides returns in how many places a filter of k weights, or a window, lies on the padded size.
func slides(size, k, pad, stride, dilation int) int {
	free := size + 2*pad - extent(k, dilation)
	if free < 0 {
		return 0
	}
	return free/stride + 1
}

// extent returns the length of k weights in the image.
func extent(k, dilation int) int { return (k-1)*dilation + 1 }

// filled returns c with its defaults. A single row of weights has no dilation.
func (c ConvConfig) filled() ConvConfig {
	if c.KW == 0 {
		c.KW = c.K
	}
	c.P = max(1, c.P)
	c.Stride, c.Dilation = c.Stride.or(1, 1), c.Dilation.or(1, 1)
	if c.K == 1 {
		c.Dilation.Rows = 1
	}
	if c.KW == 1 {
		c.Dilation.Cols = 1
	}
	return c
}

// or returns p, with rows and cols where it has 0.
func (p Pair) or(rows, cols int) Pair {
	if p.Rows == 0 {
		p.Rows = rows
	}
	if p.Cols == 0 {
		p.Cols = cols
	}
	return p
}

// atLeast reports whether both numbers are at least n.
func (p Pair) atLeast(n int) bool { return min(p.Rows, p.Cols) >= n }

func (c ConvConfig) check() error {
	f := c.filled()
	high, wide := extent(f.K, f.Dilation.Rows), extent(f.KW, f.Dilation.Cols)
	switch {
	case c.N < 1:
		return errors.Errorf("convolution: %d images, want at least 1", c.N)
	case c.C < 1 || c.F < 1:
		return errors.Errorf("convolution: %d channels, %d filters, want at least 1", c.C, c.F)
	case f.K < 1 || f.KW < 1:
		return errors.Errorf("convolution: filter of %d x %d, want at least 1 x 1", f.K, f.KW)
	case !c.Pad.atLeast(0) || !c.Stride.atLeast(0) || !c.Dilation.atLeast(0):
		return errors.Errorf("convolution: padding %+v, stride %+v, dilation %+v, want no negative number", c.Pad, c.Stride, c.Dilation)
	case max(c.Pad.Rows, c.Pad.Cols, c.Stride.Rows, c.Stride.Cols, c.Dilation.Rows, c.Dilation.Cols) > maxLen:
		return errors.Errorf("convolution: padding %+v, stride %+v, dilation %+v, want at most %d", c.Pad, c.Stride, c.Dilation, maxLen)
	case c.H < 1 || c.W < 1 || c.H+2*c.Pad.Rows < high || c.W+2*c.Pad.Cols < wide:
		return errors.Errorf("convolution: filter of %d x %d on an image of %d x %d with a padding of %d and %d, want one that fits", high, wide, c.H, c.W, c.Pad.Rows, c.Pad.Cols)
	case c.P < 0 || c.P > MaxPoolSide:
		return errors.Errorf("convolution: pool of side %d, want 0 to %d", c.P, MaxPoolSide)
	}
	outH, outW := f.beforePool()
	if outH < f.P || outW < f.P {
		return errors.Errorf("convolution: pool of side %d on %d x %d, want one that fits", c.P, outH, outW)
	}
	if tooLong(c.H+2*c.Pad.Rows, c.W+2*c.Pad.Cols, c.C) || tooLong(outH, outW, c.F) {
		return errors.Errorf("convolution: image of %d x %d with a padding of %d and %d, %d channels and %d filters, want at most %d values in an image and its output",
			c.H, c.W, c.Pad.Rows, c.Pad.Cols, c.C, c.F, maxLen)
	}
	return nil
}

// maxLen is the most values of an image, with its padding, or its output: the offsets of a gather are int32.
const maxLen = math.MaxInt32

// tooLong reports whether an image (h, w, c) has more than maxLen values. The product may be too large for an int.
func tooLong(h, w, c int) bool { return float64(h)*float64(w)*float64(c) > maxLen }

// plain reports whether a filled c is the convolution of the simplest networks.
func (c ConvConfig) plain() bool {
	one := Pair{1, 1}
	return c.K == c.KW && c.Pad == Pair{} && c.Stride == one && c.Dilation == one && (!c.ChannelsFirst || c.C == 1)
}
