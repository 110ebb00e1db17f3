//go:build !noasm

package kernel

import (
	"math"

	"golang.org/x/sys/cpu"
)

// assembly returns the levels that this processor has, best first. AVX-512 takes from AVX2 the kernels that wait for
// memory.
func assembly() []*level {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasFMA || !cpu.X86.HasPOPCNT {
		return nil
	}
	avx2 := generic
	avx2.name = "avx2"
	avx2.panels, avx2.tile, avx2.pool = panelsAVX2, tileAVX2, poolAVX2
	avx2.gather, avx2.gatherCols, avx2.scatter = gatherAVX2, 4*8, scatterAVX2
	avx2.gatherCost = 100
	avx2.terms = 192
	avx2.lists = listsAVX2
	avx2.winner, avx2.winnerFilters = winnerAVX2, map[int]int{3: 8, 4: 8, 5: 8}
	avx2.entries, avx2.poolMax, avx2.unpool = entriesAVX2, poolMaxAVX2, unpoolAVX2
	avx2.rectify, avx2.scaleBytes, avx2.transpose, avx2.adam = rectifyBlocks, scaleBytesBlocks, transposeAVX2, adamBlocks
	avx2.prefetch, avx2.nonzero, avx2.hasNaN = prefetchLines, nonzeroAVX2, hasNaNAVX2
	avx2.multiplyAdds, avx2.multiplyAddsLen = multiplyAddsAVX2, 96
	if !cpu.X86.HasAVX512F || !cpu.X86.HasAVX512BW || !cpu.X86.HasAVX512DQ || !cpu.X86.HasAVX512VL || !cpu.X86.HasBMI2 {
		return []*level{&avx2}
	}
	avx512 := avx2
	avx512.name = "avx512"
	avx512.panels, avx512.tile, avx512.pool = panelsAVX512, tileAVX512, poolAVX512
	avx512.gather, avx512.gatherCols, avx512.scatter = gatherAVX512, 6*16, scatterAVX512
	avx512.lists = listsAVX512
	avx512.winner, avx512.winnerFilters = winnerAVX512, map[int]int{3: 8, 4: 8, 5: 16}
	avx512.multiplyAdds, avx512.multiplyAddsLen = multiplyAddsAVX512, 192
	if cpu.X86.HasAVX512BF16 && cpu.X86.HasAMXTile && cpu.X86.HasAMXBF16 {
		avx512.hasAMX, avx512.amx, avx512.roundBF16, avx512.pairBF16 = true, amxTMM, roundBF16ZMM, pairBF16ZMM
	}
	return []*level{&avx512, &avx2}
}

// entriesAVX2 keeps the places of a window's values in one vector.
func entriesAVX2(w *windowRow, e entries) {
	if len(e.place) > 8 || e.base+w.windows*e.step > math.MaxInt32 {
		entriesGeneric(w, e)
		return
	}
	w.inCalls(1, func(at, windows int) {
		y, code := at*w.stride, at*w.codeStride
		entriesAVX(windows, w.c, w.codeStride, &w.y[y], &w.dy[y], &w.code[code], &e.coef[code], &e.off[code], &e.place[0], e.base+at*e.step, e.step, w.floor)
	})
}

func listsAVX2(w *windowRow, l lists) {
	w.inCalls(l.places, func(at, windows int) {
		y, list := at*w.stride, at*l.places
		lists8AVX2(windows, w.c, w.stride, w.codeStride, l.places, &w.y[y], &w.dy[y], &w.code[at*w.codeStride],
			&l.from[0], &l.coef[list*l.room], &l.off[list*l.room], &l.count[list], l.room, w.floor)
	})
}

// listsAVX512 goes over the filters once for each place: large windows have too many.
func listsAVX512(w *windowRow, l lists) {
	if l.places > 16 {
		listsGeneric(w, l)
		return
	}
	w.inCalls(l.places, func(at, windows int) {
		y, list := at*w.stride, at*l.places
		listsZMM(windows, w.c, w.stride, w.codeStride, l.places, &w.y[y], &w.dy[y], &w.code[at*w.codeStride],
			&l.from[0], &l.coef[list*l.room], &l.off[list*l.room], &l.count[list], l.room, w.floor)
	})
}

// poolMaxAVX2 leaves windows of one value to Go: the assembly compares at least two.
func poolMaxAVX2(x []float32, step int, place []int, y []float32, w *windowRow) {
	if len(place) == 1 {
		poolMaxGeneric(x, step, place, y, w)
		return
	}
	w.inCalls(len(place), func(at, windows int) {
		poolMaxAVX(windows, w.c, len(place), &x[at*step], step, &place[0], &y[at*w.c], &w.code[at*w.codeStride], w.codeStride, w.floor)
	})
}

func unpoolAVX2(w *windowRow, dx []float32, step int, place []int) {
	w.inCalls(len(place), func(at, windows int) {
		y := at * w.stride
		unpoolAVX(windows, w.c, len(place), &w.y[y], &w.dy[y], &w.code[at*w.codeStride], w.codeStride, &dx[at*step], step, &place[0], w.floor)
	})
}

// maxWindows limits the windows of one call: assembly can't be preempted.
const maxWindows = 1 << 13

// A winnerKernel is the winner of a vector of filters. It takes quads, scratch memory for 4 values a pixel, as setQuads
// leaves it.
type winnerKernel func(rows, windows int, band *uint64, quads *float32, quadRow int, y, dy *float32, stride int, code *uint8, codeStride int, dw *float32, floor float32)

var (
	winnersAVX2 = [...]winnerKernel{3: winner3x3AVX2, 4: winner4x4AVX2, 5: winner5x5AVX2}
	winnersZMM  = [...]winnerKernel{3: winner3x3ZMM, 4: winner4x4ZMM, 5: winner5x5ZMM}
)

func winnerAVX2(k int, w *windowRow, band []uint64, x []float32, xRow int, quads, dw []float32) {
	setQuads(quadsAVX2, k, len(band), x, xRow, quads)
	winnersAVX2[k].filters(0, w.c, 8, k, w, band, xRow, quads, dw)
}

// winnerAVX512 leaves the last eight filters, where they are half a vector, to AVX2.
func winnerAVX512(k int, w *windowRow, band []uint64, x []float32, xRow int, quads, dw []float32) {
	setQuads(quadsZMM, k, len(band), x, xRow, quads)
	whole := w.c / 16 * 16
	winnersZMM[k].filters(0, whole, 16, k, w, band, xRow, quads, dw)
	winnersAVX2[k].filters(whole, w.c, 8, k, w, band, xRow, quads, dw)
}

// setQuads sets quads to each pixel and its neighbours to the right and below, given a kernel that does so for eight.
func setQuads(kernel func(blocks int, x *float32, xRow int, quads *float32), k, rows int, x []float32, xRow int, quads []float32) {
	n := (2*rows+k-2)*xRow - 1
	eachBlock(n, func(at, blocks int) { kernel(blocks, &x[at], xRow, &quads[4*at]) })
	kernel(1, &x[n-8], xRow, &quads[4*(n-8)])
}

// filters calls the kernel for the filters from..to-1, a vector of lanes at a time.
func (kernel winnerKernel) filters(from, to, lanes, k int, w *windowRow, band []uint64, xRow int, quads, dw []float32) {
	part := max(1, maxWindows/w.windows)
	for f := from; f < to; f += lanes {
		sums := dw[f/16*16*(k*k+1)+f%16:]
		for at := 0; at < len(band); at += part {
			i := at*w.windows*w.stride + f
			kernel(min(part, len(band)-at), w.windows, &band[at], &quads[8*at*xRow], 4*xRow, &w.y[i], &w.dy[i], w.stride,
				&w.code[at*w.windows*w.codeStride+f], w.codeStride, &sums[0], w.floor)
		}
	}
}

func nonzeroAVX2(x []float32, cols int, row []uint64) { nonzeroAVX(len(row), cols, &x[0], &row[0]) }

// prefetchLines asks for the cache line of every 64th byte.
func prefetchLines(bytes []uint8) {
	eachBlock(len(bytes), func(at, blocks int) { prefetch64((blocks+7)/8, &bytes[at]) })
}

func transposeAVX2(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int) {
	transposeBlocks(8, transpose8AVX, rows, cols, src, srcRow, dst, dstRow)
}

func multiplyAddsAVX2(rounds int, factor, term float32, x []float32) {
	multiplyAdds96AVX2(rounds, factor, term, &x[0])
}
func multiplyAddsAVX512(rounds int, factor, term float32, x []float32) {
	multiplyAdds192ZMM(rounds, factor, term, &x[0])
}

// hasNaNAVX2 adds up the values as fast as memory delivers them. It looks at them one by one only where a sum is NaN,
// which infinities cause too.
func hasNaNAVX2(x []float32) bool {
	var sums [64]float32
	rest := x
	for len(rest) >= len(sums) {
		rows := min(maxBlocks/8, len(rest)/len(sums))
		sums64AVX(rows, &rest[0], &sums)
		rest = rest[rows*len(sums):]
	}
	return (hasNaNGeneric(sums[:]) || hasNaNGeneric(rest)) && hasNaNGeneric(x)
}
