package kernel

import "github.com/pkg/errors"

// ConvConfig is the shape of a Conv.
type ConvConfig struct {
	N       int  // most images a call
	H, W, C int  // of an image
	F, K    int  // filters, their side
	Rectify bool // max(0, ·) after the bias
	P       int  // side and step of the max-pool after that, 1 to 16; 0 and 1 are no pool
}

// Out is the height and width of the output.
func (c ConvConfig) Out() (high, wide int) {
	return (c.H - c.K + 1) / max(1, c.P), (c.W - c.K + 1) / max(1, c.P)
}

func (c ConvConfig) check() error {
	switch {
	case c.N < 1:
		return errors.Errorf("convolution: %d images, want at least 1", c.N)
	case c.C < 1 || c.F < 1:
		return errors.Errorf("convolution: %d channels, %d filters, want at least 1", c.C, c.F)
	case c.K < 1 || c.H < c.K || c.W < c.K:
		return errors.Errorf("convolution: filter of side %d on an image of %d x %d", c.K, c.H, c.W)
	case c.P < 0 || c.P > MaxPoolSide:
		return errors.Errorf("convolution: pool of side %d, want 0 to %d", c.P, MaxPoolSide)
	}
	if high, wide := c.Out(); high == 0 || wide == 0 {
		return errors.Errorf("convolution: pool of side %d on %d x %d", c.P, c.H-c.K+1, c.W-c.K+1)
	}
	return nil
}

// Conv is a valid convolution of step 1 with a bias, then Rectify and max-pool if wanted. The pool drops rows and
// columns that don't fill a window.
//
//	x (N, H, W, C)   w (F, K, K, C)   bias (F)   y (N, (H-K+1)/P, (W-K+1)/P, F)
type Conv struct {
	ConvConfig
	lv           *level
	outH, outW   int     // before the pool
	highP, wideP int     // after it
	run          int     // K·C values of a filter's row, contiguous in the image too
	taps         int     // K·run values of a filter
	filters      []panel // panels of F
	w            []float32
	packed       []float32 // w as (taps, F) in panels
	flippedStale bool      // the scratch of GradInput has an older w
	band         []float32 // P rows before the pool, if P > 2
	bandPlace    []int     // of a window's values in it
	code         []uint8   // the pool's winners
	ink          *ink      // of the images; nil: not looked for
	row          windowRow
	tile         tile
	gather       gather
	spread       *spread // scratch of both gradients,
	winners      *winners
	weights      *convWeights // of GradWeights,
	inputs       *convInputs  // and of GradInput, made when first needed
}

// NewConv plans the convolution.
func NewConv(config ConvConfig) (*Conv, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	c := &Conv{ConvConfig: config, lv: active}
	c.P = max(1, c.P)
	c.outH, c.outW = c.H-c.K+1, c.W-c.K+1
	c.highP, c.wideP = c.Out()
	c.run, c.taps = c.K*c.C, c.K*c.K*c.C
	c.filters = c.lv.panels(c.F)
	c.packed = Aligned(packedLen(c.filters, c.taps))
	stride := roundUp(c.F, 16)
	c.row = windowRow{windows: c.wideP, c: c.F, stride: c.F, codeStride: stride, floor: floor(c.Rectify)}
	if c.P > 1 {
		c.code = make([]uint8, c.N*c.highP*c.wideP*stride)
	}
	c.ink = newInk(c)
	if c.P > 2 {
		c.band = Aligned(c.P * c.P * c.wideP * c.F)
		c.bandPlace = places(c.P, c.P*c.wideP*c.F, c.F)
	}
	return c, nil
}

// Pack takes new weights. Call it after every change of w, which the plan keeps and reads until the next Pack.
func (c *Conv) Pack(w []float32) {
	need("convolution", "w", len(w), c.F*c.taps)
	c.w, c.flippedStale = w[:c.F*c.taps], true
	for i := range c.filters {
		p := &c.filters[i]
		c.lv.transpose(p.cols, c.taps, w[p.first*c.taps:], c.taps, p.packed(c.packed, c.taps), p.width())
	}
	if c.ink != nil {
		c.ink.all = !finite(c.w)
	}
}

// Forward sets y to the layer's output for n images and remembers which values the pool chose.
func (c *Conv) Forward(n int, x, bias, y []float32) {
	needImages("convolution", n, c.N)
	need("convolution", "x", len(x), n*c.imageLen())
	need("convolution", "bias", len(bias), c.F)
	need("convolution", "y", len(y), n*c.outLen())
	c.needWeights()
	if c.ink != nil {
		c.findInk(n, x)
		c.fillBlank(bias)
	}
	for i := range n {
		x, y := x[i*c.imageLen():], y[i*c.outLen():]
		switch c.P {
		case 1:
			c.correlate(correlation{x: x, row: c.W * c.C, c: c.C, high: c.outH, wide: c.outW, panels: c.filters, packed: c.packed,
				bias: bias, floor: c.row.floor, y: y, f: c.F})
		case 2:
			c.forwardPool2(i, x, bias, y)
		default:
			c.forwardPool(x, bias, y, c.imageCode(i))
		}
	}
}

func (c *Conv) imageLen() int { return c.H * c.W * c.C }
func (c *Conv) outLen() int   { return c.highP * c.wideP * c.F }

// imageCode is image i's part of the winners.
func (c *Conv) imageCode(i int) []uint8 {
	if c.P == 1 {
		return nil
	}
	return c.code[i*c.highP*c.wideP*c.row.codeStride:]
}

func (c *Conv) needWeights() {
	if c.w == nil {
		panic("kernel: convolution: Pack has not been called")
	}
}

// forwardPool2 keeps the four sums of a 2x2 window in registers until the greatest is known.
func (c *Conv) forwardPool2(i int, x, bias, y []float32) {
	code := c.imageCode(i)
	if c.ink != nil {
		c.leaveBlank(i, y, code)
	}
	t := &c.tile
	for j := range c.filters {
		p := &c.filters[j]
		*t = tile{aH: c.W * c.C, aS: c.C, aI: 1, aO: c.W * c.C, b: p.packed(c.packed, c.taps), bI: p.width(), bO: p.width() * c.run,
			ni: c.run, no: c.K, cS: c.F, bias: bias[p.first:], tail: p.tail(), floor: c.row.floor, codeS: c.row.codeStride}
		most := max(1, p.rows/2)
		for py := range c.highP {
			from, to := c.inkWindows(i, py)
			for px := from; px < to; {
				windows := min(most, to-px)
				tiles := (to - px) / windows
				out := py*c.wideP + px
				t.a = x[(2*py*c.W+2*px)*c.C:]
				t.c, t.code = y[out*c.F+p.first:], code[out*c.row.codeStride+p.first:]
				t.aT, t.cT = 2*windows*c.C, windows*c.F
				t.run(tiles, func() { c.lv.pool(p, windows, t) })
				px += windows * tiles
			}
		}
	}
}

// forwardPool computes a band of P rows, then its pool.
func (c *Conv) forwardPool(x, bias, y []float32, code []uint8) {
	wide := c.P * c.wideP
	for py := range c.highP {
		c.correlate(correlation{x: x[py*c.P*c.W*c.C:], row: c.W * c.C, c: c.C, high: c.P, wide: wide, panels: c.filters, packed: c.packed,
			bias: bias, floor: floor(false), y: c.band, f: c.F})
		c.row.code, c.row.c = code[py*c.wideP*c.row.codeStride:], c.F
		c.lv.poolMax(c.band, c.P*c.F, c.bandPlace, y[py*c.wideP*c.F:], &c.row)
	}
}

// A correlation slides packed filters over one image (·, row) of c channels.
type correlation struct {
	x          []float32
	row, c     int
	high, wide int // of the output
	panels     []panel
	packed     []float32
	bias       []float32 // nil: none
	floor      float32
	y          []float32 // (high, wide, f)
	f          int
}

// correlate covers the output with tiles of two rows by a few columns, of about equal width.
func (c *Conv) correlate(o correlation) {
	t := &c.tile
	run := c.K * o.c
	for i := range o.panels {
		p := &o.panels[i]
		*t = tile{aH: o.row, aS: o.c, aI: 1, aO: o.row, b: p.packed(o.packed, c.K*run), bI: p.width(), bO: p.width() * run,
			ni: run, no: c.K, cH: o.wide * o.f, cS: o.f, tail: p.tail(), floor: o.floor}
		if o.bias != nil {
			t.bias = o.bias[p.first:]
		}
		tiles := (o.wide + p.rows - 1) / p.rows
		rows, wider := o.wide/tiles, o.wide%tiles
		for y := 0; y < o.high; y += 2 {
			bases := min(2, o.high-y)
			line := func(x, count, rows int) {
				if count > 0 {
					t.a, t.c = o.x[y*o.row+x*o.c:], o.y[(y*o.wide+x)*o.f+p.first:]
					t.aT, t.cT = rows*o.c, rows*o.f
					t.run(count, func() { c.lv.tile(p, bases, rows, t) })
				}
			}
			line(0, wider, rows+1)
			line(wider*(rows+1), tiles-wider, rows)
		}
	}
}
