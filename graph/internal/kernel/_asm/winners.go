package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// entries turns a row of pool windows into the coefficients and offsets of a gather.
func entries() {
	function("entriesAVX", "windows, f, stride int, y, dy *float32, code *uint8, coef *float32, off, place *int32, base, step int, floor float32",
		"entriesGeneric for windows of at most 8 values")
	windows, f, stride := arg("windows"), arg("f"), arg("stride")
	y, dy, code, coef, off := arg("y"), arg("dy"), arg("code"), arg("coef"), arg("off")
	base := arg("base")
	place, lo, window := Y14, Y13, Y12
	VMOVUPS(Mem{Base: arg("place")}, place)
	VBROADCASTSS(param("floor"), lo)
	setChannelTail(f)
	i := GP64()
	at := func(p Register, scale int) Mem { return Mem{Base: p, Index: i, Scale: uint8(scale)} }
	vector := func(last bool) {
		live, grad, from := Y0, Y1, Y2
		avx2.load(at(y, 4), live, last)
		avx2.load(at(dy, 4), grad, last)
		VCMPPS(notAtLeast, live, lo, live)
		VANDPS(live, grad, grad)
		VMOVUPS(grad, at(coef, 4))
		VPMOVZXBD(at(code, 1), from)
		VPERMD(place, from, from)
		VPADDD(window, from, from)
		VMOVUPS(from, at(off, 4))
	}
	Label("window")
	VMOVD(base.As32(), window.AsX())
	VPBROADCASTD(window.AsX(), window)
	channels(f, i, vector)
	LEAQ(Mem{Base: y, Index: f, Scale: 4}, y)
	LEAQ(Mem{Base: dy, Index: f, Scale: 4}, dy)
	ADDQ(stride, code)
	LEAQ(Mem{Base: coef, Index: stride, Scale: 4}, coef)
	LEAQ(Mem{Base: off, Index: stride, Scale: 4}, off)
	ADDQ(param("step"), base)
	DECQ(windows)
	JNZ(LabelRef("window"))
	ret()
}

// listsZMM sorts the gradients of each window by winner.
func listsZMM() {
	function("listsZMM", "windows, f, stride, codeStride, places int, y, dy *float32, code *uint8, from *int32, coef *float32, off, count *int32, room int, floor float32",
		"listsGeneric")
	windows := arg("windows")
	y, dy, code, from := arg("y"), arg("dy"), arg("code"), arg("from")
	coef, off, count := arg("coef"), arg("off"), arg("count")
	lo := Z3
	VBROADCASTSS(param("floor"), lo)
	lanes, live := K1, K2
	Label("window")
	place := GP64()
	XORQ(place, place)
	Label("place")
	wanted, codes := X0, X1
	VPBROADCASTB(place.As32(), wanted)
	n, i := GP64(), GP64()
	XORQ(n, n)
	XORQ(i, i)
	Label("vector")
	rest, mask := GP64(), GP32()
	Load(Param("f"), rest)
	SUBQ(i, rest)
	MOVL(I32(-1), mask)
	CMPQ(rest, Imm(16))
	JGE(LabelRef("full"))
	BZHIL(rest.As32(), mask, mask)
	Label("full")
	KMOVW(mask, lanes)
	VMOVDQU8_Z(Mem{Base: code, Index: i, Scale: 1}, lanes, codes)
	VPCMPEQB(wanted, codes, lanes, live)
	out, v := Z2, Z4
	VMOVUPS_Z(Mem{Base: y, Index: i, Scale: 4}, live, out)
	VCMPPS(notAtLeast, out, lo, live, live)
	VMOVUPS_Z(Mem{Base: dy, Index: i, Scale: 4}, live, v)
	VCOMPRESSPS_Z(v, live, v) // to a register: to memory it is slow on Zen 4
	VMOVUPS(v, Mem{Base: coef, Index: n, Scale: 4})
	VMOVDQU32_Z(Mem{Base: from, Index: i, Scale: 4}, live, v)
	VPCOMPRESSD_Z(v, live, v)
	VMOVUPS(v, Mem{Base: off, Index: n, Scale: 4})
	found := GP32()
	KMOVW(live, found)
	POPCNTL(found, found)
	ADDQ(found.As64(), n)
	ADDQ(Imm(16), i)
	f := GP64()
	Load(Param("f"), f)
	CMPQ(i, f)
	JLT(LabelRef("vector"))
	MOVL(n.As32(), Mem{Base: count})
	ADDQ(Imm(4), count)
	room := GP64()
	Load(Param("room"), room)
	LEAQ(Mem{Base: coef, Index: room, Scale: 4}, coef)
	LEAQ(Mem{Base: off, Index: room, Scale: 4}, off)
	INCQ(place)
	places := GP64()
	Load(Param("places"), places)
	CMPQ(place, places)
	JLT(LabelRef("place"))
	stride := GP64()
	Load(Param("stride"), stride)
	LEAQ(Mem{Base: y, Index: stride, Scale: 4}, y)
	LEAQ(Mem{Base: dy, Index: stride, Scale: 4}, dy)
	Load(Param("codeStride"), stride)
	ADDQ(stride, code)
	DECQ(windows)
	JNZ(LabelRef("window"))
	ret()
}

// listsAVX2 does the same with the permutation, for each mask of eight values, that moves those under it to the front.
func listsAVX2() {
	function("lists8AVX2", "windows, f, stride, codeStride, places int, y, dy *float32, code *uint8, from *int32, coef *float32, off, count *int32, room int, floor float32",
		"listsGeneric")
	front := frontTable()
	f := arg("f")
	y, dy, code, from := arg("y"), arg("dy"), arg("code"), arg("from")
	coef, off := arg("coef"), arg("off")
	setChannelTail(f)
	lo, wanted := Y14, Y13
	VBROADCASTSS(param("floor"), lo)
	table := GP64()
	LEAQ(front, table)
	i := GP64()
	Label("window")
	place, n := GP64(), GP64()
	XORQ(place, place)
	Label("place")
	VMOVD(place.As32(), wanted.AsX())
	VPBROADCASTD(wanted.AsX(), wanted)
	XORQ(n, n)
	channels(f, i, func(last bool) {
		live, is, order, v := Y0, Y1, Y2, Y3
		avx2.load(Mem{Base: y, Index: i, Scale: 4}, live, last)
		VCMPPS(notAtLeast, live, lo, live)
		VPMOVZXBD(Mem{Base: code, Index: i, Scale: 1}, is)
		VPCMPEQD(wanted, is, is)
		VPAND(is, live, live)
		if last {
			VPAND(tailV, live, live)
		}
		mask := GP64()
		VMOVMSKPS(live, mask.As32())
		VPMOVZXBD(Mem{Base: table, Index: mask, Scale: 8}, order)
		avx2.load(Mem{Base: dy, Index: i, Scale: 4}, v, last)
		VPERMPS(v, order, v)
		VMOVUPS(v, Mem{Base: coef, Index: n, Scale: 4})
		VPERMD(Mem{Base: from, Index: i, Scale: 4}, order, v)
		VMOVUPS(v, Mem{Base: off, Index: n, Scale: 4})
		POPCNTL(mask.As32(), mask.As32())
		ADDQ(mask, n)
	})
	to := GP64()
	MOVQ(param("count"), to)
	MOVL(n.As32(), Mem{Base: to})
	ADDQ(Imm(4), param("count"))
	room := byteStride("room")
	ADDQ(room, coef)
	ADDQ(room, off)
	INCQ(place)
	CMPQ(place, param("places"))
	JLT(LabelRef("place"))
	stride := byteStride("stride")
	ADDQ(stride, y)
	ADDQ(stride, dy)
	ADDQ(param("codeStride"), code)
	DECQ(param("windows"))
	JNZ(LabelRef("window"))
	ret()
}

// frontTable returns, for each mask of eight bits, the numbers of its ones, as bytes.
func frontTable() Mem {
	m := GLOBL("frontOfMask", RODATA|NOPTR)
	for mask := 0; mask < 256; mask++ {
		var numbers uint64
		n := 0
		for i := 0; i < 8; i++ {
			if mask>>i&1 > 0 {
				numbers |= uint64(i) << (8 * n)
				n++
			}
		}
		DATA(8*mask, U64(numbers))
	}
	return m
}
