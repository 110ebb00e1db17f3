package kernel

// A padded gradient is that of one image before Rectify and the pool, with a border of zeros: the filters that lie on
// it reach all of the image. The border and what the pool drops stay zero, all else is written for every image.
type padded struct {
	dz         []float32
	row        int   // values in a row
	start      int   // first value inside the border
	top, left  int   // rows and columns of the border before it
	place      []int // of a window's values
	rows, cols []phase
}

func (c *Conv) newPadded() *padded {
	s := &padded{}
	var bottom, right int
	s.rows, s.top, bottom = phases(c.H, c.outH, c.K, c.Pad.Rows, c.Stride.Rows, c.Dilation.Rows)
	s.cols, s.left, right = phases(c.W, c.outW, c.KW, c.Pad.Cols, c.Stride.Cols, c.Dilation.Cols)
	s.row = (s.left + c.outW + right) * c.F
	s.start = s.top*s.row + s.left*c.F
	s.dz = Aligned((s.top + c.outH + bottom) * s.row)
	s.place = places(c.P, c.P, s.row, c.F)
	return s
}

// padGradient fills c.padded for image i. It returns the gradient from the first value inside the border on, and the
// length of its rows.
func (c *Conv) padGradient(i int, y, dy []float32) (dz []float32, row int) {
	if c.padded == nil {
		c.padded = c.newPadded()
	}
	s := c.padded
	y, dy = c.image(i, y, dy)
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
	// tileInput: of each phase of rows and each of columns, its filters flipped in both directions, as (taps, C) in panels.
	channels []panel
	flipped  [][]float32
	gaps     bool // pixels that no filter reaches

	// gatherInput: an image's gradients by winner, for some filters and some of their rows at a time.
	lists         lists
	groupOff      []int32 // in the image, of each window and place
	filters, rows int
}

// GradInput sets dx (n, H, W, C) to the gradient of the images of the last Forward. It wants the output y of that
// Forward and the gradient dy of y. Without Rectify y may be nil, and without a pool too there need be no Forward before.
func (c *Conv) GradInput(n int, y, dy, dx []float32) {
	c.needGradient(n, y, dy)
	need("convolution", "dx", len(dx), n*c.imageLen())
	c.needWeights()
	if c.dx == nil {
		p := c.inPlane()
		c.dx = &p
	}
	from, to := c.cut(n)
	for i := from; i < to; i++ {
		dx := dx[i*c.imageLen():]
		plane := c.dx.blank(dx)
		c.gradInput(c, i, y, dy, plane)
		c.dx.flush(c.lv, dx)
	}
}

// tileInput correlates the padded gradient with the flipped filters, phase by phase.
func (c *Conv) tileInput(i int, y, dy, dx []float32) {
	c.padGradient(i, y, dy)
	if c.inputs == nil {
		c.inputs = c.newTileInput()
	}
	s, g := c.inputs, c.padded
	if c.flippedStale {
		c.flip()
	}
	if s.gaps {
		clear(dx)
	}
	for j, flipped := range s.flipped {
		if flipped == nil {
			continue
		}
		r, q := &g.rows[j/len(g.cols)], &g.cols[j%len(g.cols)]
		c.correlate(&correlation{x: g.dz[r.from*g.row+q.from*c.F:], row: g.row, c: c.F, step: Pair{1, 1}, k: Pair{r.taps, q.taps},
			apart: Pair{r.apart, q.apart}, panels: s.channels, packed: flipped, floor: floor(false), high: r.count, wide: q.count,
			y: dx[c.dx.inner+r.first*c.dx.row+q.first*c.C:], yRow: c.Stride.Rows * c.dx.row, yCol: c.Stride.Cols * c.C})
	}
}

func (c *Conv) newTileInput() *convInputs {
	s := &convInputs{channels: c.lv.panels(c.C)}
	for _, r := range c.padded.rows {
		for _, q := range c.padded.cols {
			var flipped []float32
			if terms := r.taps * q.taps * c.F; terms > 0 {
				flipped = Aligned(packedLen(s.channels, terms))
			} else {
				s.gaps = true
			}
			s.flipped = append(s.flipped, flipped)
		}
	}
	return s
}

// flip packs the flipped filters.
func (c *Conv) flip() {
	c.flippedStale = false
	s, g := c.inputs, c.padded
	for j, flipped := range s.flipped {
		r, q := &g.rows[j/len(g.cols)], &g.cols[j%len(g.cols)]
		for i := range s.channels {
			p := &s.channels[i]
			to := p.packed(flipped, r.taps*q.taps*c.F)
			for k := range r.taps * q.taps {
				tap := (r.tap(k/q.taps)*c.KW + q.tap(k%q.taps)) * c.C
				for f := range c.F {
					copy(to[(k*c.F+f)*p.width():][:p.cols], c.w[f*c.taps+tap+p.first:])
				}
			}
		}
	}
}

// scatterInput adds each filter, times the gradient, to the patches that won.
func (c *Conv) scatterInput(i int, y, dy, dx []float32) {
	clear(dx)
	y, dy = c.image(i, y, dy)
	g := c.gatherWinners(i, y, dy)
	g.src, g.srcRow, g.dst, g.dstRow = c.w, c.rowLen, dx, c.dx.row
	c.lv.scatterAll(g, c.K, c.rowLen, c.highP*c.wideP)
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
	place := c.pixelPlaces()
	for i := range windows {
		for _, at := range place {
			s.groupOff = append(s.groupOff, int32(c.P*(i/c.wideP*c.Stride.Rows*c.x.row+i%c.wideP*c.Stride.Cols*c.C)+at))
		}
	}
	return s
}

// gatherInput adds up, at each pixel, the filters that won there.
func (c *Conv) gatherInput(i int, y, dy, dx []float32) {
	if c.inputs == nil {
		c.inputs = c.newGatherInput()
	}
	s, g := c.inputs, &c.gather
	clear(dx)
	y, dy = c.image(i, y, dy)
	for f := 0; f < c.F; f += s.filters {
		c.listImage(i, f, y, dy)
		for ky := 0; ky < c.K; ky += s.rows {
			*g = gather{groups: len(s.groupOff), count: s.lists.count, coef: s.lists.coef, off: s.lists.off, group: s.lists.room, entry: 1,
				src: c.w[f*c.taps+ky*c.rowLen:], srcRow: c.rowLen, dst: dx[ky*c.dx.row:], groupOff: s.groupOff, dstRow: c.dx.row}
			c.lv.gatherAll(g, min(s.rows, c.K-ky), c.rowLen, s.filters)
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
