package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// channels emits a loop over c channels, eight at a time and the rest masked.
func channels(c, i GPVirtual, vector func(last bool)) {
	whole := GP64()
	XORQ(i, i)
	MOVQ(c, whole)
	ANDQ(I32(-8), whole)
	JZ(LabelRef("last"))
	Label("vector")
	vector(false)
	ADDQ(Imm(8), i)
	CMPQ(i, whole)
	JLT(LabelRef("vector"))
	Label("last")
	CMPQ(i, c)
	JGE(LabelRef("next"))
	vector(true)
	Label("next")
}

// setChannelTail sets the mask for the channels after the last multiple of eight.
func setChannelTail(c GPVirtual) {
	tail := GP64()
	MOVQ(c, tail)
	ANDQ(Imm(7), tail)
	avx2.setTail(tail)
}

// poolMax takes the greatest of each window's values.
func poolMax() {
	function("poolMaxAVX", "windows, c, places int, x *float32, step int, place *int, y *float32, code *uint8, codeStride int, floor float32",
		"poolMaxGeneric")
	windows, c, places := arg("windows"), arg("c"), arg("places")
	x, step, place := arg("x"), byteStride("step"), arg("place")
	y, code := arg("y"), arg("code")
	setChannelTail(c)
	i := GP64()
	label := "more"
	vector := func(last bool) {
		best, v, number, nan, which, higher := Y0, Y1, Y2, Y3, Y4, Y5
		from, n := GP64(), GP64()
		MOVQ(Mem{Base: place}, n)
		LEAQ(Mem{Base: x, Index: i, Scale: 4}, from)
		avx2.load(Mem{Base: from, Index: n, Scale: 4}, best, last)
		VPXOR(number, number, number)
		VPXOR(nan, nan, nan)
		k := GP64()
		MOVQ(U32(1), k)
		Label(label)
		MOVQ(Mem{Base: place, Index: k, Scale: 8}, n)
		avx2.load(Mem{Base: from, Index: n, Scale: 4}, v, last)
		VCMPPS(unordered, best, v, higher)
		VORPS(higher, nan, nan)
		VCMPPS(greater, best, v, higher)
		VMAXPS(v, best, best)
		VMOVD(k.As32(), which.AsX())
		VPBROADCASTD(which.AsX(), which)
		VBLENDVPS(higher, which, number, number)
		INCQ(k)
		CMPQ(k, places)
		JLT(LabelRef(label))
		VORPS(nan, best, best)
		VBROADCASTSS(param("floor"), v)
		VMAXPS(best, v, best) // in this order a NaN stays
		avx2.store(best, Mem{Base: y, Index: i, Scale: 4}, last)
		storeBytes(number, v, Mem{Base: code, Index: i, Scale: 1})
		label = "moreLast"
	}
	Label("window")
	channels(c, i, vector)
	LEAQ(Mem{Base: y, Index: c, Scale: 4}, y)
	ADDQ(param("codeStride"), code)
	ADDQ(step, x)
	DECQ(windows)
	JNZ(LabelRef("window"))
	ret()
}

// unpool stores each window's gradient where its winner was, and zeros elsewhere.
func unpool() {
	function("unpoolAVX", "windows, c, places int, y, dy *float32, code *uint8, codeStride int, dx *float32, step int, place *int, floor float32",
		"unpoolGeneric")
	windows, c, places := arg("windows"), arg("c"), arg("places")
	y, dy, code, dx, step, place := arg("y"), arg("dy"), arg("code"), arg("dx"), byteStride("step"), arg("place")
	setChannelTail(c)
	lo, zero, minusOne := Y14, Y13, Y12
	VBROADCASTSS(param("floor"), lo)
	VPXOR(zero, zero, zero)
	VPCMPEQD(minusOne, minusOne, minusOne)
	i := GP64()
	label := "more"
	vector := func(last bool) {
		grad, live, number, which := Y0, Y1, Y2, Y3
		avx2.load(Mem{Base: y, Index: i, Scale: 4}, live, last)
		avx2.load(Mem{Base: dy, Index: i, Scale: 4}, grad, last)
		VCMPPS(notAtLeast, live, lo, live)
		VANDPS(live, grad, grad)
		VPMOVZXBD(Mem{Base: code, Index: i, Scale: 1}, number)
		k, n, to := GP64(), GP64(), GP64()
		XORQ(k, k)
		LEAQ(Mem{Base: dx, Index: i, Scale: 4}, to)
		Label(label)
		VPCMPEQD(zero, number, which)
		VANDPS(which, grad, which)
		VPADDD(minusOne, number, number)
		MOVQ(Mem{Base: place, Index: k, Scale: 8}, n)
		avx2.store(which, Mem{Base: to, Index: n, Scale: 4}, last)
		INCQ(k)
		CMPQ(k, places)
		JLT(LabelRef(label))
		label = "moreLast"
	}
	Label("window")
	channels(c, i, vector)
	LEAQ(Mem{Base: y, Index: c, Scale: 4}, y)
	LEAQ(Mem{Base: dy, Index: c, Scale: 4}, dy)
	ADDQ(param("codeStride"), code)
	ADDQ(step, dx)
	DECQ(windows)
	JNZ(LabelRef("window"))
	ret()
}
