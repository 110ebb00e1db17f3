package kernel

// white is the largest pixel.
const white = 255

// Rectify sets y to max(0, x), for x of any length; NaN stays NaN. y has at least the length of x.
func Rectify(x, y []float32) {
	need("rectify", "y", len(y), len(x))
	active.rectify(x, x, y[:len(x)])
}

// RectifyGrad sets dx to the gradient of x, given y = max(0, x) and its gradient dy: dy where y > 0, else 0. dy and dx
// have at least the length of y.
func RectifyGrad(y, dy, dx []float32) {
	need("rectify", "dy", len(dy), len(y))
	need("rectify", "dx", len(dx), len(y))
	active.rectify(y, dy, dx[:len(y)])
}

// Prefetch asks the processor to bring bytes into its caches, and does not wait for them. What is asked for at once
// arrives at once: of things that lie anywhere in memory, it pays to ask for some before the first is read. It changes
// nothing, and does nothing at the levels generic and neon.
func Prefetch(bytes []uint8) { active.prefetch(bytes) }

// ScaleBytes sets dst to pixels/255: values in [0, 1], correctly rounded, which a product with 1/255 is not. dst has at
// least the length of pixels.
func ScaleBytes(dst []float32, pixels []uint8) {
	need("scale", "dst", len(dst), len(pixels))
	active.scaleBytes(dst[:len(pixels)], pixels)
}

// HasNaN reports whether x has a NaN. Searching the output of a layer takes a hundredth of the time that computing
// it took.
func HasNaN(x []float32) bool { return active.hasNaN(x) }

// rectifyGeneric sets dst to v where y > 0, else to 0.
func rectifyGeneric(y, v, dst []float32) {
	y, v = y[:len(dst)], v[:len(dst)]
	for i, g := range v {
		dst[i] = pass(g, y[i], 0)
	}
}

// scaleBytesGeneric sets dst to pixels/255.
func scaleBytesGeneric(dst []float32, pixels []uint8) {
	dst = dst[:len(pixels)]
	for i, v := range pixels {
		dst[i] = float32(v) / white
	}
}

// transposeGeneric sets dst[c·dstRow + r] = src[r·srcRow + c].
func transposeGeneric(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int) {
	for r := range rows {
		for c, v := range src[r*srcRow:][:cols] {
			dst[c*dstRow+r] = v
		}
	}
}

// nonzeroGeneric sets bit j of row[r] if x[r·cols + j] is not 0, for up to 64 columns.
func nonzeroGeneric(x []float32, cols int, row []uint64) {
	for r := range row {
		row[r] = 0
		for j, v := range x[r*cols:][:cols] {
			if v != 0 {
				row[r] |= 1 << j
			}
		}
	}
}

// hasNaNGeneric reports whether x has a NaN.
func hasNaNGeneric(x []float32) bool {
	for _, v := range x {
		if v != v {
			return true
		}
	}
	return false
}
