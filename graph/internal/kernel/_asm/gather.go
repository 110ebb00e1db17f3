package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// gather keeps rows x vecs vectors of a group's result in registers while it adds the entries.
func gather(v isa, rows, vecs int) {
	g := &gatherer{v, shaped("gather", v, "gather", "gatherGeneric for blocks of rows x vectors", rows, vecs), rows, vecs}
	g.groups("dst", "dstRow", "src", "srcRow", func(entry func(r, z int) Mem, coef, tmp VecPhysical) {
		g.each(func(r, z int, acc VecPhysical, last bool) { v.fma(entry(r, z), coef, acc, tmp, last) })
	}, func(kept func(r, z int) Mem) {
		g.each(func(r, z int, acc VecPhysical, last bool) { v.store(acc, kept(r, z), last) })
	})
}

// scatter keeps rows x vecs vectors of a group's source in registers.
func scatter(v isa, rows, vecs int) {
	g := &gatherer{v, shaped("scatter", v, "gather", "scatterGeneric for blocks of rows x vectors", rows, vecs), rows, vecs}
	g.groups("src", "srcRow", "dst", "dstRow", func(entry func(r, z int) Mem, coef, tmp VecPhysical) {
		g.each(func(r, z int, acc VecPhysical, last bool) {
			v.load(entry(r, z), tmp, last)
			VFMADD231PS(acc, coef, tmp)
			v.store(tmp, entry(r, z), last)
		})
	}, func(func(r, z int) Mem) {})
}

// A gatherer emits the loops over groups and entries. A group has one block of rows x vecs vectors in registers, each
// entry another in memory.
type gatherer struct {
	isa
	pointer    // *gather
	rows, vecs int
}

// triple returns three times a stride, if the rows need it.
func (g *gatherer) triple(stride GPVirtual) GPVirtual {
	if g.rows <= 3 {
		return nil
	}
	r := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, r)
	return r
}

// block returns the address of row r, vector z. An index reaches two rows, so the fourth row has a base of its own.
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

// groups emits the loops. The fields kept and keptRow of the struct are the array and row stride of a group's block,
// entry and entryRow those of an entry's. It emits do for each entry, end for each group.
func (g *gatherer) groups(kept, keptRow, entry, entryRow string, do func(entry func(r, z int) Mem, coef, tmp VecPhysical), end func(kept func(r, z int) Mem)) {
	start := AllocLocal(8) // first entry of the group
	zero := GP64()
	XORQ(zero, zero)
	MOVQ(zero, start)
	step, row, keepRow := g.stride("entry"), g.stride(entryRow), g.stride(keptRow)
	g.setTail(g.word("tail"))
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
	MOVQ(g.field("count"), n)
	MOVLQSX(Mem{Base: n, Index: group, Scale: 4}, n)
	TESTQ(n, n)
	JZ(LabelRef("next"))
	keep, keepOff := g.word(kept), g.word("groupOff")
	MOVLQSX(Mem{Base: keepOff, Index: group, Scale: 4}, keepOff)
	LEAQ(Mem{Base: keep, Index: keepOff, Scale: 4}, keep)
	block := g.block(keep, keepRow, g.triple(keepRow))
	g.each(func(r, z int, v VecPhysical, last bool) { g.load(block(r, z), v, last) })
	co, off, base := g.word("coef"), g.word("off"), g.word(entry)
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
	next := g.stride("group")
	ADDQ(next, start)
	INCQ(group)
	CMPQ(group, g.field("groups"))
	JLT(LabelRef("group"))
	ret()
}
