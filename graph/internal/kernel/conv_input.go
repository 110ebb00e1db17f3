package kernel

// A spread is the gradient of one image as it was before Rectify and the pool, with a border of K-1 zeros. The
// border and what the pool dropped are never written, all else always.
type spread struct {
	dz    []float32
	row   int // values in a row
	start int // first value inside the border
	place []int
}

// spreadGradient fills the spread with image i's gradient and returns it from inside the border on, and its row length.
func (c *Conv) spreadGradient(i int, y, dy []float32) (dz []float32, row int) {
	if c.spread == nil {
		border := c.K - 1
		row := (c.outW + 2*border) * c.F
		c.spread = &spread{dz: Aligned((c.outH + 2*border) * row), row: row, start: border*row + border*c.F, place: places(c.P, row, c.F)}
	}
	s := c.spread
	for py := range c.highP {
		to := s.dz[s.start+py*c.P*s.row:]
		w := c.windowRow(i, py, y, dy)
		line := c.wideP * c.F
		switch {
		case c.P > 1:
			c.lv.unpool(w, to, c.P*c.F, s.place)
		case c.Rectify:
			c.lv.rectify(w.y, w.dy, to[:line])
		default:
			copy(to, w.dy[:line])
		}
	}
	return s.dz[s.start:], s.row
}

// convInputs is the scratch of Conv.GradInput.
type convInputs struct {
	// Without a pool: the filters turned around, as (K·K·F, C) in panels.
	channels []panel
	flipped  []float32

	// With one, if a filter does not fit into the registers: an image's gradients by winner, for some filters and rows
	// of them at a time.
	lists         lists
	groupOff      []int32 // in the image, of each window and place
	filters, rows int
}

// GradInput sets dx to the gradient of the images of the last Forward, given its output and that one's gradient.
func (c *Conv) GradInput(n int, y, dy, dx []float32) {
	y = c.needGradient(n, y, dy)
	need("convolution", "dx", len(dx), n*c.imageLen())
	c.needWeights()
	switch {
	case c.P == 1:
		c.denseInput(n, y, dy, dx)
	case c.K <= scatterRows && c.run <= scatterCols:
		c.scatterInput(n, y, dy, dx)
	default:
		c.sparseInput(n, y, dy, dx)
	}
}

// denseInput correlates the gradient, bordered by zeros, with the filters turned around.
func (c *Conv) denseInput(n int, y, dy, dx []float32) {
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
		c.spreadGradient(i, y, dy)
		c.correlate(correlation{x: c.spread.dz, row: c.spread.row, c: c.F, high: c.H, wide: c.W, panels: s.channels, packed: s.flipped,
			floor: floor(false), y: dx[i*c.imageLen():], f: c.C})
	}
}

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

// scatterInput adds each filter, scaled by the gradient, where it won.
func (c *Conv) scatterInput(n int, y, dy, dx []float32) {
	clear(dx[:n*c.imageLen()])
	for i := range n {
		g := c.listWinners(i, y, dy)
		g.src, g.srcRow, g.dst, g.dstRow = c.w, c.run, dx[i*c.imageLen():], c.W*c.C
		c.lv.scatterAll(g, c.K, c.run, c.highP*c.wideP)
	}
}

// gatherBlock is how many weights the sparse gradient of the input works with at a time: they stay in the
// first-level cache while it goes over an image.
const gatherBlock = 7000

func (c *Conv) newSparseInput() *convInputs {
	area, windows := c.P*c.P, c.highP*c.wideP
	cols := min(c.run, c.lv.gatherCols)
	s := &convInputs{}
	s.filters = max(16, min(roundUp(c.F, 16), gatherBlock/cols/16*16))
	s.rows = max(1, min(gatherHeight(c.run), gatherBlock/cols/s.filters))
	room := s.filters + 16
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

// sparseInput adds up, at each pixel where some filter won, the filters that did.
func (c *Conv) sparseInput(n int, y, dy, dx []float32) {
	if c.inputs == nil {
		c.inputs = c.newSparseInput()
	}
	s, g := c.inputs, &c.gather
	clear(dx[:n*c.imageLen()])
	for i := range n {
		dx := dx[i*c.imageLen():]
		for f := 0; f < c.F; f += s.filters {
			c.listImage(i, f, y, dy)
			for ky := 0; ky < c.K; ky += s.rows {
				*g = gather{groups: len(s.groupOff), count: s.lists.count, coef: s.lists.coef, off: s.lists.off, group: s.lists.room, entry: 1,
					src: c.w[f*c.taps+ky*c.run:], srcRow: c.run, dst: dx[ky*c.W*c.C:], groupOff: s.groupOff, dstRow: c.W * c.C}
				c.lv.gatherAll(g, min(s.rows, c.K-ky), c.run, s.filters)
			}
		}
	}
}

// listImage sorts image i's gradients of the filters from f on.
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
