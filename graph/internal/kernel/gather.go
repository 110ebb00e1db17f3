package kernel

// A gather call adds up, for groups q and the rows r and columns j of one block,
//
//	dst[groupOff[q] + r·dstRow + j] += Σ e<count[q]  coef[q·group + e·entry] · src[off[q·group + e·entry] + r·srcRow + j]
//
// After a max-pool only the winners carry a gradient. The weight gradient of a filter is the sum of the
// image patches its winners saw (a group is a filter, an entry a window); the input gradient at a pixel is the
// sum of the filters that won there (a group is a pixel, an entry a filter). Both owe 1/P² of the full work.
//
// The assembly knows the offsets of these fields.
type gather struct {
	groups       int
	count        []int32
	coef         []float32
	off          []int32
	group, entry int
	src          []float32
	srcRow       int
	dst          []float32
	groupOff     []int32
	dstRow       int
	tail         int // columns in the last vector
}

// The most rows of a gather, of any width and of one vector of eight.
const (
	gatherRows       = 3
	gatherRowsNarrow = 6
	narrow           = 8
)

// gatherHeight is the most rows of a gather of so many columns.
func gatherHeight(cols int) int {
	if cols <= narrow {
		return gatherRowsNarrow
	}
	return gatherRows
}

// gatherGeneric is the definition of a gather. It adds four entries at a time, in their order.
func gatherGeneric(g *gather, rows, cols int) {
	for q := range g.groups {
		for r := range rows {
			dst := g.dst[int(g.groupOff[q])+r*g.dstRow:][:cols]
			entry := func(e int) (coef float32, src []float32) {
				at := q*g.group + e*g.entry
				return g.coef[at], g.src[int(g.off[at])+r*g.srcRow:][:len(dst)]
			}
			e, n := 0, int(g.count[q])
			for ; e+4 <= n; e += 4 {
				c0, s0 := entry(e)
				c1, s1 := entry(e + 1)
				c2, s2 := entry(e + 2)
				c3, s3 := entry(e + 3)
				for j, v := range dst {
					dst[j] = v + float32(c0*s0[j]) + float32(c1*s1[j]) + float32(c2*s2[j]) + float32(c3*s3[j])
				}
			}
			for ; e < n; e++ {
				c, s := entry(e)
				for j := range dst {
					dst[j] += float32(c * s[j])
				}
			}
		}
	}
}

// A scatter is a gather the other way round: each entry of a group adds to a place of its own,
//
//	dst[off[q·group + e·entry] + r·dstRow + j] += coef[q·group + e·entry] · src[groupOff[q] + r·srcRow + j]
//
// A small filter fits into the registers, and unlike a sum over those that won at a pixel this has no loop of
// unforeseeable length.

// The largest scatter, in rows and columns.
const (
	scatterRows = 3
	scatterCols = 32
)

// scatterGeneric is the definition of a scatter.
func scatterGeneric(g *gather, rows, cols int) {
	for q := range g.groups {
		for e := range int(g.count[q]) {
			at := q*g.group + e*g.entry
			coef := g.coef[at]
			if coef == 0 {
				continue
			}
			for r := range rows {
				src := g.src[int(g.groupOff[q])+r*g.srcRow:][:cols]
				dst := g.dst[int(g.off[at])+r*g.dstRow:][:len(src)]
				for j, v := range src {
					dst[j] += float32(coef * v)
				}
			}
		}
	}
}

// maxGather bounds the multiply-adds of one call, for assembly can't be preempted.
const maxGather = 1 << 22

// gatherAll runs the gather over a block of any size; terms is the most entries a group has.
func (lv *level) gatherAll(g *gather, rows, cols, terms int) {
	whole := *g
	high, wide := min(rows, gatherHeight(cols)), min(cols, lv.gatherCols)
	perCall := max(1, maxGather/(high*max(narrow, wide)*terms))
	for r := 0; r < rows; r += high {
		height := min(high, rows-r)
		for c := 0; c < cols; c += wide {
			width := min(wide, cols-c)
			g.src, g.dst = whole.src[r*g.srcRow+c:], whole.dst[r*g.dstRow+c:]
			for q := 0; q < whole.groups; q += perCall {
				g.part(&whole, q, perCall)
				lv.gather(g, height, width)
			}
		}
	}
	*g = whole
}

// scatterAll runs the scatter over any number of groups; terms is the most entries a group has.
func (lv *level) scatterAll(g *gather, rows, cols, terms int) {
	whole := *g
	perCall := max(1, maxGather/(rows*max(narrow, cols)*terms))
	for q := 0; q < whole.groups; q += perCall {
		g.part(&whole, q, perCall)
		lv.scatter(g, rows, cols)
	}
	*g = whole
}

// part makes g at most n groups of whole, from q on.
func (g *gather) part(whole *gather, q, n int) {
	g.groups = min(n, whole.groups-q)
	g.count, g.groupOff = whole.count[q:], whole.groupOff[q:]
	g.coef, g.off = whole.coef[q*g.group:], whole.off[q*g.group:]
}

// A windowRow is what a layer knows about one row of its pool windows after the forward pass.
type windowRow struct {
	windows, c int       // c values a window
	y, dy      []float32 // stride values a window
	stride     int
	code       []uint8 // which value of the window won; codeStride a window
	codeStride int     // a multiple of 16: codes are read and written in whole vectors
	floor      float32 // a window carries a gradient unless y <= floor
}

// entries has the gradients of some windows as coefficients and offsets for gather, codeStride a window.
type entries struct {
	coef  []float32
	off   []int32
	place []int32 // offset of each value of a window, with room for a vector
	base  int     // offset of the first window
	step  int     // from window to window
}

// entriesGeneric sets coef = y <= floor ? 0 : dy and off = base + place[code] + window·step.
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

// lists sorts the gradients of each window by winner: a list for each window and place.
type lists struct {
	places int
	from   []int32   // offset of each of the c values' filters
	coef   []float32 // room for room values a list
	off    []int32
	count  []int32 // of each list
	room   int     // c and a vector more
}

// listsGeneric appends (dy, from) of every value with a gradient to the list of its winner.
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
