//go:build !noasm

package kernel

// The assembly has a function for each shape of a block that fits into the registers: up to 24 sums of four lanes.
// tables_arm64.go lists them by shape. The last vector of a block ends with its last column, so a block of one to three
// columns has functions of its own.

const lanesNEON = 4

// panelsNEON cuts n columns into panels of 16. It leaves no panel of one vector after another one: that would load as
// much as it multiplies.
func panelsNEON(n int) []panel {
	var ps []panel
	at := 0
	add := func(cols int) {
		vecs := (cols + lanesNEON - 1) / lanesNEON
		rows := [...]int{1: 6, 2: 6, 3: 4, 4: 3}[vecs]
		ps = append(ps, panel{first: at, cols: cols, vecs: vecs, lanes: lanesNEON, rows: rows, alone: rows})
		at += cols
	}
	for n-at > 20 {
		add(16)
	}
	if n-at > 16 {
		add(12)
	}
	add(n - at)
	return ps
}

func tileNEON(p *panel, bases, rows int, t *tile) {
	if p.cols < lanesNEON {
		tilesNEONNarrow[bases-1][rows-1][0](address(t))
		return
	}
	tilesNEON[bases-1][rows-1][p.vecs-1](address(t))
}

func poolNEON(p *panel, windows int, t *tile) {
	if p.cols < lanesNEON {
		poolsNEONNarrow[windows-1][0](address(t))
		return
	}
	poolsNEON[windows-1][p.vecs-1](address(t))
}

func gatherNEON(g *gather, rows, cols int) {
	vecs := g.cut(cols, lanesNEON)
	if cols < lanesNEON {
		gathersNEONNarrow[rows-1][0](address(g))
		return
	}
	gathersNEON[rows-1][vecs-1](address(g))
}

func scatterNEON(g *gather, rows, cols int) {
	vecs := g.cut(cols, lanesNEON)
	if cols < lanesNEON {
		scattersNEONNarrow[rows-1][0](address(g))
		return
	}
	scattersNEON[rows-1][vecs-1](address(g))
}
