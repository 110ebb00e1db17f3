package main

import "fmt"

// Vector registers of a tile. The sums have V0 to V23. The columns of b come next; what is left holds factors of a.
const (
	neonB     vec = 24
	neonFloor vec = 31
)

// A neonTiler emits one shape of the tile kernel: h bases x s rows x vecs vectors of sums.
type neonTiler struct {
	neonPointer // *tile
	cols        columns
	h, s        int
	rows        []gp // where the rows of the first base start in a
	c, code     gp   // where the next tile starts
}

// sum returns the sum of row (h, s), vector z.
func (t *neonTiler) sum(h, s, z int) vec { return vec((h*t.s+s)*t.cols.vecs + z) }

// tile emits a function for h bases of s rows of vecs vectors.
func (n *neon) tile(h, s, vecs int, narrow bool) {
	p := n.shaped("tile", isaNEON(narrow), "tile", "tileGeneric for tiles of bases x rows x vectors", h, s, vecs)
	t := &neonTiler{neonPointer: p, h: h, s: s}
	t.tiles(vecs, narrow, t.storeRows)
}

// pool emits a function for windows of 2x2 of vecs vectors.
func (n *neon) pool(windows, vecs int, narrow bool) {
	p := n.shaped("pool", isaNEON(narrow), "tile", "poolGeneric for tiles of windows x vectors", windows, vecs)
	t := &neonTiler{neonPointer: p, h: 2, s: 2 * windows}
	t.code = t.word("code")
	t.tiles(vecs, narrow, t.storeWindows)
}

// tiles emits the loop over tiles: bias, sums, epilogue.
func (t *neonTiler) tiles(vecs int, narrow bool, epilogue func()) {
	t.cols = t.columns(vecs, narrow, t.word("tail"))
	t.c = t.word("c")
	left := t.word("nt")
	aI, bI := t.stride("aI"), t.stride("bI")
	restA, restB := t.rest("aO", aI), t.rest("bO", bI)
	t.rows = make([]gp, t.s)
	for s := range t.rows {
		if t.rows[s] = t.reg(); s == 0 {
			t.load("a", t.rows[0])
			continue
		}
		t.loadBytes("aS", t.rows[s])
		t.op("ADD", t.rows[s-1], t.rows[s])
	}
	t.loadFloor()

	t.label("tile")
	t.loadBias()
	t.within(func() {
		at := []gp{t.reg(), t.reg()}[:t.h] // the term in a row of each base
		b, no, ni := t.reg(), t.reg(), t.reg()
		t.op("MOVD", "ZR", at[0])
		if t.h == 2 {
			t.loadBytes("aH", at[1])
		}
		t.load("b", b)
		t.load("no", no)
		t.loop("outer", no, func() {
			t.load("ni", ni)
			t.loop("inner", ni, func() {
				t.term(at, b)
				for _, at := range at {
					t.op("ADD", aI, at)
				}
				t.op("ADD", bI, b)
			})
			for _, at := range at {
				t.op("ADD", restA, at)
			}
			t.op("ADD", restB, b)
		})
	})
	t.within(epilogue)
	t.within(func() {
		step := t.stride("aT")
		for _, r := range t.rows {
			t.op("ADD", step, r)
		}
	})
	t.op("SUBS", 1, left)
	t.op("BNE", "tile")
	t.ret()
}

// rest returns what is left of the outer stride after the inner sum.
func (t *neonTiler) rest(outer string, inner gp) gp {
	rest := t.stride(outer)
	t.within(func() { t.op("MSUB", t.word("ni"), rest, inner, rest) })
	return rest
}

// loadFloor loads the floor. Where that is NaN, -Inf does the same: the instruction of the maximum keeps a NaN of either
// side.
func (t *neonTiler) loadFloor() {
	t.broadcast(t.field("floor"), neonFloor)
	t.within(func() {
		inf := t.reg()
		t.op("MOVD", "$0xff800000", inf)
		t.op("VDUP", inf, neonB.s4())
	})
	t.three("fmaxnm", neonFloor, neonB, neonFloor)
}

// loadBias starts every row with the bias, or 0 if there is none.
func (t *neonTiler) loadBias() {
	for z := range t.cols.vecs {
		t.zero(t.sum(0, 0, z))
	}
	t.within(func() {
		bias := t.word("bias")
		t.op("CBZ", bias, "unbiased")
		for z := range t.cols.vecs {
			t.cols.load(bias, z, t.sum(0, 0, z))
		}
	})
	t.label("unbiased")
	for r := 1; r < t.h*t.s; r++ {
		for z := range t.cols.vecs {
			t.op("VMOV", t.sum(0, 0, z).b16(), t.sum(0, r, z).b16())
		}
	}
}

// term adds one term of the sum to every row. A factor of a is loaded into the first lane of a register: to broadcast it
// would take a unit that multiplies.
func (t *neonTiler) term(at []gp, b gp) {
	for z := range t.cols.vecs {
		t.cols.load(b, z, neonB+vec(z))
	}
	first := neonB + vec(t.cols.vecs)
	a := first
	for h, at := range at {
		for s, row := range t.rows {
			t.op("FMOVS", indexed(row, at), a.low())
			for z := range t.cols.vecs {
				t.fma(neonB+vec(z), a, t.sum(h, s, z))
			}
			if a++; a == neonFloor {
				a = first
			}
		}
	}
}

// storeRows stores max(floor, sum), after it has added what was there if add is 1.
func (t *neonTiler) storeRows() {
	to, add, cS := t.reg(), t.word("add"), t.stride("cS")
	for h := range t.h {
		if h == 0 {
			t.op("MOVD", t.c, to)
		} else {
			t.loadBytes("cH", to)
			t.op("ADD", t.c, to)
		}
		for s := range t.s {
			plain := fmt.Sprintf("store%dx%d", h, s)
			t.op("CBZ", add, plain)
			for z := range t.cols.vecs {
				t.cols.load(to, z, neonB+vec(z))
			}
			for z := range t.cols.vecs {
				t.three("fadd", neonB+vec(z), t.sum(h, s, z), t.sum(h, s, z))
			}
			t.label(plain)
			for z := range t.cols.vecs {
				t.three("fmax", t.sum(h, s, z), neonFloor, t.sum(h, s, z))
				t.cols.store(t.sum(h, s, z), to, z)
			}
			t.op("ADD", cS, to)
		}
	}
	t.loadBytes("cT", to)
	t.op("ADD", to, t.c)
}

// storeWindows stores the greatest value of each 2x2 window, at least the floor, and which of the four it was.
func (t *neonTiler) storeWindows() {
	cS, codeS, last := t.stride("cS"), t.word("codeS"), t.reg()
	for w := range t.s / 2 {
		for z := range t.cols.vecs {
			q := [4]vec{t.sum(0, 2*w, z), t.sum(0, 2*w+1, z), t.sum(1, 2*w, z), t.sum(1, 2*w+1, z)}
			number := t.window(q)
			t.cols.store(q[0], t.c, z)
			to := at(t.code, z*vecBytes/laneBytes)
			if z > 0 && z == t.cols.vecs-1 {
				t.op("ADD", t.cols.end+">>2", t.code, last)
				to = at(last, 0)
			}
			t.op("FMOVS", number.low(), to)
		}
		t.op("ADD", cS, t.c)
		t.op("ADD", codeS, t.code)
	}
}

// window sets q[0] to the greatest of q and the floor, or to NaN if any of q is NaN. It returns four bytes: which of q
// it was, the first of equal ones.
func (t *neonTiler) window(q [4]vec) (number vec) {
	top, bottom, lower := neonB, neonB+1, neonB+2
	t.three("fcmgt", q[1], q[0], top)
	t.three("fcmgt", q[3], q[2], bottom)
	t.three("fmax", q[0], q[1], q[0])
	t.three("fmax", q[2], q[3], q[2])
	t.three("fcmgt", q[2], q[0], lower)
	t.three("fmax", q[0], q[2], q[0])
	t.three("fmax", q[0], neonFloor, q[0])
	number = neonB + 3
	t.op("VADD", lower.s4(), lower.s4(), number.s4())
	t.op("VBSL", top.b16(), bottom.b16(), lower.b16()) // lower ? bottom : top
	t.op("VADD", lower.s4(), number.s4(), number.s4())
	t.two("neg", number, number) // true is -1
	t.narrow(number, number)
	return number
}
