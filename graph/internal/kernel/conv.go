package kernel

import "github.com/pkg/errors"

// ConvConfig is the shape of a Conv.
type ConvConfig struct {
	N       int  // most images of a call, at least 1
	H, W, C int  // shape of an image: H and W at least K, C at least 1
	F, K    int  // filters and their side, at least 1
	Rectify bool // max(0, ·) after the bias
	P       int  // side and step of the max-pool after that, 1 to MaxPoolSide; 0 and 1 are no pool
}

// Out returns the height and width of the output, after the pool.
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

// Conv is a valid convolution of step 1 with a bias, then Rectify and max-pool if the config asks for them. The pool
// drops rows and columns that don't fill a window.
//
//	x (N, H, W, C)   w (F, K, K, C)   bias (F)   y (N, (H-K+1)/P, (W-K+1)/P, F)
//
// Each result has three paths, in conv.go, conv_weights.go and conv_input.go. A plan takes the first whose condition
// holds:
//
//	Forward       P = 1                           forwardTile     the output, tile by tile
//	              P = 2                           forwardPool2    a window's four sums stay in registers
//	              any                             forwardBand     P rows before the pool, then their pool
//	GradWeights   16·n filters of 5x5, C = 1,     winnerWeights   25 gradients of 16 filters stay in registers
//	              P = 2, AVX-512, W up to 64
//	              P > 1, P²·K²·C >= gatherCost    gatherWeights   of each filter, the patches that won
//	              any                             tileWeights     the gradient before the pool times the image
//	GradInput     P = 1                           tileInput       the gradient convolved with flipped filters
//	              K <= 3, K·C <= 32               scatterInput    each filter to the patches that won
//	              any                             gatherInput     at each pixel, the filters that won
type Conv struct {
	ConvConfig
	lv           *level
	outH, outW   int     // before the pool
	highP, wideP int     // after it
	rowLen       int     // K·C values in a row of a filter, contiguous in the image too
	taps         int     // K·rowLen values of a filter
	filters      []panel // panels of F
	w            []float32
	packed       []float32 // w as (taps, F) in panels
	flippedStale bool      // the flipped filters are those of an older w
	band         []float32 // P rows before the pool, if P > 2
	bandPlace    []int     // of a window's values in it
	code         []uint8   // the pool's winners
	ink          *ink      // where images are not zero; nil: not looked for
	row          windowRow
	tile         tile
	gather       gather

	// The paths that choose picked.
	forward     func(c *Conv, i int, x, bias, y []float32)
	gradWeights func(c *Conv, n int, x, y, dy []float32)
	gradInput   func(c *Conv, n int, y, dy, dx []float32)

	// Scratch memory of the gradients, made when first needed.
	padded  *padded
	winners *winners
	weights *convWeights
	inputs  *convInputs
}

// NewConv plans the convolution. It returns an error if the config is out of its ranges.
func NewConv(config ConvConfig) (*Conv, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	c := &Conv{ConvConfig: config, lv: active}
	c.P = max(1, c.P)
	c.outH, c.outW = c.H-c.K+1, c.W-c.K+1
	c.highP, c.wideP = c.Out()
	c.rowLen, c.taps = c.K*c.C, c.K*c.K*c.C
	c.filters = c.lv.panels(c.F)
	c.packed = Aligned(packedLen(c.filters, c.taps))
	stride := roundUp(c.F, LineFloats)
	c.row = windowRow{windows: c.wideP, c: c.F, stride: c.F, codeStride: stride, floor: floor(c.Rectify)}
	if c.P > 1 {
		c.code = make([]uint8, c.N*c.highP*c.wideP*stride)
	}
	if c.P > 2 {
		c.band = Aligned(c.P * c.P * c.wideP * c.F)
		c.bandPlace = places(c.P, c.P*c.wideP*c.F, c.F)
	}
	c.ink = newInk(c)
	c.choose()
	return c, nil
}

// choose picks the paths by the table above. Images have ink only if P = 2.
func (c *Conv) choose() {
	switch {
	case c.P == 1:
		c.forward = (*Conv).forwardTile
	case c.P == 2:
		c.forward = (*Conv).forwardPool2
	default:
		c.forward = (*Conv).forwardBand
	}
	switch {
	case c.F%winnerFilters == 0 && c.K == 5 && c.C == 1 && c.ink != nil && c.lv.winner5x5 != nil:
		c.gradWeights = (*Conv).winnerWeights
	case c.P > 1 && c.P*c.P*c.taps >= c.lv.gatherCost:
		c.gradWeights = (*Conv).gatherWeights
	default:
		c.gradWeights = (*Conv).tileWeights
	}
	switch {
	case c.P == 1:
		c.gradInput = (*Conv).tileInput
	case c.K <= scatterRows && c.rowLen <= scatterCols:
		c.gradInput = (*Conv).scatterInput
	default:
		c.gradInput = (*Conv).gatherInput
	}
}

// Pack takes the weights w (F, K, K, C). The plan keeps w and reads it until the next Pack: call Pack after every
// change.
func (c *Conv) Pack(w []float32) {
	need("convolution", "w", len(w), c.F*c.taps)
	c.w, c.flippedStale = w[:c.F*c.taps], true
	c.lv.pack(c.filters, c.taps, w, c.packed)
	if c.ink != nil {
		c.ink.all = !finite(c.w)
	}
}

// Forward sets y to the output of n images, 1 to N, and remembers the pool's winners for the gradients.
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
		c.forward(c, i, x[i*c.imageLen():], bias, y[i*c.outLen():])
	}
}

func (c *Conv) imageLen() int { return c.H * c.W * c.C }
func (c *Conv) outLen() int   { return c.highP * c.wideP * c.F }

// imageCode returns image i's part of the winners.
func (c *Conv) imageCode(i int) []uint8 { return c.code[i*c.highP*c.wideP*c.row.codeStride:] }

func (c *Conv) needWeights() {
	if c.w == nil {
		panic("kernel: convolution: Pack has not been called")
	}
}

func (c *Conv) forwardTile(_ int, x, bias, y []float32) {
	c.correlate(correlation{x: x, row: c.W * c.C, c: c.C, high: c.outH, wide: c.outW, panels: c.filters, packed: c.packed,
		bias: bias, floor: c.row.floor, y: y, f: c.F})
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
		*t = tile{aH: c.W * c.C, aS: c.C, aI: 1, aO: c.W * c.C, b: p.packed(c.packed, c.taps), bI: p.width(), bO: p.width() * c.rowLen,
			ni: c.rowLen, no: c.K, cS: c.F, bias: bias[p.first:], tail: p.tail(), floor: c.row.floor, codeS: c.row.codeStride}
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
				t.call(tiles, func() { c.lv.pool(p, windows, t) })
				px += windows * tiles
			}
		}
	}
}

// forwardBand computes a band of P rows, then their pool.
func (c *Conv) forwardBand(i int, x, bias, y []float32) {
	code, wide := c.imageCode(i), c.P*c.wideP
	for py := range c.highP {
		c.correlate(correlation{x: x[py*c.P*c.W*c.C:], row: c.W * c.C, c: c.C, high: c.P, wide: wide, panels: c.filters, packed: c.packed,
			bias: bias, floor: floor(false), y: c.band, f: c.F})
		c.row.code, c.row.c = code[py*c.wideP*c.row.codeStride:], c.F
		c.lv.poolMax(c.band, c.P*c.F, c.bandPlace, y[py*c.wideP*c.F:], &c.row)
	}
}

// A correlation slides f packed filters over one image (·, row) of c channels.
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

// correlate covers the output with tiles of two rows and a few columns, of about equal width.
func (c *Conv) correlate(o correlation) {
	t := &c.tile
	rowLen := c.K * o.c
	for i := range o.panels {
		p := &o.panels[i]
		*t = tile{aH: o.row, aS: o.c, aI: 1, aO: o.row, b: p.packed(o.packed, c.K*rowLen), bI: p.width(), bO: p.width() * rowLen,
			ni: rowLen, no: c.K, cH: o.wide * o.f, cS: o.f, tail: p.tail(), floor: o.floor}
		if o.bias != nil {
			t.bias = o.bias[p.first:]
		}
		tiles := (o.wide + p.rows - 1) / p.rows
		rows, wider := o.wide/tiles, o.wide%tiles
		for y := 0; y < o.high; y += 2 {
			bases := min(2, o.high-y)
			tilesAt := func(x, count, rows int) {
				if count > 0 {
					t.a, t.c = o.x[y*o.row+x*o.c:], o.y[(y*o.wide+x)*o.f+p.first:]
					t.aT, t.cT = rows*o.c, rows*o.f
					t.call(count, func() { c.lv.tile(p, bases, rows, t) })
				}
			}
			tilesAt(0, wider, rows+1)
			tilesAt(wider*(rows+1), tiles-wider, rows)
		}
	}
}
