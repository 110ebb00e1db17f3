package kernel

// winners are the gradients of an image's outputs as coefficients, each with the offset of the patch it saw: a group
// for each filter.
type winners struct {
	entries  entries
	count    []int32 // entries of a filter
	groupOff []int32 // of a filter in w
}

// listWinners is a gather or scatter of image i's gradients, filter by filter, without src and dst.
func (c *Conv) listWinners(i int, y, dy []float32) *gather {
	windows := c.highP * c.wideP
	if c.winners == nil {
		size := windows * c.row.codeStride
		w := &winners{entries: entries{coef: Aligned(size), off: make([]int32, size), place: make([]int32, max(8, c.P*c.P)), step: c.P * c.C}}
		for k, at := range places(c.P, c.W*c.C, c.C) {
			w.entries.place[k] = int32(at)
		}
		for f := range c.F {
			w.count, w.groupOff = append(w.count, int32(windows)), append(w.groupOff, int32(f*c.taps))
		}
		c.winners = w
	}
	w := c.winners
	for py := range c.highP {
		e := w.entries
		at := py * c.wideP * c.row.codeStride
		e.coef, e.off, e.base = e.coef[at:], e.off[at:], py*c.P*c.W*c.C
		c.lv.entries(c.windowRow(i, py, y, dy), e)
	}
	c.gather = gather{groups: c.F, count: w.count, coef: w.entries.coef, off: w.entries.off, group: 1, entry: c.row.codeStride, groupOff: w.groupOff}
	return &c.gather
}
