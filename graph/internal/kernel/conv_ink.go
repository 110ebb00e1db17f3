package kernel

import "math/bits"

// An ink tells where images are not zero. A third of MNIST's pool windows see a blank patch: their output is the bias,
// and they add nothing to the gradient of the weights. Leaving them out changes no bit but the sign of a zero, as long
// as weights and gradients are finite.
type ink struct {
	row   []uint64  // scratch memory: a bit for each value of each image row
	band  []uint64  // for each image and row of windows, all image rows that the windows see
	blank []float32 // the output of a row of blank windows
	all   bool      // the weights are not finite, so zeros count too
}

// The largest images with an ink: a row is one word, an image one call of assembly.
const (
	inkCols = 64
	inkRows = 1 << 12
)

func newInk(c *Conv) *ink {
	if c.P != 2 || !c.plain() || c.W*c.C > inkCols || c.H > inkRows {
		return nil
	}
	return &ink{row: make([]uint64, c.H), band: make([]uint64, c.N*c.highP), blank: Aligned(c.wideP * c.F)}
}

// sees returns the side of the image patch that a window sees.
func (c *Conv) sees() int { return c.P + c.K - 1 }

// findInk finds the ink of the images from up to to.
func (c *Conv) findInk(from, to int, x []float32) {
	for i := from; i < to; i++ {
		band := c.ink.band[i*c.highP:][:c.highP]
		c.lv.nonzero(x[i*c.imageLen():], c.W*c.C, c.ink.row)
		for py := range band {
			band[py] = 0
			for _, row := range c.ink.row[py*c.P:][:c.sees()] {
				band[py] |= row
			}
			if c.ink.all {
				band[py] = ^uint64(0)
			}
		}
	}
}

// inkWindows returns a range of windows in row py of image i: all others are blank.
func (c *Conv) inkWindows(i, py int) (from, to int) {
	if c.ink == nil {
		return 0, c.wideP
	}
	band := c.ink.band[i*c.highP+py]
	if band == 0 {
		return 0, 0
	}
	first, last := bits.TrailingZeros64(band), bits.Len64(band)-1
	step, seen := c.P*c.C, c.sees()*c.C
	to = min(last/step+1, c.wideP)
	if first >= seen {
		from = min((first-seen)/step+1, to)
	}
	return from, to
}

// inkColumns returns a range of columns of image i's output before the pool: the others add nothing to the gradient of
// the weights.
func (c *Conv) inkColumns(i int) (from, to int) {
	from = c.wideP
	for py := range c.highP {
		if first, end := c.inkWindows(i, py); first < end {
			from, to = min(from, first), max(to, end)
		}
	}
	return c.P * from, c.P * to
}

// fillBlank sets the output of a row of blank windows.
func (c *Conv) fillBlank(bias []float32) {
	for i := range c.ink.blank {
		var b float32
		if bias != nil {
			b = bias[i%c.F]
		}
		c.ink.blank[i] = above(c.row.floor, b)
	}
}

// leaveBlank sets the output of image i's blank windows: y is the bias, the first value of the window wins.
func (c *Conv) leaveBlank(i int, y []float32, code []uint8) {
	for py := range c.highP {
		from, to := c.inkWindows(i, py)
		row := py * c.wideP
		copy(y[row*c.F:][:from*c.F], c.ink.blank)
		clear(code[row*c.row.codeStride:][:from*c.row.codeStride])
		copy(y[(row+to)*c.F:][:(c.wideP-to)*c.F], c.ink.blank)
		clear(code[(row+to)*c.row.codeStride:][:(c.wideP-to)*c.row.codeStride])
	}
}

// finite reports whether no value is infinite or NaN.
func finite(v []float32) bool {
	for _, x := range v {
		if x-x != 0 {
			return false
		}
	}
	return true
}
