package main

// Columns are the vectors of a block's rows. The last vector of a row ends with its last column and overlaps the one
// before it, so that nothing outside of the row is read or written. That computes up to three columns twice, in the same
// way: a row is loaded as a whole before it is stored. Rows of one to three columns have functions of their own.
type columns struct {
	*neon
	vecs   int
	narrow bool
	end    gp // offset in bytes of the last of several vectors; of a narrow one, its columns
}

// columns returns those of a block, given the register of its tail, the number of columns in the last vector.
func (n *neon) columns(vecs int, narrow bool, tail gp) columns {
	if !narrow && vecs > 1 {
		n.op("LSL", 2, tail)
		if vecs > 2 {
			n.op("ADD", vecBytes*(vecs-2), tail)
		}
	}
	return columns{n, vecs, narrow, tail}
}

// isaNEON returns the end of the functions' names.
func isaNEON(narrow bool) string {
	if narrow {
		return "NEONNarrow"
	}
	return "NEON"
}

// load loads vector z of a row. The lanes after a narrow row's columns are 0.
func (c columns) load(base gp, z int, v vec) {
	switch {
	case c.narrow:
		c.lanes(base, func(op, address string) { c.op(op, address, v.low()) }, func(base gp) { c.op("VLD1", at(base, 0), v.as("S[2]")) })
	case z > 0 && z == c.vecs-1:
		c.loadAt(base, c.end, v)
	default:
		c.op("FMOVQ", at(base, vecBytes*z), v.low())
	}
}

// store stores vector z of a row.
func (c columns) store(v vec, base gp, z int) {
	switch {
	case c.narrow:
		c.lanes(base, func(op, address string) { c.op(op, v.low(), address) }, func(base gp) { c.op("VST1", v.as("S[2]"), at(base, 0)) })
	case z > 0 && z == c.vecs-1:
		c.storeAt(v, base, c.end)
	default:
		c.op("FMOVQ", v.low(), at(base, vecBytes*z))
	}
}

// lanes moves one, two or three lanes: the first or the first two at once, then the third.
func (c columns) lanes(base gp, first func(op, address string), third func(base gp)) {
	two, done := c.newLabel("two"), c.newLabel("done")
	c.op("TBNZ", 1, c.end, two)
	first("FMOVS", at(base, 0))
	c.op("B", done)
	c.label(two)
	first("FMOVD", at(base, 0))
	c.op("TBZ", 0, c.end, done)
	c.within(func() {
		tmp := c.reg()
		c.op("ADD", 2*laneBytes, base, tmp)
		third(tmp)
	})
	c.label(done)
}
