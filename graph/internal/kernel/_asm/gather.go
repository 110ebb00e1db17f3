package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of struct gather, in its order. A slice takes three words.
const (
	gatherGroups = 0
	gatherCount  = 8
	gatherCoef   = 32
	gatherOff    = 56
	gatherGroup  = 80
	gatherEntry  = 88
	gatherSrc    = 96
	gatherSrcRow = 120
	gatherDst    = 128
	gatherDstOff = 152
	gatherDstRow = 176
	gatherTail   = 184
)

// gather keeps rows x vecs vectors of a group's result in registers while its entries are added.
func gather(v isa, rows, vecs int) {
	function(fmt.Sprintf("gather%dx%d%s", rows, vecs, v.name), "t *byte",
		"gatherGeneric for %d rows of %d vectors", rows, vecs)
	p := arg("t")
	field := func(offset int) Mem { return Mem{Base: p, Disp: offset} }
	load := func(offset int) GPVirtual {
		r := GP64()
		MOVQ(field(offset), r)
		return r
	}
	stride := func(offset int) GPVirtual {
		r := load(offset)
		SHLQ(Imm(2), r)
		return r
	}
	start := AllocLocal(8) // first entry of the group
	zero := GP64()
	XORQ(zero, zero)
	MOVQ(zero, start)
	entry, srcRow, dstRow := stride(gatherEntry), stride(gatherSrcRow), stride(gatherDstRow)
	v.setTail(load(gatherTail))
	var srcRow3, dstRow3 GPVirtual
	if rows > 3 {
		srcRow3 = GP64()
		LEAQ(Mem{Base: srcRow, Index: srcRow, Scale: 2}, srcRow3)
	}
	// at returns the address of row r, vector z. Scales go up to 2 rows, so the fourth row gets a base of its own.
	at := func(base, stride, stride3 GPVirtual) func(r, z int) Mem {
		var base3 GPVirtual
		if rows > 3 {
			base3 = GP64()
			LEAQ(Mem{Base: base, Index: stride3, Scale: 1}, base3)
		}
		return func(r, z int) Mem {
			m := Mem{Base: base, Disp: v.bytes() * z}
			if r >= 3 {
				m.Base = base3
			}
			if r%3 > 0 {
				m.Index, m.Scale = stride, uint8(r%3)
			}
			return m
		}
	}
	acc := func(r, z int) VecPhysical { return v.reg(r*vecs + z) }
	spare := 12
	if v.evex {
		spare = 24
	}
	coef, tmp := v.reg(spare), v.reg(spare+1)

	group := GP64()
	XORQ(group, group)
	Label("group")
	n := GP64()
	MOVQ(field(gatherCount), n)
	MOVLQSX(Mem{Base: n, Index: group, Scale: 4}, n)
	TESTQ(n, n)
	JZ(LabelRef("next"))
	dst, dstOff := load(gatherDst), load(gatherDstOff)
	MOVLQSX(Mem{Base: dstOff, Index: group, Scale: 4}, dstOff)
	LEAQ(Mem{Base: dst, Index: dstOff, Scale: 4}, dst)
	if rows > 3 {
		dstRow3 = GP64()
		LEAQ(Mem{Base: dstRow, Index: dstRow, Scale: 2}, dstRow3)
	}
	to := at(dst, dstRow, dstRow3)
	for r := 0; r < rows; r++ {
		for z := 0; z < vecs; z++ {
			v.load(to(r, z), acc(r, z), z == vecs-1)
		}
	}
	co, off, src := load(gatherCoef), load(gatherOff), load(gatherSrc)
	ADDQ(start, co)
	ADDQ(start, off)
	Label("entry")
	from := GP64()
	MOVLQSX(Mem{Base: off}, from)
	LEAQ(Mem{Base: src, Index: from, Scale: 4}, from)
	VBROADCASTSS(Mem{Base: co}, coef)
	patch := at(from, srcRow, srcRow3)
	for r := 0; r < rows; r++ {
		for z := 0; z < vecs; z++ {
			v.fma(patch(r, z), coef, acc(r, z), tmp, z == vecs-1)
		}
	}
	ADDQ(entry, co)
	ADDQ(entry, off)
	DECQ(n)
	JNZ(LabelRef("entry"))
	for r := 0; r < rows; r++ {
		for z := 0; z < vecs; z++ {
			v.store(acc(r, z), to(r, z), z == vecs-1)
		}
	}
	Label("next")
	step := stride(gatherGroup)
	ADDQ(step, start)
	INCQ(group)
	CMPQ(group, field(gatherGroups))
	JLT(LabelRef("group"))
	ret()
}
