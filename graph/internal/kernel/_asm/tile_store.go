package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// storeRows stores max(floor, sum), after it has added what was there if add is 1.
func (t *tiler) storeRows(c GPVirtual) {
	floor, tmp := t.spare(2), t.spare(1)
	VBROADCASTSS(t.field("floor"), floor)
	cS, add := t.stride("cS"), GP64()
	MOVQ(t.field("add"), add)
	t.rows(c, cS, func(h, s int, row GPVirtual) {
		plain := fmt.Sprintf("store%dx%d", h, s)
		CMPQ(add, Imm(1))
		JNE(LabelRef(plain))
		for z := 0; z < t.z; z++ {
			t.add(Mem{Base: row, Disp: t.bytes() * z}, t.acc(h, s, z), tmp, z == t.z-1)
		}
		Label(plain)
		for z := 0; z < t.z; z++ {
			VMAXPS(t.acc(h, s, z), floor, t.acc(h, s, z)) // in this order a NaN sum stays
			t.store(t.acc(h, s, z), Mem{Base: row, Disp: t.bytes() * z}, z == t.z-1)
		}
	})
	step := t.stride("cT")
	ADDQ(step, t.nextC)
}

// rows calls f with the address of each row of c.
func (t *tiler) rows(c, cS GPVirtual, f func(h, s int, row GPVirtual)) {
	for h := 0; h < t.h; h++ {
		row := GP64()
		MOVQ(c, row)
		if h == 1 {
			cH := t.stride("cH")
			ADDQ(cH, row)
		}
		for s := 0; s < t.s; s++ {
			f(h, s, row)
			ADDQ(cS, row)
		}
	}
}

// storeWindows stores the greatest value of each 2x2 window, at least the floor, and which of the four it was.
func (t *tiler) storeWindows(c GPVirtual) {
	floor := t.spare(2)
	VBROADCASTSS(t.field("floor"), floor)
	one, two := X28, X29
	if t.evex {
		ones := GP32()
		MOVL(U32(0x01010101), ones)
		VPBROADCASTD(ones, one)
		VPADDB(one, one, two)
	}
	cS, code, codeS := t.stride("cS"), GP64(), GP64()
	MOVQ(t.nextCode, code)
	MOVQ(t.field("codeS"), codeS)
	for w := 0; w < t.s/2; w++ {
		for z := 0; z < t.z; z++ {
			q := [4]VecPhysical{t.acc(0, 2*w, z), t.acc(0, 2*w+1, z), t.acc(1, 2*w, z), t.acc(1, 2*w+1, z)}
			to := Mem{Base: code, Disp: t.lanes * z}
			if t.evex {
				t.windowEVEX(q, one, two, to)
			} else {
				t.windowVEX(q, to)
			}
			VMAXPS(q[0], floor, q[0]) // in this order a NaN stays
			t.store(q[0], Mem{Base: c, Disp: t.bytes() * z}, z == t.z-1)
		}
		ADDQ(cS, c)
		ADDQ(codeS, code)
	}
	MOVQ(c, t.nextC)
	MOVQ(code, t.nextCode)
}

// windowEVEX sets q[0] to the greatest of q, or to NaN if any is NaN, and stores which of the four it was.
func (t *tiler) windowEVEX(q [4]VecPhysical, one, two Register, code Mem) {
	top, bottom, lower, nan := K2, K3, K4, K5
	number := X30
	VCMPPS(unordered, q[0], q[1], nan)
	VCMPPS(unordered, q[2], q[3], K6)
	KORW(K6, nan, nan)
	VCMPPS(greater, q[0], q[1], top)
	VCMPPS(greater, q[2], q[3], bottom)
	VMAXPS(q[1], q[0], q[0])
	VMAXPS(q[3], q[2], q[2])
	VCMPPS(greater, q[0], q[2], lower)
	VMAXPS(q[2], q[0], q[0])
	VPTERNLOGD(Imm(0xff), q[0], q[0], nan, q[0]) // all ones is a NaN
	KANDW(bottom, lower, bottom)
	KANDNW(top, lower, top)
	KORW(top, bottom, top)
	VMOVDQU8_Z(one, top, number)
	VPADDB(two, number, lower, number)
	if t.lanes == 16 {
		VMOVDQU32(number, code)
	} else {
		VMOVQ(number, code)
	}
}

// windowVEX does the same with masks in vectors.
func (t *tiler) windowVEX(q [4]VecPhysical, code Mem) {
	nan, top := t.spare(0), t.spare(1)
	VCMPPS(unordered, q[0], q[1], nan)
	VCMPPS(unordered, q[2], q[3], top)
	VORPS(top, nan, nan)
	VCMPPS(greater, q[0], q[1], top)
	VMAXPS(q[1], q[0], q[0])
	bottom := q[1]
	VCMPPS(greater, q[2], q[3], bottom)
	VMAXPS(q[3], q[2], q[2])
	lower := q[3]
	VCMPPS(greater, q[0], q[2], lower)
	VMAXPS(q[2], q[0], q[0])
	VORPS(nan, q[0], q[0])
	VBLENDVPS(lower, bottom, top, top)
	VPADDD(lower, lower, lower)
	VPADDD(top, lower, lower)
	VPABSD(lower, lower) // true is -1, so the number is -(2 lower + top)
	storeBytes(lower, top, code)
}

// storeBytes stores eight dwords of 0 to 255 as bytes.
func storeBytes(dwords, tmp VecPhysical, to Mem) {
	VEXTRACTI128(Imm(1), dwords, tmp.AsX())
	VPACKUSDW(tmp.AsX(), dwords.AsX(), dwords.AsX())
	VPACKUSWB(dwords.AsX(), dwords.AsX(), dwords.AsX())
	VMOVQ(dwords.AsX(), to)
}
