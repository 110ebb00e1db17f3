package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A tiler emits one shape of the tile kernel: h bases x s rows x z vectors of accumulators.
type tiler struct {
	isa
	pointer  // *tile
	h, s, z  int
	line     int // see poolLine; 0: none
	nextA    Mem // where the next tile starts
	nextC    Mem
	nextCode Mem
	left     Mem // tiles left
	restA    Mem // of the outer stride, after the inner sum
	restB    Mem
}

// acc returns the accumulator of row (h, s), vector z.
func (t *tiler) acc(h, s, z int) VecPhysical { return t.reg((h*t.s+s)*t.z + z) }

// spare returns one of the registers that hold no accumulator: three in VEX, eight in EVEX.
func (t *tiler) spare(i int) VecPhysical {
	if t.evex {
		return t.reg(24 + i)
	}
	return t.reg(12 + i)
}

// tile emits a function for h bases of s rows of z vectors.
func tile(v isa, h, s, z int) {
	p := shaped("tile", v, "tile", "tileGeneric for tiles of bases x rows x vectors", h, s, z)
	t := &tiler{isa: v, pointer: p, h: h, s: s, z: z}
	t.tiles(true, t.storeRows)
}

// pool emits a function for windows of 2x2 of z vectors.
func pool(v isa, windows, z int) {
	p := shaped("pool", v, "tile", "poolGeneric for tiles of windows x vectors", windows, z)
	t := &tiler{isa: v, pointer: p, h: 2, s: 2 * windows, z: z}
	t.tiles(false, t.storeWindows)
}

// tiles emits the loop over tiles: bias, or what is there if it resumes, sums, epilogue.
func (t *tiler) tiles(resumes bool, epilogue func(c GPVirtual)) {
	locals := AllocLocal(48)
	t.nextA, t.nextC, t.nextCode, t.left, t.restA, t.restB = locals, locals.Offset(8), locals.Offset(16), locals.Offset(24), locals.Offset(32), locals.Offset(40)
	tmp := GP64()
	for _, f := range []struct {
		name  string
		local Mem
	}{{"a", t.nextA}, {"c", t.nextC}, {"code", t.nextCode}, {"nt", t.left}} {
		MOVQ(t.field(f.name), tmp)
		MOVQ(tmp, f.local)
	}
	inner := t.products
	if t.line > 0 {
		inner = t.lines
	}
	sum := inner()
	t.setTail(t.word("tail"))

	Label("tile")
	t.loadBias()
	if resumes {
		t.resume()
	}
	a := make([]GPVirtual, t.h)
	for h := range a {
		a[h] = GP64()
	}
	MOVQ(t.nextA, a[0])
	if t.h == 2 {
		MOVQ(t.field("aH"), a[1])
		LEAQ(Mem{Base: a[0], Index: a[1], Scale: 4}, a[1])
	}
	b, no := GP64(), GP64()
	MOVQ(t.field("b"), b)
	MOVQ(t.field("no"), no)
	Label("outer")
	sum(a, b)
	DECQ(no)
	JNZ(LabelRef("outer"))

	c := GP64()
	MOVQ(t.nextC, c)
	epilogue(c)

	step := t.stride("aT")
	ADDQ(step, t.nextA)
	DECQ(t.left)
	JNZ(LabelRef("tile"))
	ret()
}

// products sets up the sums of products. It returns what emits the inner sum, which moves a and b on by the outer
// strides.
func (t *tiler) products() func(a []GPVirtual, b GPVirtual) {
	aS, aI, bI := t.stride("aS"), t.stride("aI"), t.stride("bI")
	var aS3, aS5 GPVirtual
	if t.s > 3 {
		aS3 = GP64()
		LEAQ(Mem{Base: aS, Index: aS, Scale: 2}, aS3)
	}
	if t.s > 5 {
		aS5 = GP64()
		LEAQ(Mem{Base: aS, Index: aS, Scale: 4}, aS5)
	}
	for _, f := range []struct {
		name  string
		inner GPVirtual
		local Mem
	}{{"aO", aI, t.restA}, {"bO", bI, t.restB}} {
		rest, passed := t.stride(f.name), GP64()
		MOVQ(t.field("ni"), passed)
		IMULQ(f.inner, passed)
		SUBQ(passed, rest)
		MOVQ(rest, f.local)
	}
	ni := GP64()
	return func(a []GPVirtual, b GPVirtual) {
		row := func(h, s int) Mem {
			switch s {
			case 0:
				return Mem{Base: a[h]}
			case 3:
				return Mem{Base: a[h], Index: aS3, Scale: 1}
			case 5:
				return Mem{Base: a[h], Index: aS5, Scale: 1}
			}
			return Mem{Base: a[h], Index: aS, Scale: uint8(s)}
		}
		MOVQ(t.field("ni"), ni)
		inner := func(label string, step Op) {
			Label(label)
			t.term(row, b)
			for h := range a {
				ADDQ(step, a[h])
			}
			ADDQ(bI, b)
			DECQ(ni)
			JNZ(LabelRef(label))
		}
		if t.evex { // adding a constant costs nothing on Intel's processors, which add it while they rename registers
			CMPQ(aI, Imm(4))
			JEQ(LabelRef("neighbours"))
		}
		inner("inner", aI)
		if t.evex {
			JMP(LabelRef("summed"))
			inner("neighbours", Imm(4))
			Label("summed")
		}
		for h := range a {
			ADDQ(t.restA, a[h])
		}
		ADDQ(t.restB, b)
	}
}

// loadBias starts every row with the bias, or 0 if there is none.
func (t *tiler) loadBias() {
	bias := GP64()
	MOVQ(t.field("bias"), bias)
	for z := 0; z < t.z; z++ {
		t.zero(t.acc(0, 0, z))
	}
	TESTQ(bias, bias)
	JZ(LabelRef("unbiased"))
	for z := 0; z < t.z; z++ {
		t.load(Mem{Base: bias, Disp: t.bytes() * z}, t.acc(0, 0, z), z == t.z-1)
	}
	Label("unbiased")
	for r := 1; r < t.h*t.s; r++ {
		for z := 0; z < t.z; z++ {
			VMOVAPS(t.acc(0, 0, z), t.acc(0, r, z))
		}
	}
}

// resume starts every row from what is there if add is goOn.
func (t *tiler) resume() {
	CMPQ(t.field("add"), Imm(2))
	JNE(LabelRef("fresh"))
	c := GP64()
	MOVQ(t.nextC, c)
	t.rows(c, t.stride("cS"), func(h, s int, row GPVirtual) {
		for z := 0; z < t.z; z++ {
			t.load(Mem{Base: row, Disp: t.bytes() * z}, t.acc(h, s, z), z == t.z-1)
		}
	})
	Label("fresh")
}

// term adds one term of the sum to every accumulator.
func (t *tiler) term(row func(h, s int) Mem, b GPVirtual) {
	for z := 0; z < t.z; z++ {
		t.load(Mem{Base: b, Disp: t.bytes() * z}, t.spare(z), z == t.z-1)
	}
	a := t.spare(2)
	for h := 0; h < t.h; h++ {
		for s := 0; s < t.s; s++ {
			if t.evex && t.z == 1 {
				VFMADD231PS_BCST(row(h, s), t.spare(0), t.acc(h, s, 0))
				continue
			}
			VBROADCASTSS(row(h, s), a)
			for z := 0; z < t.z; z++ {
				VFMADD231PS(a, t.spare(z), t.acc(h, s, z))
			}
		}
	}
}
