package main

// Vector registers of a gather or scatter. The group's block has V0 to V23.
const (
	neonCoef vec = 24
	neonTmp  vec = 25 // and all after it
	neonTmps     = 7
)

// A neonGatherer emits the loops over groups and entries. A group has one block of rows x vecs vectors in registers, each
// entry another in memory.
type neonGatherer struct {
	neonPointer // *gather
	cols        columns
	rows        int
}

// gather keeps rows x vecs vectors of a group's result in registers while it adds the entries.
func (n *neon) gather(rows, vecs int, narrow bool) {
	p := n.shaped("gather", isaNEON(narrow), "gather", "gatherGeneric for blocks of rows x vectors", rows, vecs)
	g := &neonGatherer{neonPointer: p, rows: rows}
	g.groups(vecs, narrow, "dst", "dstRow", "src", "srcRow", func(base gp, r int) {
		for z := range vecs {
			tmp := neonTmp + vec((r*vecs+z)%neonTmps)
			g.cols.load(base, z, tmp)
			n.fma(tmp, neonCoef, g.kept(r, z))
		}
	}, func(base gp, r int) {
		for z := range vecs {
			g.cols.store(g.kept(r, z), base, z)
		}
	})
}

// scatter keeps rows x vecs vectors of a group's source in registers.
func (n *neon) scatter(rows, vecs int, narrow bool) {
	p := n.shaped("scatter", isaNEON(narrow), "gather", "scatterGeneric for blocks of rows x vectors", rows, vecs)
	g := &neonGatherer{neonPointer: p, rows: rows}
	g.groups(vecs, narrow, "src", "srcRow", "dst", "dstRow", func(base gp, r int) {
		for from := 0; from < vecs; {
			part := vecs - from
			if part > neonTmps { // the last two vectors, which overlap, stay together
				part = neonTmps - 1
			}
			for z := range part {
				g.cols.load(base, from+z, neonTmp+vec(z))
				n.fma(g.kept(r, from+z), neonCoef, neonTmp+vec(z))
			}
			for z := range part {
				g.cols.store(neonTmp+vec(z), base, from+z)
			}
			from += part
		}
	}, nil)
}

// kept returns the register of row r, vector z of a group's block.
func (g *neonGatherer) kept(r, z int) vec { return vec(r*g.cols.vecs + z) }

// each calls f for every row of a block, with a register that has its address.
func (g *neonGatherer) each(base, stride gp, f func(base gp, r int)) {
	for r := range g.rows {
		if r > 0 {
			g.op("ADD", stride, base)
		}
		f(base, r)
	}
}

// groups emits the loops. The fields kept and keptRow of the struct are the array and row stride of a group's block,
// entry and entryRow those of an entry's. It emits do for each row of an entry, end, if there is one, for each row of a
// group.
func (g *neonGatherer) groups(vecs int, narrow bool, kept, keptRow, entry, entryRow string, do, end func(base gp, r int)) {
	g.cols = g.columns(vecs, narrow, g.word("tail"))
	groups, count, keptOff := g.word("groups"), g.word("count"), g.word("groupOff")
	coef, off, group, step := g.word("coef"), g.word("off"), g.stride("group"), g.stride("entry")
	keptBase, keptStep, base, row := g.word(kept), g.stride(keptRow), g.word(entry), g.stride(entryRow)
	n, keep, nextCoef, nextOff, addr := g.reg(), g.reg(), g.reg(), g.reg(), g.reg()
	// locate sets addr to the address of a block, given the address of its offset from base.
	locate := func(offset string, base gp) {
		g.op("MOVW", offset, addr)
		g.op("ADD", addr+"<<2", base, addr)
	}
	g.loop("group", groups, func() {
		g.op("MOVW.P", at(count, 4), n)
		locate(at(keptOff, 0), keptBase)
		g.op("ADD", 4, keptOff)
		g.op("CBZ", n, "next")
		g.op("MOVD", addr, keep)
		g.each(addr, keptStep, func(base gp, r int) {
			for z := range vecs {
				g.cols.load(base, z, g.kept(r, z))
			}
		})
		g.op("MOVD", coef, nextCoef)
		g.op("MOVD", off, nextOff)
		g.loop("entry", n, func() {
			locate(at(nextOff, 0), base)
			g.op("FMOVS", at(nextCoef, 0), neonCoef.low())
			g.each(addr, row, do)
			g.op("ADD", step, nextCoef)
			g.op("ADD", step, nextOff)
		})
		if end != nil {
			g.each(keep, keptStep, end)
		}
		g.label("next")
		g.op("ADD", group, coef)
		g.op("ADD", group, off)
	})
	g.ret()
}
