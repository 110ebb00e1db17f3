package kernel

// A tile is one call of a kernel for sums of products. With tiles t < nt, bases h (1 or 2), rows s and the
// columns j of one panel, it sets
//
//	sum = bias[j] + Σ o<no, i<ni  a[t·aT + h·aH + s·aS + o·aO + i·aI] · b[o·bO + i·bI + j]
//	c[t·cT + h·cH + s·cS + j] = max(floor, sum), or max(floor, c + sum) if add is 1
//
// If add is goOn, c takes the place of the bias; levels without a limit of terms lack this.
//
// A product of matrices is a tile with no = 1. A row of a filter is K·C neighbours in the image: a convolution is a tile
// with ni = K·C and no = K, whose rows are pixels. Terms are added in order, so the shape of tiles changes no bit.
//
// The assembly reads this struct: run go generate after a change.
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
	code           []uint8 // of a pool: which of four values won, in c's order, codeS values a window
	codeS          int
}

// goOn is a tile's add that starts the sums from c.
const goOn = 2

// A panel is the columns that a tile computes at once.
type panel struct {
	first, cols int
	vecs, lanes int // vectors, and values in one
	rows        int // most rows of each of two bases
	alone       int // most rows of a single base
}

// width returns the length of the panel's rows where they are packed.
func (p *panel) width() int { return p.vecs * p.lanes }

// tail returns the number of columns in the last vector.
func (p *panel) tail() int { return p.cols - p.lanes*(p.vecs-1) }

// packedLen returns the length of a matrix that is packed panel by panel.
func packedLen(ps []panel, rows int) int {
	last := ps[len(ps)-1]
	return rows * (last.first + last.width())
}

// packed returns the panel's part of such a matrix. All panels but the last are full.
func (p *panel) packed(m []float32, rows int) []float32 { return m[rows*p.first:] }

// from returns the bias from a column on; without a bias that is nil too.
func from(bias []float32, column int) []float32 {
	if bias == nil {
		return nil
	}
	return bias[column:]
}

// pack sets m to w (columns, rows), transposed and packed panel by panel.
func (lv *level) pack(ps []panel, rows int, w, m []float32) {
	for i := range ps {
		p := &ps[i]
		lv.transpose(p.cols, rows, w[p.first*rows:], rows, p.packed(m, rows), p.width())
	}
}

// maxTerms limits a call to a quarter of a millisecond: assembly can't be preempted.
const maxTerms = 1 << 15

// call calls the kernel for nt tiles, as often as maxTerms asks. A tile of more terms is one call.
func (t *tile) call(nt int, kernel func()) {
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

// callAdding calls the kernel for one tile that is added to c, for a part of the outer sum at a time.
func (t *tile) callAdding(kernel func()) {
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

// product computes m rows of one panel, aS apart in a and cS in c.
func (lv *level) product(p *panel, t *tile, m int) {
	t.tail = p.tail()
	aS, cS := t.aS, t.cS
	a, c := t.a, t.c
	at := 0
	do := func(count, rows int) {
		if count == 0 {
			return
		}
		bases := 2
		if rows%2 > 0 && rows <= p.alone {
			bases = 1
		}
		s := (rows + bases - 1) / bases
		t.a, t.c = a[at*aS:], c[at*cS:]
		// Of an odd number of rows, two bases compute one twice.
		t.aH, t.cH, t.aT, t.cT = (rows-s)*aS, (rows-s)*cS, rows*aS, rows*cS
		t.call(count, func() { lv.tile(p, bases, s, t) })
		at += count * rows
	}
	most := 2 * p.rows
	if t.add == 1 { // no row may be added twice
		do(m/most, most)
		for at < m {
			do(1, min(p.alone, m-at))
		}
		return
	}
	tiles := (m + most - 1) / most
	do(m%tiles, m/tiles+1)
	do(tiles-m%tiles, m/tiles)
}

var one = []float32{1}

// columnSums adds Σ o<no, i<ni v[o·vO + i·vI + j] to every sum[j]: a product with ones.
func (lv *level) columnSums(t *tile, columns []panel, v []float32, vI, vO, ni, no int, sum []float32) {
	for j := range columns {
		p := &columns[j]
		*t = tile{a: one, b: v[p.first:], bI: vI, bO: vO, ni: ni, no: no, c: sum[p.first:], tail: p.tail(), floor: floor(false)}
		t.callAdding(func() { lv.tile(p, 1, 1, t) })
	}
}
