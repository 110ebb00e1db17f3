package kernel

// A tile call computes, for tiles t < nt, bases h (1 or 2), rows s and the columns j of one panel,
//
//	sum = bias[j] + Σ o<no, i<ni  a[t·aT + h·aH + s·aS + o·aO + i·aI] · b[o·bO + i·bI + j]
//	c[t·cT + h·cH + s·cS + j] = sum, or c + sum if add is 1; at least floor
//
// A convolution's run of K·C values in an image row is contiguous, so it is a tile with ni = K·C and
// no = K whose rows are pixels; a matrix product is a tile with no = 1. Terms are added in order, so the
// shape of the tiles does not change a result.
//
// The assembly knows the offsets of these fields.
type tile struct {
	a              []float32
	aH, aS, aI, aO int
	aT             int
	b              []float32
	bI, bO         int
	ni, no         int
	c              []float32
	cH, cS, cT     int
	nt             int
	add            int
	bias           []float32 // nil: 0
	tail           int       // columns in the panel's last vector
	floor          float32
	_              float32
	code           []uint8 // of a pool call: which of the four, in c's order but codeS a window
	codeS          int
}

// A panel is a slice of columns that a tile computes at once.
type panel struct {
	first, cols int
	vecs, lanes int
	rows        int // most rows a base
}

// width is the length of the panel's rows where they are packed.
func (p *panel) width() int { return p.vecs * p.lanes }

// tail is the number of columns in the last vector.
func (p *panel) tail() int { return p.cols - p.lanes*(p.vecs-1) }

// packedLen is the length of a matrix of so many rows packed panel by panel.
func packedLen(ps []panel, rows int) int {
	last := ps[len(ps)-1]
	return rows * (last.first + last.width())
}

// packed is panel p of such a matrix. All panels but the last are full.
func (p *panel) packed(m []float32, rows int) []float32 { return m[rows*p.first:] }

// maxTerms bounds the terms of one call to a quarter of a millisecond, for assembly can't be preempted.
const maxTerms = 1 << 15

// run makes the calls for nt tiles. A tile of more terms is one call.
func (t *tile) run(nt int, kernel func()) {
	t.nt = max(1, maxTerms/(t.ni*t.no))
	for ; nt > t.nt; nt -= t.nt {
		kernel()
		t.a, t.c = t.a[t.nt*t.aT:], t.c[t.nt*t.cT:]
		if t.code != nil {
			t.code = t.code[t.nt*t.cT/t.cS*t.codeS:]
		}
	}
	t.nt = nt
	kernel()
}

// runAdding makes the calls for one tile that is added to c, in parts of the outer sum.
func (t *tile) runAdding(kernel func()) {
	t.nt, t.add = 1, 1
	part, left := max(1, maxTerms/t.ni), t.no
	for ; left > part; left -= part {
		t.no = part
		kernel()
		t.a, t.b = t.a[part*t.aO:], t.b[part*t.bO:]
	}
	t.no = left
	kernel()
}

// product runs the tile over m rows at distance aS in a and cS in c.
func (lv *level) product(p *panel, t *tile, m int) {
	t.tail = p.tail()
	aS, cS := t.aS, t.cS
	a, c := t.a, t.c
	at := 0
	do := func(count, rows, bases int) {
		if count == 0 {
			return
		}
		s := (rows + bases - 1) / bases
		t.a, t.c = a[at*aS:], c[at*cS:]
		// An odd number of rows computes one twice.
		t.aH, t.cH, t.aT, t.cT = (rows-s)*aS, (rows-s)*cS, rows*aS, rows*cS
		t.run(count, func() { lv.tile(p, bases, s, t) })
		at += count * rows
	}
	most := 2 * p.rows
	if t.add == 1 { // no row may be added twice
		do(m/most, most, 2)
		for at < m {
			do(1, min(p.rows, m-at), 1)
		}
		return
	}
	if m == 1 {
		do(1, 1, 1)
		return
	}
	tiles := (m + most - 1) / most
	do(m%tiles, m/tiles+1, 2)
	do(tiles-m%tiles, m/tiles, min(2, m/tiles))
}

// above is v, but not below the floor. NaN is no floor, and a v of NaN stays.
func above(floor, v float32) float32 {
	if v <= floor {
		return floor
	}
	return v
}
