package kernel

// A padded gradient is that of one image before Rectify and the pool, with a border of K-1 zeros. The border and what
// the pool drops stay zero, all else is written for every image.
type padded struct {
	dz    []float32
	row   int   // values in a row
	start int   // first value inside the border
	place []int // of a window's values
}

// padGradient fills c.padded for image i. It returns the gradient from the first value inside the border on, and the
// length of its rows.
func (c *Conv) padGradient(i int, y, dy []float32) (dz []float32, row int) {
	if c.padded == nil {
		border := c.K - 1
		row := (c.outW + 2*border) * c.F
		c.padded = &padded{dz: Aligned((c.outH + 2*border) * row), row: row, start: border*row + border*c.F, place: places(c.P, row, c.F)}
	}
	s := c.padded
	for py := range c.highP {
		to := s.dz[s.start+py*c.P*s.row:]
		w := c.windowRow(i, py, y, dy)
		size := c.wideP * c.F
		switch {
		case c.P > 1:
			c.lv.unpool(w, to, c.P*c.F, s.place)
		case c.Rectify:
			c.lv.rectify(w.y, w.dy, to[:size])
		default:
			copy(to, w.dy[:size])
		}
	}
	return s.dz[s.start:], s.row
}

// convInputs is the scratch memory of GradInput.
type convInputs struct {
	// tileInput: the filters flipped in both directions, as (K·K·F, C) in panels.
	channels []panel
	flipped  []float32

	// gatherInput: an image's gradients by winner, for some filters and some of their rows at a time.
	lists         lists
	groupOff      []int32 // in the image, of each window and place
	filters, rows int
}

// GradInput sets dx (n, H, W, C) to the gradient of the images of the last Forward. It wants the output y of that
// Forward and the gradient dy of y.
func (c *Conv) GradInput(n int, y, dy, dx []float32) {
	y = c.needGradient(n, y, dy)
	need("convolution", "dx", len(dx), n*c.imageLen())
	c.needWeights()
	c.gradInput(c, n, y, dy, dx)
}

// tileInput correlates the padded gradient with the flipped filters.
func (c *Conv) tileInput(n int, y, dy, dx []float32) {
	terms := c.K * c.K * c.F
	if c.inputs == nil {
		channels := c.lv.panels(c.C)
		c.inputs = &convInputs{channels: channels, flipped: Aligned(packedLen(channels, terms))}
	}
	s := c.inputs
	if c.flippedStale {
		c.flip()
	}
	for i := range n {
		c.padGradient(i, y, dy)
		c.correlate(correlation{x: c.padded.dz, row: c.padded.row, c: c.F, high: c.H, wide: c.W, panels: s.channels, packed: s.flipped,
			floor: floor(false), y: dx[i*c.imageLen():], f: c.C})
	}
}

// flip packs the flipped filters.
func (c *Conv) flip() {
	c.flippedStale = false
	area := c.K * c.K
	for i := range c.inputs.channels {
		p := &c.inputs.channels[i]
		to := p.packed(c.inputs.flipped, area*c.F)
		for k := range area {
			for f := range c.F {
				copy(to[(k*c.F+f)*p.width():][:p.cols], c.w[f*c.taps+(area-1-k)*c.C+p.first:])
			}
		}
	}
}

// scatterInput adds each filter, times the gradient, to the patches that won.
func (c *Conv) scatterInput(n int, y, dy, dx []float32) {
	clear(dx[:n*c.imageLen()])
	for i := range n {
		g := c.gatherWinners(i, y, dy)
		g.src, g.srcRow, g.dst, g.dstRow = c.w, c.rowLen, dx[i*c.imageLen():], c.W*c.C
		c.lv.scatterAll(g, c.K, c.rowLen, c.highP*c.wideP)
	}
}

// gatherBlock is the number of weights that gatherInput uses at a time: they stay in the first-level cache while it
// goes over an image.
const gatherBlock = 7000

// newGatherInput makes the scratch memory of gatherInput. Each block of weights has at least line filters and one row.
func (c *Conv) newGatherInput() *convInputs {
	area, windows := c.P*c.P, c.highP*c.wideP
	cols := min(c.rowLen, c.lv.gatherCols)
	s := &convInputs{}
	s.filters = max(LineFloats, min(roundUp(c.F, LineFloats), gatherBlock/cols/LineFloats*LineFloats))
	s.rows = max(1, min(gatherHeight(c.rowLen), gatherBlock/cols/s.filters))
	room := s.filters + LineFloats
	s.lists = lists{places: area, room: room, from: make([]int32, s.filters), coef: Aligned(windows * area * room),
		off: make([]int32, windows*area*room), count: make([]int32, windows*area)}
	for f := range s.lists.from {
		s.lists.from[f] = int32(f * c.taps)
	}
	place := places(c.P, c.W*c.C, c.C)
	for i := range windows {
		for _, at := range place {
			s.groupOff = append(s.groupOff, int32((i/c.wideP*c.P*c.W+i%c.wideP*c.P)*c.C+at))
		}
	}
	return s
}

// gatherInput adds up, at each pixel, the filters that won there.
func (c *Conv) gatherInput(n int, y, dy, dx []float32) {
	if c.inputs == nil {
		c.inputs = c.newGatherInput()
	}
	s, g := c.inputs, &c.gather
	clear(dx[:n*c.imageLen()])
	for i := range n {
		dx := dx[i*c.imageLen():]
		for f := 0; f < c.F; f += s.filters {
			c.listImage(i, f, y, dy)
			for ky := 0; ky < c.K; ky += s.rows {
				*g = gather{groups: len(s.groupOff), count: s.lists.count, coef: s.lists.coef, off: s.lists.off, group: s.lists.room, entry: 1,
					src: c.w[f*c.taps+ky*c.rowLen:], srcRow: c.rowLen, dst: dx[ky*c.W*c.C:], groupOff: s.groupOff, dstRow: c.W * c.C}
				c.lv.gatherAll(g, min(s.rows, c.K-ky), c.rowLen, s.filters)
			}
		}
	}
}

// listImage sorts image i's gradients, of the filters from f on, by winner.
func (c *Conv) listImage(i, f int, y, dy []float32) {
	s := c.inputs
	for py := range c.highP {
		w := c.windowRow(i, py, y, dy)
		w.y, w.dy, w.code, w.c = w.y[f:], w.dy[f:], w.code[f:], min(s.filters, c.F-f)
		l := s.lists
		q := py * c.wideP * l.places
		l.coef, l.off, l.count = l.coef[q*l.room:], l.off[q*l.room:], l.count[q:]
		c.lv.lists(w, l)
	}
}
