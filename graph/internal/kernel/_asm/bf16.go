package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// toBF16 rounds Z0, then Z1 to the lower and upper half of Z2.
func toBF16() { code("vcvtne2ps2bf16 %zmm0, %zmm1, %zmm2", 0x62, 0xf2, 0x77, 0x48, 0x72, 0xd0) }

// firstK sets the mask of the lowest lanes of n values, and of 16 values more.
func firstK(n GPVirtual, masks ...Register) {
	ones := GP64()
	MOVQ(I32(-1), ones)
	BZHIQ(n, ones, ones)
	for _, k := range masks {
		KMOVW(ones.As32(), k)
		SHRQ(Imm(16), ones)
	}
}

// roundBF16 takes 32 values at a time.
func roundBF16() {
	function("roundBF16AVX512", "n int, src *float32, dst *uint32", "roundBF16Generic")
	n, src, dst := arg("n"), arg("src"), arg("dst")
	block := func() {
		toBF16()
		VMOVDQU32(Z2, Mem{Base: dst})
	}
	SUBQ(Imm(32), n)
	JLT(LabelRef("rest"))
	Label("block")
	VMOVUPS(Mem{Base: src}, Z0)
	VMOVUPS(Mem{Base: src, Disp: 64}, Z1)
	block()
	ADDQ(Imm(128), src)
	ADDQ(Imm(64), dst)
	SUBQ(Imm(32), n)
	JGE(LabelRef("block"))
	Label("rest")
	ADDQ(Imm(32), n)
	JZ(LabelRef("done"))
	firstK(n, K1, K2)
	VMOVUPS_Z(Mem{Base: src}, K1, Z0)
	VMOVUPS_Z(Mem{Base: src, Disp: 64}, K2, Z1)
	block()
	Label("done")
	ret()
}

// pairBF16 takes 16 pairs at a time.
func pairBF16() {
	function("pairBF16AVX512", "n int, a, b *float32, dst *uint32", "pairBF16Generic")
	n, a, b, dst := arg("n"), arg("a"), arg("b"), arg("dst")
	places := GLOBL("pairPlaces", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(i|(16+i)<<16))
	}
	VMOVDQU32(places, Z3)
	block := func() {
		toBF16()
		VPERMW(Z2, Z3, Z2)
		VMOVDQU32(Z2, Mem{Base: dst})
	}
	SUBQ(Imm(16), n)
	JLT(LabelRef("rest"))
	Label("block")
	VMOVUPS(Mem{Base: a}, Z0)
	VMOVUPS(Mem{Base: b}, Z1)
	block()
	ADDQ(Imm(64), a)
	ADDQ(Imm(64), b)
	ADDQ(Imm(64), dst)
	SUBQ(Imm(16), n)
	JGE(LabelRef("block"))
	Label("rest")
	ADDQ(Imm(16), n)
	JZ(LabelRef("done"))
	firstK(n, K1)
	VMOVUPS_Z(Mem{Base: a}, K1, Z0)
	VMOVUPS_Z(Mem{Base: b}, K1, Z1)
	block()
	Label("done")
	ret()
}
