package kernel

// convWeights is the scratch of Conv.GradWeights. Sums start from zero here, so that adding to dw adds
// exactly what would have been stored.
type convWeights struct {
	dw, db []float32 // in the layout of w and bias

	// Dense: dw as (taps, F) in panels, the tiles of each panel.
	packed []float32
	tiles  [][]tapTile

	patches []float32 // winner5x5: 25 weights and the bias of 16 filters, for each 16 filters
}

// GradWeights sets dw and db, or adds to them, given the n images and the output of the last Forward and the
// gradient of the output.
func (c *Conv) GradWeights(n int, x, y, dy, dw, db []float32, add bool) {
	y = c.needGradient(n, y, dy)
	need("convolution", "x", len(x), n*c.imageLen())
	need("convolution", "dw", len(dw), c.F*c.taps)
	need("convolution", "db", len(db), c.F)
	if c.weights == nil {
		c.weights = &convWeights{dw: Aligned(c.F * c.taps), db: Aligned(c.F)}
	}
	s := c.weights
	clear(s.db)
	switch {
	case c.lv.winner5x5 != nil && c.ink != nil && c.C == 1 && c.K == 5 && c.P == 2 && c.F%16 == 0:
		c.winnerWeights(n, x, y, dy)
	case c.P > 1 && c.P*c.P*c.taps >= c.lv.sparseWork:
		c.sparseWeights(n, x, y, dy)
	default:
		c.denseWeights(n, x, y, dy)
	}
	settle(dw, s.dw, add)
	settle(db, s.db, add)
}

// settle sets dst to v, or adds v to it.
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

// needGradient checks y and dy and returns the y that decides where dy passes: without Rectify any will do.
func (c *Conv) needGradient(n int, y, dy []float32) []float32 {
	needImages("convolution", n, c.N)
	need("convolution", "dy", len(dy), n*c.outLen())
	if !c.Rectify {
		return dy
	}
	need("convolution", "y", len(y), n*c.outLen())
	return y
}

// windowRow is row py of image i's windows.
func (c *Conv) windowRow(i, py int, y, dy []float32) *windowRow {
	at := (i*c.highP + py) * c.wideP
	c.row.y, c.row.dy, c.row.c = y[at*c.F:], dy[at*c.F:], c.F
	if c.P > 1 {
		c.row.code = c.code[at*c.row.codeStride:]
	}
	return &c.row
}

func (c *Conv) winnerWeights(n int, x, y, dy []float32) {
	s := c.weights
	const filters, values = 16, 26
	if s.patches == nil {
		s.patches = Aligned(c.F * values)
	}
	clear(s.patches)
	for i := range n {
		w := c.windowRow(i, 0, y, dy)
		all := *w
		for f := 0; f < c.F; f += filters {
			w.y, w.dy, w.code = all.y[f:], all.dy[f:], all.code[f:]
			c.lv.winner5x5(w, c.ink.band[i*c.highP:][:c.highP], x[i*c.imageLen():], c.W, s.patches[f*values:])
		}
	}
	for f := 0; f < c.F; f += filters {
		from := s.patches[f*values:][:filters*values]
		c.lv.transpose(c.taps, filters, from, filters, s.dw[f*c.taps:], c.taps)
		copy(s.db[f:], from[filters*c.taps:])
	}
}

func (c *Conv) sparseWeights(n int, x, y, dy []float32) {
	clear(c.weights.dw)
	for i := range n {
		g := c.listWinners(i, y, dy)
		g.src, g.srcRow, g.dst, g.dstRow = x[i*c.imageLen():], c.W*c.C, c.weights.dw, c.run
		c.lv.gatherAll(g, c.K, c.run, c.highP*c.wideP)
		c.lv.columnSums(&c.tile, c.filters, g.coef, c.row.codeStride, 0, c.highP*c.wideP, 1, c.weights.db)
	}
}

// A tapTile is the weights of a filter that one tile computes: rows of them from tap on, and as many from tap+apart on if bases is 2.
type tapTile struct {
	tap, pixel        int // their place in the filter, and of what they multiply in the image
	apart, pixelApart int
	rows, bases       int
}

// tapTiles cuts the k runs of a filter into parts of about equal length and pairs equal ones.
func tapTiles(k, run, row, most int) []tapTile {
	var ts []tapTile
	parts := (run + most - 1) / most
	at := 0
	for part := range parts {
		rows := (run - at) / (parts - part)
		for ky := range k {
			t := tapTile{tap: ky*run + at, pixel: ky*row + at, rows: rows, bases: 1}
			if last := len(ts) - 1; last >= 0 && ts[last].bases == 1 && ts[last].rows == rows {
				if p := ts[last]; p.tap < t.tap {
					t.tap, t.pixel, t.apart, t.pixelApart = p.tap, p.pixel, t.tap-p.tap, t.pixel-p.pixel
				} else { // the last row of one part, the first of the next
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

func (c *Conv) denseWeights(n int, x, y, dy []float32) {
	s := c.weights
	if s.packed == nil {
		s.packed = Aligned(packedLen(c.filters, c.taps))
		for _, p := range c.filters {
			s.tiles = append(s.tiles, tapTiles(c.K, c.run, c.W*c.C, p.rows))
		}
	}
	clear(s.packed)
	for i := range n {
		dz, row := c.spreadGradient(i, y, dy)
		if from, to := c.inkColumns(i); from < to {
			c.addTaps(x[i*c.imageLen()+from*c.C:], dz[from*c.F:], row, to-from)
		}
		c.lv.columnSums(&c.tile, c.filters, dz, c.F, row, c.wideP*c.P, c.highP*c.P, s.db)
	}
	for j := range c.filters {
		p := &c.filters[j]
		c.lv.transpose(c.taps, p.cols, p.packed(s.packed, c.taps), p.width(), s.dw[p.first*c.taps:], c.taps)
	}
}

// addTaps adds to the packed dw what an image gives whose gradient before the pool is dz, over so many columns.
func (c *Conv) addTaps(x, dz []float32, row, columns int) {
	t := &c.tile
	for j := range c.filters {
		p := &c.filters[j]
		dw := p.packed(c.weights.packed, c.taps)
		for _, k := range c.weights.tiles[j] {
			*t = tile{a: x[k.pixel:], aH: k.pixelApart, aS: 1, aI: c.C, aO: c.W * c.C, b: dz[p.first:], bI: c.F, bO: row,
				ni: columns, no: c.highP * c.P, c: dw[k.tap*p.width():], cH: k.apart * p.width(), cS: p.width(), tail: p.tail(), floor: floor(false)}
			t.runAdding(func() { c.lv.tile(p, k.bases, k.rows, t) })
		}
	}
}

var one = []float32{1}

// columnSums adds to sum the sum over o < no, i < ni of v[o·vO + i·vI + column]: a product with ones.
func (lv *level) columnSums(t *tile, columns []panel, v []float32, vI, vO, ni, no int, sum []float32) {
	for j := range columns {
		p := &columns[j]
		*t = tile{a: one, b: v[p.first:], bI: vI, bO: vO, ni: ni, no: no, c: sum[p.first:], tail: p.tail(), floor: floor(false)}
		t.runAdding(func() { lv.tile(p, 1, 1, t) })
	}
}
