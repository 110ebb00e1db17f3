package kernel

import "math"

// MaxPoolSide is the greatest P: a winner's number in its window is a byte.
const MaxPoolSide = 16

// poolMaxGeneric sets y to the greatest of x[window·step + place[k] + j], at least the floor, and the code to the first
// k that has it.
func poolMaxGeneric(x []float32, step int, place []int, y []float32, w *windowRow) {
	for i := range w.windows {
		code := w.code[i*w.codeStride:]
		for j := range w.c {
			best, which := x[i*step+place[0]+j], 0
			for k, at := range place {
				v := x[i*step+at+j]
				if v > best {
					which = k
				}
				best = max(best, v) // NaN stays
			}
			y[i*w.c+j], code[j] = above(w.floor, best), uint8(which)
		}
	}
}

// unpoolGeneric sets dx[window·step + place[k] + j] to dy if k won and y is above the floor, else to 0.
func unpoolGeneric(w *windowRow, dx []float32, step int, place []int) {
	for i := range w.windows {
		y, dy := w.y[i*w.stride:][:w.c], w.dy[i*w.stride:][:w.c]
		code := w.code[i*w.codeStride:]
		for k, at := range place {
			out := dx[i*step+at:][:w.c]
			for j := range out {
				bits := math.Float32bits(pass(dy[j], y[j], w.floor))
				if int(code[j]) != k {
					bits = 0
				}
				out[j] = math.Float32frombits(bits)
			}
		}
	}
}

// unpoolAdd adds dy to dx[window·step + place[k] + j] if k won. In assembly, which compares with every place, it gains
// a third for windows of 3x3 and loses for larger ones.
func unpoolAdd(w *windowRow, dx []float32, step int, place []int) {
	for i := range w.windows {
		dy := w.dy[i*w.stride:][:w.c]
		code := w.code[i*w.codeStride:][:len(dy)]
		for j, g := range dy {
			dx[i*step+place[code[j]]+j] += g
		}
	}
}

// places returns the offset of each value of a window in an image with row values in a row and c in a pixel.
func places(high, wide, row, c int) []int {
	var at []int
	for k := range high * wide {
		at = append(at, k/wide*row+k%wide*c)
	}
	return at
}
