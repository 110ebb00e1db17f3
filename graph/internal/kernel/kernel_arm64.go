//go:build !noasm

package kernel

import (
	"math"

	"golang.org/x/sys/cpu"
)

// assembly returns the level of NEON, which every arm64 processor that Go runs on has.
func assembly() []*level {
	if !cpu.ARM64.HasASIMD {
		return nil
	}
	neon := generic
	neon.name = "neon"
	neon.panels, neon.tile, neon.pool = panelsNEON, tileNEON, poolNEON
	neon.gather, neon.gatherCols, neon.scatter = gatherNEON, 8*lanesNEON, scatterNEON
	neon.gatherCost = 80
	neon.entries, neon.poolMax, neon.unpool = entriesNEON, poolMaxNEON, unpoolNEON
	neon.rectify, neon.scaleBytes, neon.transpose, neon.adam = rectifyBlocks, scaleBytesBlocks, transposeNEON, adamBlocks
	neon.nonzero, neon.hasNaN = nonzeroNEON, hasNaNNEON
	neon.multiplyAdds, neon.multiplyAddsLen, neon.multiplyAddsFLOP = multiplyAddsNEON, 96, 4
	return []*level{&neon}
}

// entriesNEON keeps the places of a window's values in two vectors.
func entriesNEON(w *windowRow, e entries) {
	if w.c < lanesNEON || len(e.place) > 8 || e.base+w.windows*e.step > math.MaxInt32 {
		entriesGeneric(w, e)
		return
	}
	w.inCalls(1, func(at, windows int) {
		y, code := at*w.stride, at*w.codeStride
		entries8NEON(windows, w.c, w.codeStride, &w.y[y], &w.dy[y], &w.code[code], &e.coef[code], &e.off[code], &e.place[0], e.base+at*e.step, e.step, w.floor)
	})
}

func poolMaxNEON(x []float32, step int, place []int, y []float32, w *windowRow) {
	if w.c < lanesNEON {
		poolMaxGeneric(x, step, place, y, w)
		return
	}
	w.inCalls(len(place), func(at, windows int) {
		poolMax4NEON(windows, w.c, len(place), &x[at*step], step, &place[0], &y[at*w.c], &w.code[at*w.codeStride], w.codeStride, w.floor)
	})
}

func unpoolNEON(w *windowRow, dx []float32, step int, place []int) {
	if w.c < lanesNEON {
		unpoolGeneric(w, dx, step, place)
		return
	}
	w.inCalls(len(place), func(at, windows int) {
		y := at * w.stride
		unpool4NEON(windows, w.c, len(place), &w.y[y], &w.dy[y], &w.code[at*w.codeStride], w.codeStride, &dx[at*step], step, &place[0], w.floor)
	})
}

func transposeNEON(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int) {
	transposeBlocks(4, transpose4NEON, rows, cols, src, srcRow, dst, dstRow)
}

func nonzeroNEON(x []float32, cols int, row []uint64) {
	if cols < 16 {
		nonzeroGeneric(x, cols, row)
		return
	}
	nonzero16NEON(len(row), cols, &x[0], &row[0])
}

// hasNaNNEON looks for the greatest values: a NaN counts as greater than any number.
func hasNaNNEON(x []float32) bool {
	var greatest [32]float32
	rest := x
	for len(rest) >= len(greatest) {
		rows := min(maxBlocks/4, len(rest)/len(greatest))
		greatestNEON(rows, &rest[0], &greatest)
		if hasNaNGeneric(greatest[:]) {
			return true
		}
		rest = rest[rows*len(greatest):]
	}
	return hasNaNGeneric(rest)
}

func multiplyAddsNEON(rounds int, factor, term float32, x []float32) {
	multiplyAdds96NEON(rounds, factor-1, term, &x[0])
}
