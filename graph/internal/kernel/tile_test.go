package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachPanel calls f with panels of every width and every tail that the active level cuts columns into.
func eachPanel(f func(p *panel)) {
	seen := map[panel]bool{}
	for n := 1; n <= 50; n++ {
		for _, p := range active.panels(n) {
			p.first = 0
			if !seen[p] {
				seen[p] = true
				f(&p)
			}
		}
	}
}

// eachTile calls f with every shape of a tile at the active level, eachPool with every shape of a pool.
func eachTile(f func(p *panel, bases, rows int)) {
	eachPanel(func(p *panel) {
		for bases := 1; bases <= 2; bases++ {
			for rows := range []int{p.alone, p.rows}[bases-1] {
				f(p, bases, rows+1)
			}
		}
	})
}

func eachPool(f func(p *panel, windows int)) {
	eachPanel(func(p *panel) {
		for windows := 1; windows <= max(1, p.rows/2); windows++ {
			f(p, windows)
		}
	})
}

// randomTile returns a tile of whole numbers, with gaps between its rows, in arrays that end with it. With a line, its
// rows are neighbours with that many terms, as on one channel.
func randomTile(a arrays, r *rand.Rand, p *panel, bases, rows, line int, biased, rectify bool) *tile {
	gap := func() int { return r.IntN(4) }
	t := &tile{ni: 1 + r.IntN(5), no: 1 + r.IntN(3), nt: 2 + r.IntN(2), tail: p.tail(), floor: floor(rectify)}
	t.aI, t.aS, t.aH, t.aO, t.aT = 1+gap(), 1+gap(), 1+gap(), 1+gap(), 1+gap()
	if line > 0 {
		t.ni, t.aI, t.aS = line, 1, 1
	}
	t.bI = p.cols + gap()
	t.bO = t.bI*t.ni + gap()
	t.cS = p.cols + gap()
	t.cH = t.cS*rows + gap()
	t.cT = t.cH*bases + gap()
	t.a = a.of(whole(r, (t.nt-1)*t.aT+(bases-1)*t.aH+(rows-1)*t.aS+(t.no-1)*t.aO+(t.ni-1)*t.aI+1))
	t.b = a.of(whole(r, (t.no-1)*t.bO+(t.ni-1)*t.bI+p.cols))
	t.c = a.of(whole(r, (t.nt-1)*t.cT+(bases-1)*t.cH+(rows-1)*t.cS+p.cols))
	if biased {
		t.bias = a.of(whole(r, p.cols))
	}
	return t
}

func TestTileMatchesReference(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(21)
		eachTile(func(p *panel, bases, rows int) {
			for variant := range 12 {
				tl := randomTile(arrays{t}, r, p, bases, rows, 0, variant&1 > 0, variant&2 > 0)
				tl.add = variant >> 2
				if tl.add == goOn && active.terms == math.MaxInt && active.name != generic.name {
					break // no layer asks this level for such tiles
				}
				want := *tl
				want.c = slices.Clone(tl.c)
				reference.tile(p, bases, rows, &want)
				active.tile(p, bases, rows, tl)
				same(t, fmt.Sprintf("%d bases, %d rows, panel %+v", bases, rows, *p), tl.c, want.c)
			}
		})
	})
}

func TestPoolMatchesReference(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(22)
		eachPool(func(p *panel, windows int) {
			for variant := range 4 * 6 {
				a := arrays{t}
				tl := randomTile(a, r, p, 2, 2*windows, variant/4, variant&1 > 0, variant&2 > 0)
				tl.cT = windows * tl.cS // the windows of all tiles are in one row
				tl.c = a.of(whole(r, (tl.nt*windows-1)*tl.cS+p.cols))
				tl.codeS = roundUp(p.cols, LineFloats)
				tl.code = a.bytes(tl.nt * windows * tl.codeS)
				want := *tl
				want.c, want.code = slices.Clone(tl.c), slices.Clone(tl.code)
				reference.pool(p, windows, &want)
				active.pool(p, windows, tl)
				what := fmt.Sprintf("%d tiles of %d windows, panel %+v", tl.nt, windows, *p)
				same(t, what, tl.c, want.c)
				for w := range tl.nt * windows {
					got, want := tl.code[w*tl.codeS:][:p.cols], want.code[w*tl.codeS:][:p.cols]
					if !slices.Equal(got, want) {
						t.Fatalf("%s: window %d: got winners %v, want %v", what, w, got, want)
					}
				}
			}
		})
	})
}
