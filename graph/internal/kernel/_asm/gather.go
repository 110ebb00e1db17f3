package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of struct gather, in its order. A slice takes three words.
const (
	gatherGroups   = 0
	gatherCount    = 8
	gatherCoef     = 32
	gatherOff      = 56
	gatherGroup    = 80
	gatherEntry    = 88
	gatherSrc      = 96
	gatherSrcRow   = 120
	gatherDst      = 128
	gatherGroupOff = 152
	gatherDstRow   = 176
	gatherTail     = 184
)

// gather keeps rows x vecs vectors of a group's result in registers while its entries are added.
func gather(v isa, rows, vecs int) {
	function(fmt.Sprintf("gather%dx%d%s", rows, vecs, v.name), "t *byte",
		"gatherGeneric for %d rows of %d vectors", rows, vecs)
	g := newGatherer(v, rows, vecs)
	g.groups(gatherDst, gatherDstRow, gatherSrc, gatherSrcRow, func(entry func(r, z int) Mem, coef, tmp VecPhysical) {
		g.each(func(r, z int, acc VecPhysical, last bool) { v.fma(entry(r, z), coef, acc, tmp, last) })
	}, func(kept func(r, z int) Mem) {
		g.each(func(r, z int, acc VecPhysical, last bool) { v.store(acc, kept(r, z), last) })
	})
}

// scatter keeps rows x vecs vectors of a group's source in registers.
func scatter(v isa, rows, vecs int) {
	function(fmt.Sprintf("scatter%dx%d%s", rows, vecs, v.name), "t *byte",
		"scatterGeneric for %d rows of %d vectors", rows, vecs)
	g := newGatherer(v, rows, vecs)
	g.groups(gatherSrc, gatherSrcRow, gatherDst, gatherDstRow, func(entry func(r, z int) Mem, coef, tmp VecPhysical) {
		g.each(func(r, z int, acc VecPhysical, last bool) {
			v.load(entry(r, z), tmp, last)
			VFMADD231PS(acc, coef, tmp)
			v.store(tmp, entry(r, z), last)
		})
	}, func(func(r, z int) Mem) {})
}

// A gatherer emits the loops over groups and entries: a group has one block of rows x vecs vectors in registers, each
// entry another in memory.
type gatherer struct {
	isa
	rows, vecs int
	p          GPVirtual // *gather
}

func newGatherer(v isa, rows, vecs int) *gatherer { return &gatherer{v, rows, vecs, arg("t")} }

func (g *gatherer) field(offset int) Mem { return Mem{Base: g.p, Disp: offset} }

func (g *gatherer) word(offset int) GPVirtual {
	r := GP64()
	MOVQ(g.field(offset), r)
	return r
}

// stride is a field in bytes.
func (g *gatherer) stride(offset int) GPVirtual {
	r := g.word(offset)
	SHLQ(Imm(2), r)
	return r
}

// triple is three times a stride, if that is needed.
func (g *gatherer) triple(stride GPVirtual) GPVirtual {
	if g.rows <= 3 {
		return nil
	}
	r := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r)
	return r
}

// block returns the address of row r, vector z. Scales go up to 2 rows, so the fourth row gets a base of its own.
func (g *gatherer) block(base, stride, stride3 GPVirtual) func(r, z int) Mem {
	var base3 GPVirtual
	if g.rows > 3 {
		base3 = GP64()
		LEAQ(Mem{Base: base, Index: stride3, Scale: 1}, base3)
	}
	return func(r, z int) Mem {
		m := Mem{Base: base, Disp: g.bytes() * z}
		if r >= 3 {
			m.Base = base3
		}
		if r%3 > 0 {
			m.Index, m.Scale = stride, uint8(r%3)
		}
		return m
	}
}

// each calls f for every vector of the group's block and its register.
func (g *gatherer) each(f func(r, z int, kept VecPhysical, last bool)) {
	for r := 0; r < g.rows; r++ {
		for z := 0; z < g.vecs; z++ {
			f(r, z, g.reg(r*g.vecs+z), z == g.vecs-1)
		}
	}
}

// groups emits the loops. The group's block is in the array and row stride at the offsets kept and keptRow of the
// struct, the entries' are at entry and entryRow; do is done with each entry, end with each group.
func (g *gatherer) groups(kept, keptRow, entry, entryRow int, do func(entry func(r, z int) Mem, coef, tmp VecPhysical), end func(kept func(r, z int) Mem)) {
	start := AllocLocal(8) // first entry of the group
	zero := GP64()
	XORQ(zero, zero)
	MOVQ(zero, start)
	step, row, keepRow := g.stride(gatherEntry), g.stride(entryRow), g.stride(keptRow)
	g.setTail(g.word(gatherTail))
	row3 := g.triple(row)
	spare := 12
	if g.evex {
		spare = 24
	}
	coef, tmp := g.reg(spare), g.reg(spare+1)

	group := GP64()
	XORQ(group, group)
	Label("group")
	n := GP64()
	MOVQ(g.field(gatherCount), n)
	MOVLQSX(Mem{Base: n, Index: group, Scale: 4}, n)
	TESTQ(n, n)
	JZ(LabelRef("next"))
	keep, keepOff := g.word(kept), g.word(gatherGroupOff)
	MOVLQSX(Mem{Base: keepOff, Index: group, Scale: 4}, keepOff)
	LEAQ(Mem{Base: keep, Index: keepOff, Scale: 4}, keep)
	block := g.block(keep, keepRow, g.triple(keepRow))
	g.each(func(r, z int, v VecPhysical, last bool) { g.load(block(r, z), v, last) })
	co, off, base := g.word(gatherCoef), g.word(gatherOff), g.word(entry)
	ADDQ(start, co)
	ADDQ(start, off)
	Label("entry")
	at := GP64()
	MOVLQSX(Mem{Base: off}, at)
	LEAQ(Mem{Base: base, Index: at, Scale: 4}, at)
	VBROADCASTSS(Mem{Base: co}, coef)
	do(g.block(at, row, row3), coef, tmp)
	ADDQ(step, co)
	ADDQ(step, off)
	DECQ(n)
	JNZ(LabelRef("entry"))
	end(block)
	Label("next")
	next := g.stride(gatherGroup)
	ADDQ(next, start)
	INCQ(group)
	CMPQ(group, g.field(gatherGroups))
	JLT(LabelRef("group"))
	ret()
}
