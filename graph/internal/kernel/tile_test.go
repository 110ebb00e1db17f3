package kernel

import (
	"fmt"
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
			for rows := 1; rows <= p.rows; rows++ {
				f(p, bases, rows)
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

// randomTile is a tile of whole numbers in arrays that end where it does, with gaps between its rows.
func randomTile(a arrays, r *rand.Rand, p *panel, bases, rows int, biased, rectify bool) *tile {
	gap := func() int { return r.IntN(4) }
	t := &tile{ni: 1 + r.IntN(5), no: 1 + r.IntN(3), nt: 2 + r.IntN(2), tail: p.tail(), floor: floor(rectify)}
	t.aI, t.aS, t.aH, t.aO, t.aT = 1+gap(), 1+gap(), 1+gap(), 1+gap(), 1+gap()
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

// sumAt is the sum of column j that a tile's row at makes: whole numbers, so without rounding.
func (t *tile) sumAt(at, j int) float32 {
	var sum float32
	if t.bias != nil {
		sum = t.bias[j]
	}
	for o := range t.no {
		for i := range t.ni {
			sum += t.a[at+o*t.aO+i*t.aI] * t.b[o*t.bO+i*t.bI+j]
		}
	}
	return sum
}

func TestTileMatchesLoops(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(21)
		eachTile(func(p *panel, bases, rows int) {
			for variant := range 8 {
				tl := randomTile(arrays{t}, r, p, bases, rows, variant&1 > 0, variant&2 > 0)
				tl.add = variant >> 2
				want := slices.Clone(tl.c)
				for i := range tl.nt * bases * rows {
					s, h, i := i%rows, i/rows%bases, i/rows/bases
					row := want[i*tl.cT+h*tl.cH+s*tl.cS:]
					for j := range p.cols {
						sum := tl.sumAt(i*tl.aT+h*tl.aH+s*tl.aS, j)
						if tl.add == 1 {
							sum += row[j]
						}
						row[j] = above(tl.floor, sum)
					}
				}
				active.tile(p, bases, rows, tl)
				same(t, fmt.Sprintf("%d bases, %d rows, panel %+v", bases, rows, *p), tl.c, want)
			}
		})
	})
}

func TestPoolMatchesLoops(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(22)
		eachPool(func(p *panel, windows int) {
			for variant := range 4 {
				a := arrays{t}
				tl := randomTile(a, r, p, 2, 2*windows, variant&1 > 0, variant&2 > 0)
				tl.cT = windows * tl.cS // the windows of all tiles are in one row
				tl.c = a.of(whole(r, (tl.nt*windows-1)*tl.cS+p.cols))
				tl.codeS = roundUp(p.cols, 16)
				tl.code = a.bytes(tl.nt * windows * tl.codeS)
				want, wantCode := slices.Clone(tl.c), slices.Clone(tl.code)
				for w := range tl.nt * windows {
					at := w/windows*tl.aT + w%windows*2*tl.aS
					for j := range p.cols {
						best, which := tl.sumAt(at, j), 0
						for k := 1; k < 4; k++ {
							if v := tl.sumAt(at+k/2*tl.aH+k%2*tl.aS, j); v > best {
								best, which = v, k
							}
						}
						want[w*tl.cS+j], wantCode[w*tl.codeS+j] = above(tl.floor, best), uint8(which)
					}
				}
				active.pool(p, windows, tl)
				what := fmt.Sprintf("%d tiles of %d windows, panel %+v", tl.nt, windows, *p)
				same(t, what, tl.c, want)
				for w := range tl.nt * windows {
					got, want := tl.code[w*tl.codeS:][:p.cols], wantCode[w*tl.codeS:][:p.cols]
					if !slices.Equal(got, want) {
						t.Fatalf("%s: window %d: got winners %v, want %v", what, w, got, want)
					}
				}
			}
		})
	})
}
