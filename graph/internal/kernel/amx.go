package kernel

// An amx is one call of the kernel for sums of products of bfloat16, in nt blocks of the same shape of at most 32 rows
// and 32 columns. In block t, with rows r and columns j of the shape and k < 32·steps, it sets
//
//	c[t·cT + r·cS + j] = Σ k  a(r, k) · b(k, j), or the sum added to what is there if add is 1
//
// Two bfloat16 are a pair, the first in the lower half: a(r, 2p) and a(r, 2p+1) are in a[t·aT + r·aS + p], b(2p, j) and
// b(2p+1, j) in b[t·bT + p·bS + j].
//
// The kernel is an instruction of Intel's AMX, TDPBF16PS (Intel 64 and IA-32 Architectures Software Developer's Manual).
// It adds 32 terms at a time: the even and the odd ones in order, each product and sum rounded once, then both sums, then
// that to c. A denormal value counts as 0 and becomes 0.
//
// The assembly reads this struct: run go generate after a change.
type amx struct {
	shape [64]uint8 // of the processor's tiles, see setShape; first, because the assembly has no offset for it

	a      []uint32
	aS, aT int
	b      []uint32
	bS, bT int
	steps  int
	c      []float32
	cS, cT int
	nt     int
	add    int
}

// The most rows of a tile of the processor's, and most columns of its sums.
const amxSide = 16

// setShape sets the shape to rows and columns, each 1 to 32. In the processor tiles 0 to 3 are c, by rows, then columns;
// 4 and 5 are a, 6 and 7 are b. Each has a length of rows in bytes, from byte 16 on, and a number of rows, from byte 48.
func (t *amx) setShape(rows, cols int) {
	t.shape = [64]uint8{0: 1}
	set := func(tile, rows, cols int) { t.shape[16+2*tile], t.shape[48+tile] = uint8(4*cols), uint8(rows) }
	for i := range 2 {
		r, c := min(amxSide, rows-i*amxSide), min(amxSide, cols-i*amxSide)
		if r > 0 {
			set(4+i, r, amxSide)
			for j := range (cols + amxSide - 1) / amxSide {
				set(2*i+j, r, min(amxSide, cols-j*amxSide))
			}
		}
		if c > 0 {
			set(6+i, amxSide, c)
		}
	}
}

// amxGeneric is the definition of the kernel.
func amxGeneric(rows, cols int, t *amx) {
	for block := range t.nt {
		a, b, c := t.a[block*t.aT:], t.b[block*t.bT:], t.c[block*t.cT:]
		for r := range rows {
			for j := range cols {
				var sum float32
				if t.add == 1 {
					sum = flush(c[r*t.cS+j])
				}
				for step := range t.steps {
					var even, odd float32
					for p := step * 16; p < (step+1)*16; p++ {
						a, b := a[r*t.aS+p], b[p*t.bS+j]
						even = fma(low(a), low(b), even)
						odd = fma(high(a), high(b), odd)
					}
					sum = flush(sum + flush(even+odd))
				}
				c[r*t.cS+j] = sum
			}
		}
	}
}

// amxSteps limits the steps of a call: assembly can't be preempted.
const amxSteps = 1 << 12

// multiplyTiles computes c (m, n) = a·b, or adds it if add is true. The amx has the rest. Giving the processor a shape
// takes longer than a block of few steps, so a call has blocks of one shape along the longer side.
func (lv *level) multiplyTiles(t *amx, m, n int, add bool) {
	const side = 2 * amxSide
	a, b, c, steps := t.a, t.b, t.c, t.steps
	along := func(i, j, rows, cols, blocks int) {
		most := max(1, amxSteps/steps)
		for ; blocks > 0; blocks -= most {
			t.nt = min(most, blocks)
			t.add = 0
			if add {
				t.add = 1
			}
			for at := 0; at < steps; at += amxSteps {
				t.a, t.b, t.c, t.steps = a[i*t.aS+16*at:], b[16*at*t.bS+j:], c[i*t.cS+j:], min(amxSteps, steps-at)
				lv.amx(rows, cols, t)
				t.add = 1
			}
			if t.aT > 0 {
				i += most * side
			} else {
				j += most * side
			}
		}
	}
	if m >= n {
		t.aT, t.bT, t.cT = side*t.aS, 0, side*t.cS
		for j := 0; j < n; j += side {
			along(0, j, side, min(side, n-j), m/side)
			if m%side > 0 {
				along(m-m%side, j, m%side, min(side, n-j), 1)
			}
		}
		return
	}
	t.aT, t.bT, t.cT = 0, side, side
	for i := 0; i < m; i += side {
		along(i, 0, min(side, m-i), side, n/side)
		if n%side > 0 {
			along(i, n-n%side, min(side, m-i), n%side, 1)
		}
	}
}
