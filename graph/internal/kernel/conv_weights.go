package kernel

// convWeights is the scratch memory of GradWeights. Sums start from zero here: so an added gradient has the bits of one
// that is set.
type convWeights struct {
	dw, db  []float32   // as w and bias
	turned  []float32   // dw in the order of the caller's weights
	filters []panel     // tileWeights: panels of the part's filters
	packed  []float32   // tileWeights: dw as (taps, F) in panels
	tiles   [][]tapTile // tileWeights: the tiles of each panel
	patches []float32   // winnerWeights: (F/16, K²+1, 16), the weights and the bias of 16 filters at a time
	quads   []float32   // winnerWeights: (H, W, 4), of each pixel and its neighbours to the right and below
}

// GradWeights sets dw (F, K, KW, C) and db (F) to the gradients of the weights and the bias, summed over the images, or
// adds them if add is true. It wants the n images x and the output y of the last Forward, and the gradient dy of y. A
// nil db is left out. Without Rectify y may be nil, and without a pool too there need be no Forward before.
func (c *Conv) GradWeights(n int, x, y, dy, dw, db []float32, add bool) {
	c.needGradient(n, y, dy)
	need("convolution", "x", len(x), n*c.imageLen())
	need("convolution", "dw", len(dw), c.F*c.taps)
	if db != nil {
		need("convolution", "db", len(db), c.F)
	}
	if c.weights == nil {
		c.weights = &convWeights{dw: Aligned(c.F * c.taps), db: Aligned(c.F)}
	}
	s := c.weights
	clear(s.db)
	from, to := c.ownFilters()
	if from == to {
		return
	}
	c.gradWeights(c, n, x, y, dy)
	sum := s.dw
	if c.turnsWeights() {
		if s.turned == nil {
			s.turned = Aligned(len(sum))
		}
		c.turnWeights(sum, s.turned, c.K*c.KW, c.C)
		sum = s.turned
	}
	settle(dw[from*c.taps:], sum[from*c.taps:to*c.taps], add)
	if db != nil {
		settle(db[from:], s.db[from:to], add)
	}
}

// ownFilters returns the filters, whole blocks of them, whose gradients belong to the plan's share. Each part that has
// some goes over the gradients of all: with half as many such parts, less is done twice.
func (c *Conv) ownFilters() (from, to int) {
	if c.part%2 == 1 {
		return 0, 0
	}
	half := share{c.part / 2, (c.parts + 1) / 2}
	from, to = half.cut((c.F + c.block - 1) / c.block)
	return from * c.block, min(to*c.block, c.F)
}

// settle sets dst to v, or adds v to dst.
func settle(dst, v []float32, add bool) {
	if !add {
		copy(dst, v)
		return
	}
	dst = dst[:len(v)]
	for i := range dst {
		dst[i] += v[i]
	}
}

// needGradient checks n, y and dy.
func (c *Conv) needGradient(n int, y, dy []float32) {
	needImages("convolution", n, c.N)
	need("convolution", "dy", len(dy), n*c.outLen())
	if c.Rectify {
		need("convolution", "y", len(y), n*c.outLen())
	}
}

// image returns the planes of image i's output and its gradient. The output decides where the gradient passes: without
// Rectify any will do.
func (c *Conv) image(i int, y, dy []float32) (imageY, imageDY []float32) {
	if c.dy == nil {
		p := c.outPlane()
		c.dy = &p
	}
	at := i * c.outLen()
	dy = c.dy.fill(c.lv, dy[at:])
	if !c.Rectify {
		return dy, dy
	}
	return c.y.fill(c.lv, y[at:]), dy
}

// windowRow returns row py of image i's windows, given the planes of its output.
func (c *Conv) windowRow(i, py int, y, dy []float32) *windowRow {
	at := py * c.wideP
	c.row.y, c.row.dy, c.row.c = y[at*c.F:], dy[at*c.F:], c.F
	if c.P > 1 {
		c.row.code = c.imageCode(i)[at*c.row.codeStride:]
	}
	return &c.row
}

// winnerWeights adds each gradient times the patch that won.
func (c *Conv) winnerWeights(n int, x, y, dy []float32) {
	s := c.weights
	const filters = LineFloats
	values := c.taps + 1
	if s.patches == nil {
		s.patches, s.quads = Aligned(roundUp(c.F, filters)*values), Aligned(4*c.imageLen())
	}
	clear(s.patches)
	from, to := c.ownFilters()
	for i := range n {
		y, dy := c.image(i, y, dy)
		w := c.windowRow(i, 0, y[from:], dy[from:])
		w.c, w.code = to-from, w.code[from:]
		c.lv.winner(c.K, w, c.ink.band[i*c.highP:][:c.highP], x[i*c.imageLen():], c.W, s.quads, s.patches)
	}
	for f := from; f < to; f += filters {
		sums, own := s.patches[(f-from)*values:][:filters*values], min(filters, to-f)
		c.lv.transpose(c.taps, own, sums, filters, s.dw[f*c.taps:], c.taps)
		copy(s.db[f:f+own], sums[filters*c.taps:])
	}
}

// gatherWeights adds up, for each filter, the patches that won, times their gradients.
func (c *Conv) gatherWeights(n int, x, y, dy []float32) {
	clear(c.weights.dw)
	from, to := c.ownFilters()
	for i := range n {
		y, dy := c.image(i, y, dy)
		g := c.gatherWinners(i, y, dy)
		g.part(g, from, to-from)
		g.src, g.srcRow, g.dst, g.dstRow = c.x.fill(c.lv, x[i*c.imageLen():]), c.x.row, c.weights.dw, c.rowLen
		c.lv.gatherAll(g, c.K, c.rowLen, c.highP*c.wideP)
		c.lv.columnSums(&c.tile, c.filters, c.winners.entries.coef, c.row.codeStride, 0, c.highP*c.wideP, 1, c.weights.db)
	}
}

// A tapTile is the weights of a filter that one tile computes: as many as rows from tap on and, if bases is 2, from
// tap+apart on.
type tapTile struct {
	tap, pixel        int // in the filter, and of the first value in the image that it multiplies
	apart, pixelApart int
	rows, bases       int
}

// tapTiles cuts runs of neighbouring taps, given the pixel of the first of each, into parts of about equal length, at
// most most, and pairs equal ones.
func tapTiles(pixels []int, run, most int) []tapTile {
	var ts []tapTile
	parts := (run + most - 1) / most
	at := 0
	for part := range parts {
		rows := (run - at) / (parts - part)
		for i, pixel := range pixels {
			t := tapTile{tap: i*run + at, pixel: pixel + at, rows: rows, bases: 1}
			if last := len(ts) - 1; last >= 0 && ts[last].bases == 1 && ts[last].rows == rows {
				if p := ts[last]; p.tap < t.tap {
					t.tap, t.pixel, t.apart, t.pixelApart = p.tap, p.pixel, t.tap-p.tap, t.pixel-p.pixel
				} else { // the last run of one part, the first of the next
					t.apart, t.pixelApart = p.tap-t.tap, p.pixel-t.pixel
				}
				t.bases = 2
				ts = ts[:last]
			}
			ts = append(ts, t)
		}
		at += rows
	}
	return ts
}

// runPixels returns the pixel that each run of a filter's taps starts at.
func (c *Conv) runPixels() []int {
	var pixels []int
	for ky := range c.K {
		for j := range c.rowLen / c.run {
			pixels = append(pixels, ky*c.Dilation.Rows*c.x.row+j*c.Dilation.Cols*c.C)
		}
	}
	return pixels
}

// tileWeights multiplies the gradient before the pool with the image.
func (c *Conv) tileWeights(n int, x, y, dy []float32) {
	s := c.weights
	if s.packed == nil {
		from, to := c.ownFilters()
		s.filters = c.lv.panels(to - from)
		for j := range s.filters {
			s.filters[j].first += from
		}
		s.packed = Aligned(packedLen(s.filters, c.taps))
		for _, p := range s.filters {
			s.tiles = append(s.tiles, tapTiles(c.runPixels(), c.run, p.rows))
		}
	}
	clear(s.packed)
	for i := range n {
		dz, row := c.padGradient(i, y, dy)
		if from, to := c.inkColumns(i); from < to {
			c.addTaps(c.x.fill(c.lv, x[i*c.imageLen():])[from*c.Stride.Cols*c.C:], dz[from*c.F:], row, to-from)
		}
		c.lv.columnSums(&c.tile, s.filters, dz, c.F, row, c.wideP*c.P, c.highP*c.P, s.db)
	}
	for j := range s.filters {
		p := &s.filters[j]
		c.lv.transpose(c.taps, p.cols, p.packed(s.packed, c.taps), p.width(), s.dw[p.first*c.taps:], c.taps)
	}
}

// addTaps adds the gradient of one image to the packed dw, given the gradient dz (·, row) before the pool. It reads
// that many columns of the output.
func (c *Conv) addTaps(x, dz []float32, row, columns int) {
	t := &c.tile
	for j := range c.weights.filters {
		p := &c.weights.filters[j]
		dw := p.packed(c.weights.packed, c.taps)
		for _, k := range c.weights.tiles[j] {
			*t = tile{a: x[k.pixel:], aH: k.pixelApart, aS: 1, aI: c.Stride.Cols * c.C, aO: c.Stride.Rows * c.x.row, b: dz[p.first:], bI: c.F, bO: row,
				ni: columns, no: c.highP * c.P, c: dw[k.tap*p.width():], cH: k.apart * p.width(), cS: p.width(), tail: p.tail(), floor: floor(false)}
			t.callAdding(func() { c.lv.tile(p, k.bases, k.rows, t) })
		}
	}
}
