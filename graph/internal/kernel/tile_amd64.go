//go:build !noasm

package kernel

// The assembly has a function for each shape of a block that fits into the registers: 24 sums in AVX-512, 12 in AVX2.
// tables_amd64.go lists them by shape. Blocks whose last vector is full have functions of their own: masks are slow in
// AVX2's stores, and in AVX-512's loads on Intel's processors.

// panelsAVX512 cuts n columns into panels of 32. The last ones use vectors of eight where that is enough.
func panelsAVX512(n int) []panel {
	var ps []panel
	at := 0
	add := func(cols, vecs, lanes int) {
		ps = append(ps, panel{first: at, cols: cols, vecs: vecs, lanes: lanes, rows: 6, alone: 6})
		at += cols
	}
	for n-at > 32 {
		add(32, 2, 16)
	}
	switch rest := n - at; {
	case rest > 24:
		add(rest, 2, 16)
	case rest > 16:
		add(16, 1, 16)
		add(n-at, 1, 8)
	case rest > 8:
		add(rest, 1, 16)
	default:
		add(rest, 1, 8)
	}
	return ps
}

// panelsAVX2 cuts n columns into panels of 16.
func panelsAVX2(n int) []panel {
	var ps []panel
	for at := 0; at < n; at += 16 {
		p := panel{first: at, cols: min(16, n-at), vecs: 2, lanes: 8, rows: 3, alone: 6}
		if p.cols <= 8 {
			p.vecs, p.rows = 1, 6
		}
		ps = append(ps, p)
	}
	return ps
}

func tileAVX512(p *panel, bases, rows int, t *tile) {
	if p.lanes == 8 {
		tilesYMM[bases-1][rows-1][0](address(t))
		return
	}
	table := &tilesZMM
	if t.tail == p.lanes {
		table = &tilesZMMFull
	}
	table[bases-1][rows-1][p.vecs-1](address(t))
}

func tileAVX2(p *panel, bases, rows int, t *tile) {
	table := &tilesAVX2
	if t.tail == p.lanes {
		table = &tilesAVX2Full
	}
	table[bases-1][rows-1][p.vecs-1](address(t))
}

func poolAVX512(p *panel, windows int, t *tile) {
	if p.lanes == 8 {
		poolsYMM[windows-1][0](address(t))
		return
	}
	if t.aS == 1 && t.aI == 1 && t.ni <= len(poolLinesZMM) {
		if line := poolLinesZMM[t.ni-1][windows-1][p.vecs-1]; line != nil {
			line(address(t))
			return
		}
	}
	table := &poolsZMM
	if t.tail == p.lanes {
		table = &poolsZMMFull
	}
	table[windows-1][p.vecs-1](address(t))
}

func poolAVX2(p *panel, windows int, t *tile) {
	table := &poolsAVX2
	if t.tail == p.lanes {
		table = &poolsAVX2Full
	}
	table[windows-1][p.vecs-1](address(t))
}

// gatherAVX512 leaves vectors of eight to AVX2: longer loads would often cross a cache line.
func gatherAVX512(g *gather, rows, cols int) {
	if cols <= narrow {
		gatherAVX2(g, rows, cols)
		return
	}
	gathersZMM[rows-1][g.cut(cols, 16)-1](address(g))
}

func gatherAVX2(g *gather, rows, cols int) {
	vecs, table := g.cut(cols, 8), &gathersAVX2
	if g.tail == 8 {
		table = &gathersAVX2Full
	}
	table[rows-1][vecs-1](address(g))
}

// scatterAVX512 leaves vectors of eight to AVX2, as gatherAVX512 does.
func scatterAVX512(g *gather, rows, cols int) {
	if cols <= narrow {
		scatterAVX2(g, rows, cols)
		return
	}
	scattersZMM[rows-1][g.cut(cols, 16)-1](address(g))
}

func scatterAVX2(g *gather, rows, cols int) {
	vecs, table := g.cut(cols, 8), &scattersAVX2
	if g.tail == 8 {
		table = &scattersAVX2Full
	}
	table[rows-1][vecs-1](address(g))
}
