package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// These kernels wait for memory: vectors of 256 bits are fast enough for AVX-512 too.

// rectify keeps v where y is above 0.
func rectify() {
	function("rectify8", "blocks int, y, v, dst *float32", "rectifyGeneric for blocks of 8 values")
	blocks, y, v, dst := arg("blocks"), arg("y"), arg("v"), arg("dst")
	VXORPS(Y0, Y0, Y0)
	i := GP64()
	XORQ(i, i)
	Label("block")
	at := func(p Register) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	VCMPPS(notAtLeast, at(y), Y0, Y1)
	VANDPS(at(v), Y1, Y1)
	VMOVUPS(Y1, at(dst))
	ADDQ(Imm(32), i)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}

// prefetch asks for the cache line of every 64th byte.
func prefetch() {
	function("prefetch64", "lines int, bytes *uint8", "what Prefetch asks for lines of 64 bytes with")
	lines, bytes := arg("lines"), arg("bytes")
	Label("line")
	PREFETCHT0(Mem{Base: bytes})
	ADDQ(Imm(64), bytes)
	DECQ(lines)
	JNZ(LabelRef("line"))
	RET()
}

// scaleBytes divides pixels by 255.
func scaleBytes() {
	function("scaleBytes8", "blocks int, dst *float32, pixels *uint8, divisor float32", "scaleBytesGeneric for blocks of 8 values")
	blocks, dst, pixels := arg("blocks"), arg("dst"), arg("pixels")
	VBROADCASTSS(param("divisor"), Y0)
	Label("block")
	VPMOVZXBD(Mem{Base: pixels}, Y1)
	VCVTDQ2PS(Y1, Y1)
	VDIVPS(Y0, Y1, Y1)
	VMOVUPS(Y1, Mem{Base: dst})
	ADDQ(Imm(8), pixels)
	ADDQ(Imm(32), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}

// nonzero reads a row from its end: the last vector has the mask.
func nonzero() {
	function("nonzeroAVX", "rows, cols int, x *float32, row *uint64", "nonzeroGeneric")
	rows, cols, x, row := arg("rows"), arg("cols"), arg("x"), arg("row")
	full, tail := GP64(), GP64() // vectors before the last, columns in it
	LEAQ(Mem{Base: cols, Disp: -1}, full)
	MOVQ(full, tail)
	SHRQ(Imm(3), full)
	ANDQ(Imm(7), tail)
	INCQ(tail)
	avx2.setTail(tail)
	last := GP64()
	MOVQ(full, last)
	SHLQ(Imm(5), last)
	zero, v := Y0, Y1
	VXORPS(zero, zero, zero)
	Label("row")
	left, at, marks, some := GP64(), GP64(), GP64(), GP64()
	MOVQ(full, left)
	LEAQ(Mem{Base: x, Index: last, Scale: 1}, at)
	avx2.load(Mem{Base: at}, v, true)
	VCMPPS(notEqual, zero, v, v)
	VMOVMSKPS(v, marks.As32())
	JMP(LabelRef("more"))
	Label("vector")
	SUBQ(Imm(32), at)
	VCMPPS(notEqual, Mem{Base: at}, zero, v)
	VMOVMSKPS(v, some.As32())
	SHLQ(Imm(8), marks)
	ORQ(some, marks)
	Label("more")
	DECQ(left)
	JGE(LabelRef("vector"))
	MOVQ(marks, Mem{Base: row})
	ADDQ(Imm(8), row)
	LEAQ(Mem{Base: x, Index: cols, Scale: 4}, x)
	DECQ(rows)
	JNZ(LabelRef("row"))
	ret()
}

// transpose transposes 8 rows, 8 columns at a time.
func transpose() {
	function("transpose8AVX", "blocks int, src *float32, srcRow int, dst *float32, dstRow int",
		"transposeGeneric for 8 rows of blocks of 8 columns")
	blocks, src, srcRow, dst, dstRow := arg("blocks"), arg("src"), byteStride("srcRow"), arg("dst"), byteStride("dstRow")
	// eight returns the addresses of eight rows.
	eight := func(base, row GPVirtual) [8]Mem {
		row3, base4 := GP64(), GP64()
		LEAQ(Mem{Base: row, Index: row, Scale: 2}, row3)
		LEAQ(Mem{Base: base, Index: row, Scale: 4}, base4)
		var m [8]Mem
		for i, b := range []GPVirtual{base, base4} {
			m[4*i] = Mem{Base: b}
			m[4*i+1] = Mem{Base: b, Index: row, Scale: 1}
			m[4*i+2] = Mem{Base: b, Index: row, Scale: 2}
			m[4*i+3] = Mem{Base: b, Index: row3, Scale: 1}
		}
		return m
	}
	Label("block")
	from, to := eight(src, srcRow), eight(dst, dstRow)
	r := func(i int) VecPhysical { return avx2.reg(i) }
	// Rows 0..3 with rows 4..7 in the upper half: columns 0..3 in r0..r3, 4..7 in r4..r7.
	for i := 0; i < 4; i++ {
		for half := 0; half < 2; half++ {
			lower, upper := from[i], from[i+4]
			lower.Disp, upper.Disp = 16*half, 16*half
			VMOVUPS(lower, r(i+4*half).AsX())
			VINSERTF128(Imm(1), upper, r(i+4*half), r(i+4*half))
		}
	}
	for half := 0; half < 8; half += 4 {
		a, b, c, d := r(half), r(half+1), r(half+2), r(half+3)
		VUNPCKLPS(b, a, Y8)
		VUNPCKHPS(b, a, Y9)
		VUNPCKLPS(d, c, Y10)
		VUNPCKHPS(d, c, Y11)
		VUNPCKLPD(Y10, Y8, Y12)
		VMOVUPS(Y12, to[half])
		VUNPCKHPD(Y10, Y8, Y12)
		VMOVUPS(Y12, to[half+1])
		VUNPCKLPD(Y11, Y9, Y12)
		VMOVUPS(Y12, to[half+2])
		VUNPCKHPD(Y11, Y9, Y12)
		VMOVUPS(Y12, to[half+3])
	}
	ADDQ(Imm(32), src)
	LEAQ(Mem{Base: dst, Index: dstRow, Scale: 8}, dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}

// sums64 reads as fast as the caches deliver.
func sums64() {
	const vecs = 8
	function("sums64AVX", "rows int, x *float32, sums *[64]float32", "what hasNaNAVX2 reads arrays with: it adds every row of x (rows, 64) to sums")
	rows, x, sums := arg("rows"), arg("x"), arg("sums")
	at := func(p Register, i int) Mem { return Mem{Base: p, Disp: i * avx2.bytes()} }
	for i := 0; i < vecs; i++ {
		VMOVUPS(at(sums, i), avx2.reg(i))
	}
	Label("row")
	for i := 0; i < vecs; i++ {
		VADDPS(at(x, i), avx2.reg(i), avx2.reg(i))
	}
	ADDQ(I32(vecs*32), x)
	DECQ(rows)
	JNZ(LabelRef("row"))
	for i := 0; i < vecs; i++ {
		VMOVUPS(avx2.reg(i), at(sums, i))
	}
	ret()
}
