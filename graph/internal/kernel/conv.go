package kernel

// Conv is a convolution with a bias, then Rectify and max-pool if the config asks for them. The pool drops rows and
// columns that don't fill a window. With the output (high, wide) of Out:
//
//	x (N, H, W, C)   w (F, K, KW, C)   bias (F)   y (N, high, wide, F)
//
// Inside, a convolution has no padding: an image with a padding is copied to a plane with zeros around it. Each result
// has three paths, in conv.go, conv_weights.go and conv_input.go. A plan takes the first whose condition holds:
//
//	Forward       P = 1                           forwardTile     the output, tile by tile
//	              P = 2, columns not dilated      forwardPool2    a window's four sums stay in registers
//	              any                             forwardBand     P rows before the pool, then their pool
//	GradWeights   8·n filters of 3x3, 4x4, 5x5,   winnerWeights   the gradients of 8 filters stay in registers;
//	              C = 1, P = 2, plain, AVX2,                      AVX-512 takes 16·n filters of 5x5
//	              W up to 64
//	              P > 1, not dilated,             gatherWeights   of each filter, the patches that won
//	              P²·K·KW·C >= gatherCost
//	              any                             tileWeights     the gradient before the pool times the image
//	GradInput     P = 1, or dilated               tileInput       the gradient convolved with flipped filters
//	              K <= 3, KW·C <= 32              scatterInput    each filter to the patches that won
//	              any                             gatherInput     at each pixel, the filters that won
//
// Plain is one that has no padding, no stride, no dilation, square filters and the channels last or only one.
type Conv struct {
	ConvConfig
	share
	whole        *Conv // the plan that this is a part of, or the plan itself
	packs        int   // calls of Pack: a part compares its whole's with those it knows
	lv           *level
	outH, outW   int     // before the pool
	highP, wideP int     // after it
	rowLen       int     // KW·C values in a row of a filter
	run          int     // of these, neighbours in the image too: C if columns are dilated, else all
	taps         int     // K·rowLen values of a filter
	filters      []panel // panels of F
	w            []float32
	packed       []float32 // w as (taps, F) in panels
	flippedStale bool      // the flipped filters are those of an older w
	band         []float32 // P rows before the pool, for forwardBand
	bandPlace    []int     // of a window's values in it
	code         []uint8   // the pool's winners
	ink          *ink      // where images are not zero; nil: not looked for
	row          windowRow
	tile         tile
	gather       gather

	x, y   plane     // of an image and its output
	turned []float32 // w with the channels last, if those of the caller are first

	// The paths that choose picked.
	forward     func(c *Conv, i int, x, bias, y []float32)
	gradWeights func(c *Conv, n int, x, y, dy []float32)
	gradInput   func(c *Conv, i int, y, dy, plane []float32)
	block       int // filters that gradWeights computes together: no two parts share a block

	// Scratch memory of the gradients, made when first needed.
	dx, dy  *plane
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
	c := &Conv{ConvConfig: config.filled(), lv: active}
	c.whole = c
	c.outH, c.outW = c.beforePool()
	c.highP, c.wideP = c.Out()
	c.rowLen, c.taps = c.KW*c.C, c.K*c.KW*c.C
	c.run = c.rowLen
	if c.Dilation.Cols > 1 {
		c.run = c.C
	}
	c.x, c.y = c.inPlane(), c.outPlane()
	c.filters = c.lv.panels(c.F)
	c.packed = Aligned(packedLen(c.filters, c.taps))
	stride := roundUp(c.F, LineFloats)
	c.row = windowRow{windows: c.wideP, c: c.F, stride: c.F, codeStride: stride, floor: floor(c.Rectify)}
	if c.P > 1 {
		c.code = make([]uint8, c.N*c.highP*c.wideP*stride)
	}
	if c.P > 1 && !c.poolsTwo() {
		c.band = Aligned(c.P * c.P * c.wideP * c.F)
		c.bandPlace = places(c.P, c.P, c.P*c.wideP*c.F, c.F)
	}
	c.ink = newInk(c)
	c.choose()
	return c, nil
}

func (c *Conv) inPlane() plane  { return newPlane(c.H, c.W, c.C, c.Pad, c.ChannelsFirst) }
func (c *Conv) outPlane() plane { return newPlane(c.highP, c.wideP, c.F, Pair{}, c.ChannelsFirst) }

// poolsTwo reports whether forwardPool2 takes the pool.
func (c *Conv) poolsTwo() bool { return c.P == 2 && c.Dilation.Cols == 1 }

// choose picks the paths by the table above. Images have ink only if P = 2 and the convolution is plain.
func (c *Conv) choose() {
	dilated := c.Dilation != Pair{1, 1}
	block := c.lv.winnerFilters[c.K]
	switch {
	case c.P == 1:
		c.forward = (*Conv).forwardTile
	case c.poolsTwo():
		c.forward = (*Conv).forwardPool2
	default:
		c.forward = (*Conv).forwardBand
	}
	switch {
	case block > 0 && c.F%block == 0 && c.C == 1 && c.ink != nil:
		c.gradWeights, c.block = (*Conv).winnerWeights, block
	case c.P > 1 && !dilated && c.P*c.P*c.taps >= c.lv.gatherCost:
		c.gradWeights, c.block = (*Conv).gatherWeights, 1
	default:
		c.gradWeights, c.block = (*Conv).tileWeights, LineFloats
	}
	switch {
	case c.P == 1 || dilated:
		c.gradInput = (*Conv).tileInput
	case c.K <= scatterRows && c.rowLen <= scatterCols:
		c.gradInput = (*Conv).scatterInput
	default:
		c.gradInput = (*Conv).gatherInput
	}
}

// Pack takes the weights w (F, K, KW, C). The plan keeps w and reads it until the next Pack: call Pack after every
// change.
func (c *Conv) Pack(w []float32) {
	need("convolution", "w", len(w), c.F*c.taps)
	c.w, c.flippedStale = w[:c.F*c.taps], true
	c.packs++
	if c.turnsWeights() {
		if c.turned == nil {
			c.turned = Aligned(len(c.w))
		}
		c.turnWeights(w, c.turned, c.C, c.K*c.KW)
		c.w = c.turned
	}
	c.lv.pack(c.filters, c.taps, c.w, c.packed)
	if c.ink != nil {
		c.ink.all = !finite(c.w)
	}
}

// turnsWeights reports whether the weights of the caller are in another order than those of the plan.
func (c *Conv) turnsWeights() bool { return c.ChannelsFirst && c.C > 1 && c.K*c.KW > 1 }

// turnWeights sets dst to the transpose (cols, rows) of each filter (rows, cols) of src.
func (c *Conv) turnWeights(src, dst []float32, rows, cols int) {
	for f := range c.F {
		c.lv.transpose(rows, cols, src[f*c.taps:], cols, dst[f*c.taps:], rows)
	}
}

// Forward sets y to the output of n images, 1 to N, and remembers the pool's winners for the gradients. A nil bias is 0.
func (c *Conv) Forward(n int, x, bias, y []float32) {
	needImages("convolution", n, c.N)
	need("convolution", "x", len(x), n*c.imageLen())
	need("convolution", "y", len(y), n*c.outLen())
	if bias != nil {
		need("convolution", "bias", len(bias), c.F)
	}
	c.needWeights()
	from, to := c.cut(n)
	if c.ink != nil {
		c.findInk(from, to, x)
		c.fillBlank(bias)
	}
	for i := from; i < to; i++ {
		y := y[i*c.outLen():]
		c.forward(c, i, c.x.fill(c.lv, x[i*c.imageLen():]), bias, c.y.blank(y))
		c.y.flush(c.lv, y)
	}
}

func (c *Conv) imageLen() int { return c.H * c.W * c.C }
func (c *Conv) outLen() int   { return c.highP * c.wideP * c.F }

// imageCode returns image i's part of the winners.
func (c *Conv) imageCode(i int) []uint8 { return c.code[i*c.highP*c.wideP*c.row.codeStride:] }

// needWeights makes sure that a part knows the weights of the whole plan.
func (c *Conv) needWeights() {
	if whole := c.whole; c.packs != whole.packs {
		c.w, c.packs, c.flippedStale = whole.w, whole.packs, true
		if c.ink != nil {
			c.ink.all = whole.ink.all
		}
	}
	if c.w == nil {
		panic("kernel: convolution: Pack has not been called")
	}
}

func (c *Conv) forwardTile(_ int, x, bias, y []float32) {
	o := c.correlation(x, bias)
	o.high, o.wide, o.floor, o.y, o.yRow, o.yCol = c.outH, c.outW, c.row.floor, y, c.outW*c.F, c.F
	c.correlate(&o)
}

// forwardPool2 keeps the four sums of a 2x2 window in registers until the greatest is known.
func (c *Conv) forwardPool2(i int, x, bias, y []float32) {
	code := c.imageCode(i)
	if c.ink != nil {
		c.leaveBlank(i, y, code)
	}
	stepH, stepW := c.Stride.Rows*c.x.row, c.Stride.Cols*c.C
	t := &c.tile
	for j := range c.filters {
		p := &c.filters[j]
		*t = tile{aH: stepH, aS: stepW, aI: 1, aO: c.Dilation.Rows * c.x.row, b: p.packed(c.packed, c.taps), bI: p.width(), bO: p.width() * c.rowLen,
			ni: c.rowLen, no: c.K, cS: c.F, bias: from(bias, p.first), tail: p.tail(), floor: c.row.floor, codeS: c.row.codeStride}
		most := max(1, p.rows/2)
		for py := range c.highP {
			from, to := c.inkWindows(i, py)
			for px := from; px < to; {
				windows := min(most, to-px)
				tiles := (to - px) / windows
				out := py*c.wideP + px
				t.a = x[2*py*stepH+2*px*stepW:]
				t.c, t.code = y[out*c.F+p.first:], code[out*c.row.codeStride+p.first:]
				t.aT, t.cT = 2*windows*stepW, windows*c.F
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
		o := c.correlation(x[py*c.P*c.Stride.Rows*c.x.row:], bias)
		o.high, o.wide, o.floor, o.y, o.yRow, o.yCol = c.P, wide, floor(false), c.band, wide*c.F, c.F
		c.correlate(&o)
		c.row.code, c.row.c = code[py*c.wideP*c.row.codeStride:], c.F
		c.lv.poolMax(c.band, c.P*c.F, c.bandPlace, y[py*c.wideP*c.F:], &c.row)
	}
}
