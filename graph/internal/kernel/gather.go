package kernel

// A gather is one call of a kernel that adds, for groups q and the rows r and columns j of one block,
//
//	dst[groupOff[q] + r·dstRow + j] += Σ e<count[q]  coef[q·group + e·entry] · src[off[q·group + e·entry] + r·srcRow + j]
//
// A scatter is the other way round: each entry of a group adds to a place of its own,
//
//	dst[off[q·group + e·entry] + r·dstRow + j] += coef[q·group + e·entry] · src[groupOff[q] + r·srcRow + j]
//
// After a max-pool only the winners have a gradient: 1/P² of all. The gradient of a filter gathers the image patches
// that won for it: a group is a filter, an entry a window. The gradient of a pixel gathers the filters that won there:
// a group is a pixel, an entry a filter. A small filter, which fits into the registers, is scattered instead: that has
// no loop of unpredictable length.
//
// The assembly reads this struct: run go generate after a change.
type gather struct {
	groups       int
	count        []int32 // entries of each group
	coef         []float32
	off          []int32
	group, entry int // steps in coef and off
	src          []float32
	srcRow       int
	dst          []float32
	groupOff     []int32
	dstRow       int
	tail         int // columns in the last vector
}

// The greatest blocks in rows and columns. A gather has gatherRowsNarrow rows of up to eight columns, or gatherRows of
// up to level.gatherCols.
const (
	gatherRows       = 3
	gatherRowsNarrow = 6
	narrow           = 8
	scatterRows      = 3
	scatterCols      = 32
)

// gatherHeight returns the most rows of a gather of that many columns.
func gatherHeight(cols int) int {
	if cols <= narrow {
		return gatherRowsNarrow
	}
	return gatherRows
}

// gatherGeneric adds the entries of a gather in order, four at a time.
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

// scatterGeneric adds the entries of a scatter in order.
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

// maxGather limits the multiply-adds of one call: assembly can't be preempted.
const maxGather = 1 << 22

// gatherAll gathers a block of any size; terms is the most entries of a group.
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

// scatterAll scatters any number of groups; terms is the most entries of a group.
func (lv *level) scatterAll(g *gather, rows, cols, terms int) {
	whole := *g
	perCall := max(1, maxGather/(rows*max(narrow, cols)*terms))
	for q := 0; q < whole.groups; q += perCall {
		g.part(&whole, q, perCall)
		lv.scatter(g, rows, cols)
	}
	*g = whole
}

// part sets g to at most n groups of whole, from q on.
func (g *gather) part(whole *gather, q, n int) {
	g.groups = min(n, whole.groups-q)
	g.count, g.groupOff = whole.count[q:], whole.groupOff[q:]
	g.coef, g.off = whole.coef[q*g.group:], whole.off[q*g.group:]
}
