//go:build (amd64 || arm64) && !noasm

package kernel

import "unsafe"

// maxBlocks limits the blocks of eight values of one call: assembly can't be preempted.
const maxBlocks = 1 << 12

// eachBlock calls do for the blocks of eight in n values: at is where they start. It returns where the rest starts.
func eachBlock(n int, do func(at, blocks int)) (rest int) {
	for ; n-rest >= 8; rest += 8 * min(maxBlocks, (n-rest)/8) {
		do(rest, min(maxBlocks, (n-rest)/8))
	}
	return rest
}

// inCalls calls do for some of the row's windows at a time, from at on: as many as have 8·maxBlocks values, places of
// each channel, and at least one.
func (w *windowRow) inCalls(places int, do func(at, windows int)) {
	most := max(1, 8*maxBlocks/(w.c*places))
	for at := 0; at < w.windows; at += most {
		do(at, min(most, w.windows-at))
	}
}

func rectifyBlocks(y, v, dst []float32) {
	rest := eachBlock(len(dst), func(at, blocks int) { rectify8(blocks, &y[at], &v[at], &dst[at]) })
	rectifyGeneric(y[rest:], v[rest:], dst[rest:])
}

func scaleBytesBlocks(dst []float32, pixels []uint8) {
	rest := eachBlock(len(pixels), func(at, blocks int) { scaleBytes8(blocks, &dst[at], &pixels[at], white) })
	scaleBytesGeneric(dst[rest:], pixels[rest:])
}

func adamBlocks(lo, hi int, w, m, v []float32, lanes [][]float32, rate adamRate) {
	rest := eachBlock(hi-lo, func(at, blocks int) {
		at += lo
		var grad [8]*float32
		for i, g := range lanes {
			grad[i] = &g[at]
		}
		switch w, m, v, rate := &w[at], &m[at], &v[at], (*[6]float32)(&rate); len(lanes) {
		case 1:
			adam1(blocks, w, m, v, &grad, rate)
		case 2:
			adam2(blocks, w, m, v, &grad, rate)
		case 4:
			adam4(blocks, w, m, v, &grad, rate)
		case 8:
			adam8(blocks, w, m, v, &grad, rate)
		}
	})
	adamGeneric(lo+rest, hi, w, m, v, lanes, rate)
}

// transposeBlocks transposes square blocks by assembly, which takes a row of them. On a side of the matrix that is no
// multiple of theirs the last block overlaps the one before.
func transposeBlocks(side int, assembly func(blocks int, src *float32, srcRow int, dst *float32, dstRow int),
	rows, cols int, src []float32, srcRow int, dst []float32, dstRow int) {
	if rows < side || cols < side {
		transposeGeneric(rows, cols, src, srcRow, dst, dstRow)
		return
	}
	for r := 0; r < rows; r += side {
		r := min(r, rows-side)
		for c := 0; c < cols; c += side * maxBlocks {
			c := min(c, cols-side)
			blocks := min(maxBlocks, (cols-c)/side)
			assembly(blocks, &src[r*srcRow+c], srcRow, &dst[c*dstRow+r], dstRow)
		}
		if c := cols - side; cols%side > 0 {
			assembly(1, &src[r*srcRow+c], srcRow, &dst[c*dstRow+r], dstRow)
		}
	}
}

// cut sets the tail and returns the number of vectors in the columns.
func (g *gather) cut(cols, lanes int) (vecs int) {
	vecs = (cols + lanes - 1) / lanes
	g.tail = cols - lanes*(vecs-1)
	return vecs
}

// address returns t as the assembly takes it: its generator can't name types of this package.
func address[T tile | gather](t *T) *byte { return (*byte)(unsafe.Pointer(t)) }
