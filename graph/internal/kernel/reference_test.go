package kernel

import (
	"math"
	"slices"
)

// reference is the definition of every kernel, as plain loops. The tests compare each level with it. It rounds once,
// where it stores a result.
var reference = level{
	name: "reference",
	panels: func(n int) []panel {
		return []panel{{cols: n, vecs: 1, lanes: n, rows: 6, alone: 6}}
	},
	tile:             referenceTile,
	terms:            math.MaxInt,
	pool:             referencePool,
	gather:           referenceGather,
	scatter:          referenceScatter,
	gatherCols:       math.MaxInt,
	lists:            referenceLists,
	entries:          referenceEntries,
	winner:           referenceWinner,
	winnerFilters:    map[int]int{3: 8, 4: 8, 5: 16},
	poolMax:          referencePoolMax,
	unpool:           referenceUnpool,
	rectify:          referenceRectify,
	amx:              amxGeneric, // these are plain loops
	roundBF16:        roundBF16Generic,
	pairBF16:         pairBF16Generic,
	prefetch:         func([]uint8) {},
	scaleBytes:       referenceScaleBytes,
	transpose:        referenceTranspose,
	nonzero:          referenceNonzero,
	hasNaN:           referenceHasNaN,
	adam:             referenceAdam,
	multiplyAdds:     referenceMultiplyAdds,
	multiplyAddsLen:  12,
	multiplyAddsFLOP: 2,
}

// referenceSum returns the sum of column j in a tile's row that starts at a[at].
func referenceSum(t *tile, at, j int) float32 {
	var sum float64
	if t.bias != nil && t.add != goOn {
		sum = float64(t.bias[j])
	}
	for o := range t.no {
		for i := range t.ni {
			sum += float64(t.a[at+o*t.aO+i*t.aI]) * float64(t.b[o*t.bO+i*t.bI+j])
		}
	}
	return float32(sum)
}

func referenceTile(p *panel, bases, rows int, t *tile) {
	for i := range t.nt {
		for h := range bases {
			for s := range rows {
				for j := range p.cols {
					sum := referenceSum(t, i*t.aT+h*t.aH+s*t.aS, j)
					c := &t.c[i*t.cT+h*t.cH+s*t.cS+j]
					if t.add > 0 {
						sum += *c
					}
					*c = above(t.floor, sum)
				}
			}
		}
	}
}

// referencePool is a tile of two bases, pixels above each other, and of two rows for each window: it keeps the greatest
// of a window's four sums and its number, row by row.
func referencePool(p *panel, windows int, t *tile) {
	for i := range t.nt {
		for w := range windows {
			at, out := i*t.aT+w*2*t.aS, i*windows+w
			for j := range p.cols {
				best, which := referenceSum(t, at, j), 0
				for k := 1; k < 4; k++ {
					sum := referenceSum(t, at+k/2*t.aH+k%2*t.aS, j)
					if sum > best {
						which = k
					}
					best = max(best, sum) // NaN stays
				}
				t.c[out*t.cS+j], t.code[out*t.codeS+j] = above(t.floor, best), uint8(which)
			}
		}
	}
}

func referenceGather(g *gather, rows, cols int) {
	for q := range g.groups {
		for r := range rows {
			for j := range cols {
				dst := &g.dst[int(g.groupOff[q])+r*g.dstRow+j]
				sum := float64(*dst)
				for e := range int(g.count[q]) {
					at := q*g.group + e*g.entry
					sum += float64(g.coef[at]) * float64(g.src[int(g.off[at])+r*g.srcRow+j])
				}
				*dst = float32(sum)
			}
		}
	}
}

func referenceScatter(g *gather, rows, cols int) {
	for q := range g.groups {
		for e := range int(g.count[q]) {
			at := q*g.group + e*g.entry
			for r := range rows {
				for j := range cols {
					dst := &g.dst[int(g.off[at])+r*g.dstRow+j]
					*dst = float32(float64(*dst) + float64(g.coef[at])*float64(g.src[int(g.groupOff[q])+r*g.srcRow+j]))
				}
			}
		}
	}
}

// passed returns the gradient of value f of window i: dy where y is above the floor, else 0.
func (w *windowRow) passed(i, f int) float32 {
	if w.y[i*w.stride+f] <= w.floor {
		return 0
	}
	return w.dy[i*w.stride+f]
}

// won returns which value of window i gave its value f.
func (w *windowRow) won(i, f int) int { return int(w.code[i*w.codeStride+f]) }

func referenceEntries(w *windowRow, e entries) {
	for i := range w.windows {
		for f := range w.c {
			at := i*w.codeStride + f
			e.coef[at], e.off[at] = w.passed(i, f), int32(e.base+i*e.step)+e.place[w.won(i, f)]
		}
	}
}

func referenceLists(w *windowRow, l lists) {
	for q := range w.windows * l.places {
		n := 0
		for f := range w.c {
			if i := q / l.places; w.won(i, f) == q%l.places && !(w.y[i*w.stride+f] <= w.floor) {
				l.coef[q*l.room+n], l.off[q*l.room+n] = w.dy[i*w.stride+f], l.from[f]
				n++
			}
		}
		l.count[q] = int32(n)
	}
}

// referenceWinner adds to dw (c/16, k²+1, 16) what rows of windows give to the k² weights of c filters and, last, to their
// bias: each filter's gradient times the patch of its winner. x is an image (H, xRow) of one channel, pooled by 2.
func referenceWinner(k int, w *windowRow, band []uint64, x []float32, xRow int, _, dw []float32) {
	for i := range len(band) * w.windows {
		for f := range w.c {
			top, left := i/w.windows*2+w.won(i, f)/2, i%w.windows*2+w.won(i, f)%2
			dy := w.passed(i, f)
			sums := dw[f/16*16*(k*k+1)+f%16:]
			for ky := range k {
				for kx := range k {
					sums[(ky*k+kx)*16] += dy * x[(top+ky)*xRow+left+kx]
				}
			}
			sums[k*k*16] += dy
		}
	}
}

func referencePoolMax(x []float32, step int, place []int, y []float32, w *windowRow) {
	for i := range w.windows {
		for j := range w.c {
			best, which := x[i*step+place[0]+j], 0
			for k, at := range place {
				v := x[i*step+at+j]
				if v > best {
					which = k
				}
				best = max(best, v) // NaN stays
			}
			y[i*w.c+j], w.code[i*w.codeStride+j] = above(w.floor, best), uint8(which)
		}
	}
}

func referenceUnpool(w *windowRow, dx []float32, step int, place []int) {
	for i := range w.windows {
		for j := range w.c {
			for k, at := range place {
				dx[i*step+at+j] = 0
				if k == w.won(i, j) {
					dx[i*step+at+j] = w.passed(i, j)
				}
			}
		}
	}
}

func referenceRectify(y, v, dst []float32) {
	for i := range dst {
		if y[i] <= 0 {
			dst[i] = 0
		} else {
			dst[i] = v[i]
		}
	}
}

func referenceScaleBytes(dst []float32, pixels []uint8) {
	for i, v := range pixels {
		dst[i] = float32(float64(v) / 255)
	}
}

func referenceTranspose(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int) {
	for r := range rows {
		for c := range cols {
			dst[c*dstRow+r] = src[r*srcRow+c]
		}
	}
}

func referenceNonzero(x []float32, cols int, row []uint64) {
	clear(row)
	for i, v := range x[:len(row)*cols] {
		if v != 0 {
			row[i/cols] |= 1 << (i % cols)
		}
	}
}

func referenceHasNaN(x []float32) bool {
	return slices.ContainsFunc(x, func(v float32) bool { return math.IsNaN(float64(v)) })
}

// referenceAdam is the step that Adam documents, in float64.
func referenceAdam(lo, hi int, w, m, v []float32, lanes [][]float32, rate adamRate) {
	scale, rate1, rate2, alpha, epsilon := float64(rate[0]), float64(rate[1]), float64(rate[2]), float64(rate[3]), float64(rate[4])
	for i := lo; i < hi; i++ {
		g := 0.0
		for _, lane := range lanes {
			g += scale * float64(lane[i])
		}
		mean, variance := float64(m[i]), float64(v[i])
		mean += (g - mean) * rate1
		variance += (g*g - variance) * rate2
		m[i], v[i] = float32(mean), float32(variance)
		w[i] -= float32(alpha * mean / (math.Sqrt(variance) + epsilon))
	}
}

func referenceMultiplyAdds(rounds int, factor, term float32, x []float32) {
	for range rounds {
		for i, v := range x {
			x[i] = v*factor + term
		}
	}
}
