package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomGather is a gather or scatter of whole numbers in arrays that end where its last block does, with gaps
// between rows. One group has no entries.
func randomGather(a arrays, r *rand.Rand, rows, cols int) *gather {
	const last = 20 // offset
	g := &gather{count: []int32{3, 0, 1, 6}, groupOff: []int32{last, 0, int32(r.IntN(last)), int32(r.IntN(last))}}
	g.groups, g.entry = len(g.count), 1+r.IntN(3)
	g.group = 6*g.entry + r.IntN(4)
	g.coef, g.off = whole(r, g.groups*g.group), make([]int32, g.groups*g.group)
	for i := range g.off {
		g.off[i] = int32(r.IntN(last))
	}
	g.off[0] = last
	g.srcRow, g.dstRow = cols+r.IntN(4), cols+r.IntN(4)
	g.src, g.dst = a.of(whole(r, last+(rows-1)*g.srcRow+cols)), a.of(whole(r, last+(rows-1)*g.dstRow+cols))
	return g
}

// eachGather calls f with every shape of a gather at the active level, eachScatter with every shape of a scatter.
func eachGather(f func(rows, cols int)) {
	for cols := 1; cols <= min(active.gatherCols, 100); cols++ {
		for rows := 1; rows <= gatherHeight(cols); rows++ {
			f(rows, cols)
		}
	}
}

func eachScatter(f func(rows, cols int)) {
	for cols := 1; cols <= scatterCols; cols++ {
		for rows := 1; rows <= scatterRows; rows++ {
			f(rows, cols)
		}
	}
}

// A gather adds entries to their group, a scatter the group to its entries.
func TestGatherAndScatterMatchLoops(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(23)
		check := func(name string, rows, cols int, kernel func(g *gather, rows, cols int), scatter bool) {
			g := randomGather(arrays{t}, r, rows, cols)
			want := slices.Clone(g.dst)
			g.eachTerm(rows, cols, func(coef float32, to, from, row, j int) {
				if scatter {
					to, from = from, to
				}
				want[to+row*g.dstRow+j] += coef * g.src[from+row*g.srcRow+j]
			})
			kernel(g, rows, cols)
			same(t, fmt.Sprintf("%s: %d rows of %d columns", name, rows, cols), g.dst, want)
		}
		eachGather(func(rows, cols int) { check("gather", rows, cols, active.gather, false) })
		eachScatter(func(rows, cols int) { check("scatter", rows, cols, active.scatter, true) })
	})
}

// eachTerm calls f with every coefficient, the offsets of its group and its entry, and a row and column.
func (g *gather) eachTerm(rows, cols int, f func(coef float32, group, entry, row, j int)) {
	for q, n := range g.count {
		for e := range int(n) {
			at := q*g.group + e*g.entry
			for k := range rows * cols {
				f(g.coef[at], int(g.groupOff[q]), int(g.off[at]), k/cols, k%cols)
			}
		}
	}
}
