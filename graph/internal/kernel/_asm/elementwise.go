package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Memory bounds these, so 256 bits serve AVX-512 as well.

// rectify passes v where y is above zero.
func rectify() {
	function("rectifyAVX", "blocks int, y, v, dst *float32", "rectifyGeneric for blocks of 8 values")
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

// scaleBytes divides pixels by 255.
func scaleBytes() {
	function("scaleBytesAVX", "blocks int, dst *float32, pixels *uint8, divisor float32", "scaleBytesGeneric for blocks of 8 values")
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

// nonzero takes a row from its end: the last vector is the one with a mask.
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

// transpose turns 8 rows of blocks of 8 columns.
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

// adam sums the lanes' gradients two by two and updates the parameters. It multiplies and adds
// separately, as Go does, so that a worker's last values may be left to Go.
func adam(lanes int) {
	function(fmt.Sprintf("adam%dAVX", lanes), "blocks int, w, m, v *float32, grad *[8]*float32, rate *[5]float32",
		"adamGeneric for %d lanes and blocks of 8 values", lanes)
	blocks, w, m, v, grad, rate := arg("blocks"), arg("w"), arg("m"), arg("v"), arg("grad"), arg("rate")
	scale, rate1, rate2, alpha, epsilon := Y15, Y14, Y13, Y12, Y11
	for i, r := range []VecPhysical{scale, rate1, rate2, alpha, epsilon} {
		VBROADCASTSS(Mem{Base: rate, Disp: 4 * i}, r)
	}
	lane := make([]GPVirtual, lanes)
	for i := range lane {
		lane[i] = GP64()
		MOVQ(Mem{Base: grad, Disp: 8 * i}, lane[i])
	}
	i := GP64()
	XORQ(i, i)
	at := func(p Register) Mem { return Mem{Base: p, Index: i, Scale: 1} }
	Label("block")
	sum := func(k int) VecPhysical { return avx2.reg(k) }
	if lanes == 1 {
		VMOVUPS(at(lane[0]), sum(0))
	}
	for k := 0; k < lanes/2; k++ {
		VMOVUPS(at(lane[2*k]), sum(k))
		VADDPS(at(lane[2*k+1]), sum(k), sum(k))
	}
	for n := lanes / 2; n > 1; n /= 2 {
		for k := 0; k < n/2; k++ {
			VADDPS(sum(2*k+1), sum(2*k), sum(k))
		}
	}
	g, mean, variance, tmp := sum(0), Y4, Y5, Y6
	VMULPS(scale, g, g)
	VMOVUPS(at(m), mean)
	VSUBPS(mean, g, tmp)
	VMULPS(rate1, tmp, tmp)
	VADDPS(tmp, mean, mean)
	VMOVUPS(mean, at(m))
	VMOVUPS(at(v), variance)
	VMULPS(g, g, tmp)
	VSUBPS(variance, tmp, tmp)
	VMULPS(rate2, tmp, tmp)
	VADDPS(tmp, variance, variance)
	VMOVUPS(variance, at(v))
	VSQRTPS(variance, variance)
	VADDPS(epsilon, variance, variance)
	VMULPS(alpha, mean, mean)
	VDIVPS(variance, mean, mean)
	VMOVUPS(at(w), tmp)
	VSUBPS(mean, tmp, tmp)
	VMOVUPS(tmp, at(w))
	ADDQ(Imm(32), i)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	ret()
}
