package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// randomGather returns a gather or scatter of whole numbers, with gaps between rows, in arrays that end with its last
// block. One group has no entries.
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

func TestGatherAndScatterMatchReference(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(23)
		check := func(name string, rows, cols int, kernel, reference func(g *gather, rows, cols int)) {
			g := randomGather(arrays{t}, r, rows, cols)
			want := *g
			want.dst = slices.Clone(g.dst)
			reference(&want, rows, cols)
			kernel(g, rows, cols)
			same(t, fmt.Sprintf("%s: %d rows of %d columns", name, rows, cols), g.dst, want.dst)
		}
		eachGather(func(rows, cols int) { check("gather", rows, cols, active.gather, reference.gather) })
		eachScatter(func(rows, cols int) { check("scatter", rows, cols, active.scatter, reference.scatter) })
	})
}
