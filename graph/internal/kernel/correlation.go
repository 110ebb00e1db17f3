package kernel

// A correlation slides packed filters over one plane of c channels.
type correlation struct {
	x          []float32
	row, c     int  // values of a row of x and of a pixel
	step       Pair // in x, from output to output
	k, apart   Pair // the filters' height and width, and the step from weight to weight in x
	panels     []panel
	packed     []float32
	bias       []float32 // nil: none
	floor      float32
	high, wide int // of the output
	y          []float32
	yRow, yCol int // steps from row to row and from pixel to pixel in y
}

// correlation returns that of the plan, given a plane and the bias. What it does with the output is left to set.
func (c *Conv) correlation(x, bias []float32) correlation {
	return correlation{x: x, row: c.x.row, c: c.C, step: c.Stride, k: Pair{c.K, c.KW}, apart: c.Dilation, panels: c.filters,
		packed: c.packed, bias: bias}
}

// correlate covers the output with tiles of two rows and a few columns, of about equal width. If the columns of a
// filter are apart, each adds to the sums of those before it.
func (c *Conv) correlate(o *correlation) {
	t := &c.tile
	rowLen, runs := o.k.Cols*o.c, 1
	if o.apart.Cols > 1 {
		runs = o.k.Cols
	}
	run := rowLen / runs
	stepH, stepW := o.step.Rows*o.row, o.step.Cols*o.c
	for i := range o.panels {
		p := &o.panels[i]
		packed := p.packed(o.packed, o.k.Rows*rowLen)
		*t = tile{aH: stepH, aS: stepW, aI: 1, aO: o.apart.Rows * o.row, bI: p.width(), bO: p.width() * rowLen,
			ni: run, no: o.k.Rows, cH: o.yRow, cS: o.yCol, tail: p.tail()}
		tiles := (o.wide + p.rows - 1) / p.rows
		rows, wider := o.wide/tiles, o.wide%tiles
		for y := 0; y < o.high; y += 2 {
			bases := min(2, o.high-y)
			tilesAt := func(x, count, rows int) {
				if count == 0 {
					return
				}
				t.aT, t.cT = rows*stepW, rows*o.yCol
				t.bias, t.add, t.floor = from(o.bias, p.first), 0, floor(false)
				for j := range runs {
					if j == runs-1 {
						t.floor = o.floor
					}
					t.a, t.b = o.x[y*stepH+x*stepW+j*o.apart.Cols*o.c:], packed[j*run*p.width():]
					t.c = o.y[y*o.yRow+x*o.yCol+p.first:]
					t.call(count, func() { c.lv.tile(p, bases, rows, t) })
					t.bias, t.add = nil, 1
				}
			}
			tilesAt(0, wider, rows+1)
			tilesAt(wider*(rows+1), tiles-wider, rows)
		}
	}
}
