package kernel

// A windowRow is one row of a layer's pool windows after the forward pass.
type windowRow struct {
	windows, c int       // c values a window
	y, dy      []float32 // stride values a window
	stride     int
	code       []uint8 // which value of the window won; codeStride values a window
	codeStride int     // a multiple of LineFloats: codes are read and written in whole vectors
	floor      float32 // a window carries a gradient unless y <= floor
}

// entries are the gradients of some windows as coefficients and offsets of a gather, codeStride values a window.
type entries struct {
	coef  []float32
	off   []int32
	place []int32 // offset of each value of a window, 8 or more values for a whole vector
	base  int     // offset of the first window
	step  int     // from window to window
}

// entriesGeneric sets coef = y <= floor ? 0 : dy and off = base + window·step + place[code].
func entriesGeneric(w *windowRow, e entries) {
	base := int32(e.base)
	for i := range w.windows {
		y, dy := w.y[i*w.stride:][:w.c], w.dy[i*w.stride:][:w.c]
		code, coef, off := w.code[i*w.codeStride:], e.coef[i*w.codeStride:], e.off[i*w.codeStride:]
		for f, g := range dy {
			coef[f], off[f] = pass(g, y[f], w.floor), base+e.place[code[f]]
		}
		base += int32(e.step)
	}
}

// lists are the gradients of some windows sorted by winner: a list for each window and place in it.
type lists struct {
	places int
	from   []int32   // offset of each of the c values' filters
	coef   []float32 // room values a list
	off    []int32   // room values a list
	count  []int32   // length of each list
	room   int       // c and a vector more
}

// listsGeneric appends dy and from of every value with a gradient to the list of its winner.
func listsGeneric(w *windowRow, l lists) {
	clear(l.count[:w.windows*l.places])
	for i := range w.windows {
		y, dy := w.y[i*w.stride:][:w.c], w.dy[i*w.stride:][:w.c]
		code := w.code[i*w.codeStride:]
		for f, g := range dy {
			if y[f] <= w.floor {
				continue
			}
			q := i*l.places + int(code[f])
			at := q*l.room + int(l.count[q])
			l.coef[at], l.off[at] = g, l.from[f]
			l.count[q]++
		}
	}
}

// winners are the gradients of one image's outputs, as the entries of a gather with a group for each filter.
type winners struct {
	entries  entries
	count    []int32 // entries of a filter
	groupOff []int32 // offset of a filter in w
}

// pixelPlaces returns the offsets, in the plane of an image, of the patches of a window's values.
func (c *Conv) pixelPlaces() []int { return places(c.P, c.P, c.Stride.Rows*c.x.row, c.Stride.Cols*c.C) }

// gatherWinners returns a gather or scatter, without src and dst, of image i: each output's gradient is a coefficient,
// with the offset of the image patch that won. Filters are the groups.
func (c *Conv) gatherWinners(i int, y, dy []float32) *gather {
	windows := c.highP * c.wideP
	if c.winners == nil {
		size := windows * c.row.codeStride
		w := &winners{entries: entries{coef: Aligned(size), off: make([]int32, size), place: make([]int32, max(8, c.P*c.P)), step: c.P * c.Stride.Cols * c.C}}
		for k, at := range c.pixelPlaces() {
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
		e.coef, e.off, e.base = e.coef[at:], e.off[at:], py*c.P*c.Stride.Rows*c.x.row
		c.lv.entries(c.windowRow(i, py, y, dy), e)
	}
	c.gather = gather{groups: c.F, count: w.count, coef: w.entries.coef, off: w.entries.off, group: 1, entry: c.row.codeStride, groupOff: w.groupOff}
	return &c.gather
}
