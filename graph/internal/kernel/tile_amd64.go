//go:build !noasm

package kernel

// The assembly has a kernel for each shape of tile that fits into the registers: 24 sums in AVX-512, 12 in
// AVX2. Tables are indexed by what a name counts, minus one.

// panelsAVX512 cuts n columns into panels of 32; the last ones use a vector of eight where that is enough.
func panelsAVX512(n int) []panel {
	var ps []panel
	at := 0
	add := func(cols, vecs, lanes int) {
		ps = append(ps, panel{first: at, cols: cols, vecs: vecs, lanes: lanes, rows: 6})
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
		p := panel{first: at, cols: min(16, n-at), vecs: 2, lanes: 8, rows: 3}
		if p.cols <= 8 {
			p.vecs, p.rows = 1, 6
		}
		ps = append(ps, p)
	}
	return ps
}

func tileAVX512(p *panel, bases, rows int, t *tile) {
	if p.lanes == 8 {
		tilesYMM[bases-1][rows-1](address(t))
		return
	}
	tilesZMM[p.vecs-1][bases-1][rows-1](address(t))
}

func poolAVX512(p *panel, windows int, t *tile) {
	if p.lanes == 8 {
		poolsYMM[windows-1](address(t))
		return
	}
	poolsZMM[p.vecs-1][windows-1](address(t))
}

// A masked store is slow in AVX2, so a full last vector has kernels of its own.
func tileAVX2(p *panel, bases, rows int, t *tile) {
	table := &tilesAVX2
	if t.tail == p.lanes {
		table = &tilesAVX2Full
	}
	table[p.vecs-1][bases-1][rows-1](address(t))
}

func poolAVX2(p *panel, windows int, t *tile) {
	table := &poolsAVX2
	if t.tail == p.lanes {
		table = &poolsAVX2Full
	}
	table[p.vecs-1][windows-1](address(t))
}

// gatherAVX512 leaves one vector of eight to the AVX2 kernels: longer loads would often cross a cache line.
func gatherAVX512(g *gather, rows, cols int) {
	if cols <= narrow {
		gatherAVX2(g, rows, cols)
		return
	}
	vecs := g.cut(cols, 16)
	gathersZMM[rows-1][vecs-1](address(g))
}

func gatherAVX2(g *gather, rows, cols int) {
	g.callAVX2(gathersAVX2[:], gathersAVX2Full[:], rows, cols)
}

// scatterAVX512 leaves one vector of eight to the AVX2 kernels, as gatherAVX512 does.
func scatterAVX512(g *gather, rows, cols int) {
	if cols <= narrow {
		scatterAVX2(g, rows, cols)
		return
	}
	vecs := g.cut(cols, 16)
	scattersZMM[rows-1][vecs-1](address(g))
}

func scatterAVX2(g *gather, rows, cols int) {
	g.callAVX2(scattersAVX2[:], scattersAVX2Full[:], rows, cols)
}

// cut is the number of vectors in so many columns; it sets the tail.
func (g *gather) cut(cols, lanes int) (vecs int) {
	vecs = (cols + lanes - 1) / lanes
	g.tail = cols - lanes*(vecs-1)
	return vecs
}

// callAVX2 takes the kernel from full if the last vector is.
func (g *gather) callAVX2(table, full [][4]func(*byte), rows, cols int) {
	vecs := g.cut(cols, 8)
	if g.tail == 8 {
		table = full
	}
	table[rows-1][vecs-1](address(g))
}

var tilesZMM = [2][2][6]func(*byte){
	{
		{tile1x1x1ZMM, tile1x2x1ZMM, tile1x3x1ZMM, tile1x4x1ZMM, tile1x5x1ZMM, tile1x6x1ZMM},
		{tile2x1x1ZMM, tile2x2x1ZMM, tile2x3x1ZMM, tile2x4x1ZMM, tile2x5x1ZMM, tile2x6x1ZMM},
	},
	{
		{tile1x1x2ZMM, tile1x2x2ZMM, tile1x3x2ZMM, tile1x4x2ZMM, tile1x5x2ZMM, tile1x6x2ZMM},
		{tile2x1x2ZMM, tile2x2x2ZMM, tile2x3x2ZMM, tile2x4x2ZMM, tile2x5x2ZMM, tile2x6x2ZMM},
	},
}

var tilesYMM = [2][6]func(*byte){
	{tile1x1x1YMM, tile1x2x1YMM, tile1x3x1YMM, tile1x4x1YMM, tile1x5x1YMM, tile1x6x1YMM},
	{tile2x1x1YMM, tile2x2x1YMM, tile2x3x1YMM, tile2x4x1YMM, tile2x5x1YMM, tile2x6x1YMM},
}

var tilesAVX2 = [2][2][6]func(*byte){
	{
		{tile1x1x1AVX2, tile1x2x1AVX2, tile1x3x1AVX2, tile1x4x1AVX2, tile1x5x1AVX2, tile1x6x1AVX2},
		{tile2x1x1AVX2, tile2x2x1AVX2, tile2x3x1AVX2, tile2x4x1AVX2, tile2x5x1AVX2, tile2x6x1AVX2},
	},
	{
		{tile1x1x2AVX2, tile1x2x2AVX2, tile1x3x2AVX2},
		{tile2x1x2AVX2, tile2x2x2AVX2, tile2x3x2AVX2},
	},
}

var tilesAVX2Full = [2][2][6]func(*byte){
	{
		{tile1x1x1AVX2Full, tile1x2x1AVX2Full, tile1x3x1AVX2Full, tile1x4x1AVX2Full, tile1x5x1AVX2Full, tile1x6x1AVX2Full},
		{tile2x1x1AVX2Full, tile2x2x1AVX2Full, tile2x3x1AVX2Full, tile2x4x1AVX2Full, tile2x5x1AVX2Full, tile2x6x1AVX2Full},
	},
	{
		{tile1x1x2AVX2Full, tile1x2x2AVX2Full, tile1x3x2AVX2Full},
		{tile2x1x2AVX2Full, tile2x2x2AVX2Full, tile2x3x2AVX2Full},
	},
}

var poolsZMM = [2][3]func(*byte){
	{pool2x1ZMM, pool4x1ZMM, pool6x1ZMM},
	{pool2x2ZMM, pool4x2ZMM, pool6x2ZMM},
}

var poolsYMM = [3]func(*byte){pool2x1YMM, pool4x1YMM, pool6x1YMM}

var poolsAVX2 = [2][3]func(*byte){
	{pool2x1AVX2, pool4x1AVX2, pool6x1AVX2},
	{pool2x2AVX2},
}

var poolsAVX2Full = [2][3]func(*byte){
	{pool2x1AVX2Full, pool4x1AVX2Full, pool6x1AVX2Full},
	{pool2x2AVX2Full},
}

var gathersZMM = [gatherRows][6]func(*byte){
	{gather1x1ZMM, gather1x2ZMM, gather1x3ZMM, gather1x4ZMM, gather1x5ZMM, gather1x6ZMM},
	{gather2x1ZMM, gather2x2ZMM, gather2x3ZMM, gather2x4ZMM, gather2x5ZMM, gather2x6ZMM},
	{gather3x1ZMM, gather3x2ZMM, gather3x3ZMM, gather3x4ZMM, gather3x5ZMM, gather3x6ZMM},
}

var gathersAVX2 = [gatherRowsNarrow][4]func(*byte){
	{gather1x1AVX2, gather1x2AVX2, gather1x3AVX2, gather1x4AVX2},
	{gather2x1AVX2, gather2x2AVX2, gather2x3AVX2, gather2x4AVX2},
	{gather3x1AVX2, gather3x2AVX2, gather3x3AVX2, gather3x4AVX2},
	{gather4x1AVX2},
	{gather5x1AVX2},
	{gather6x1AVX2},
}

var gathersAVX2Full = [gatherRowsNarrow][4]func(*byte){
	{gather1x1AVX2Full, gather1x2AVX2Full, gather1x3AVX2Full, gather1x4AVX2Full},
	{gather2x1AVX2Full, gather2x2AVX2Full, gather2x3AVX2Full, gather2x4AVX2Full},
	{gather3x1AVX2Full, gather3x2AVX2Full, gather3x3AVX2Full, gather3x4AVX2Full},
	{gather4x1AVX2Full},
	{gather5x1AVX2Full},
	{gather6x1AVX2Full},
}

var scattersZMM = [scatterRows][2]func(*byte){
	{scatter1x1ZMM, scatter1x2ZMM},
	{scatter2x1ZMM, scatter2x2ZMM},
	{scatter3x1ZMM, scatter3x2ZMM},
}

var scattersAVX2 = [scatterRows][4]func(*byte){
	{scatter1x1AVX2, scatter1x2AVX2, scatter1x3AVX2, scatter1x4AVX2},
	{scatter2x1AVX2, scatter2x2AVX2, scatter2x3AVX2, scatter2x4AVX2},
	{scatter3x1AVX2, scatter3x2AVX2, scatter3x3AVX2, scatter3x4AVX2},
}

var scattersAVX2Full = [scatterRows][4]func(*byte){
	{scatter1x1AVX2Full, scatter1x2AVX2Full, scatter1x3AVX2Full, scatter1x4AVX2Full},
	{scatter2x1AVX2Full, scatter2x2AVX2Full, scatter2x3AVX2Full, scatter2x4AVX2Full},
	{scatter3x1AVX2Full, scatter3x2AVX2Full, scatter3x3AVX2Full, scatter3x4AVX2Full},
}
