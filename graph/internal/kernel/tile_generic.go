package kernel

// genericCols is the width of a panel in Go: its sums fit into the first-level cache.
const genericCols = 128

func panelsGeneric(n int) []panel {
	var ps []panel
	for at := 0; at < n; at += genericCols {
		cols := min(genericCols, n-at)
		ps = append(ps, panel{first: at, cols: cols, vecs: 1, lanes: cols, rows: 2, alone: 2})
	}
	return ps
}

// genericSums are the sums of a tile's rows s of bases h, at 2h+s.
type genericSums [4][genericCols]float32

// tileGeneric computes a tile of up to two bases of two rows.
func tileGeneric(p *panel, bases, rows int, t *tile) {
	var sums genericSums
	for i := range t.nt {
		t.sums(&sums, i, bases, rows)
		for h := range bases {
			for s := range rows {
				c := t.c[i*t.cT+h*t.cH+s*t.cS:][:p.cols]
				for j, v := range sums[2*h+s][:len(c)] {
					if t.add == 1 {
						v += c[j]
					}
					c[j] = above(t.floor, v)
				}
			}
		}
	}
}

// poolGeneric computes a tile of two bases of two rows and keeps the greatest of the four sums.
func poolGeneric(p *panel, _ int, t *tile) {
	var sums genericSums
	for i := range t.nt {
		t.sums(&sums, i, 2, 2)
		c, code := t.c[i*t.cT:][:p.cols], t.code[i*t.codeS:]
		for j := range c {
			best, which := sums[0][j], 0
			for r := 1; r < 4; r++ {
				if sums[r][j] > best {
					which = r
				}
				best = max(best, sums[r][j]) // NaN stays
			}
			c[j], code[j] = above(t.floor, best), uint8(which)
		}
	}
}

// sums sets the sums of tile i, four terms at a time.
func (t *tile) sums(sums *genericSums, i, bases, rows int) {
	cols := t.tail
	for r := range sums {
		clear(sums[r][:cols])
		if t.bias != nil {
			copy(sums[r][:cols], t.bias)
		}
	}
	if t.add == goOn {
		for h := range bases {
			for s := range rows {
				copy(sums[2*h+s][:cols], t.c[i*t.cT+h*t.cH+s*t.cS:])
			}
		}
	}
	a, b := t.a[i*t.aT:], t.b
	o, k := 0, 0
	next := func() (a, b int) { // where the next term has its factors
		a, b = o*t.aO+k*t.aI, o*t.bO+k*t.bI
		if k++; k == t.ni {
			o, k = o+1, 0
		}
		return a, b
	}
	left := t.ni * t.no
	for ; left >= 4 && rows == 2; left -= 4 {
		a0, b0 := next()
		a1, b1 := next()
		a2, b2 := next()
		a3, b3 := next()
		for h := range bases {
			x := a[h*t.aH:]
			y := x[t.aS:]
			sums.addFour(2*h, cols, b, b0, b1, b2, b3, x[a0], x[a1], x[a2], x[a3], y[a0], y[a1], y[a2], y[a3])
		}
	}
	for ; left > 0; left-- {
		at, from := next()
		for h := range bases {
			for s := range rows {
				sum, x := sums[2*h+s][:cols], a[at+h*t.aH+s*t.aS]
				for j, v := range b[from:][:len(sum)] {
					sum[j] += float32(x * v)
				}
			}
		}
	}
}

// addFour adds four terms, in order, to two rows of sums. That reads each sum and each factor less often, and all
// values of so small a function stay in registers.
func (s *genericSums) addFour(row, cols int, b []float32, b0, b1, b2, b3 int, x0, x1, x2, x3, y0, y1, y2, y3 float32) {
	sx := s[row][:cols]
	sy := s[row+1][:len(sx)]
	v0, v1, v2, v3 := b[b0:][:len(sx)], b[b1:][:len(sx)], b[b2:][:len(sx)], b[b3:][:len(sx)]
	for j, sum := range sx {
		v0, v1, v2, v3 := v0[j], v1[j], v2[j], v3[j]
		sx[j] = sum + float32(x0*v0) + float32(x1*v1) + float32(x2*v2) + float32(x3*v3)
		sy[j] = sy[j] + float32(y0*v0) + float32(y1*v1) + float32(y2*v2) + float32(y3*v3)
	}
}
