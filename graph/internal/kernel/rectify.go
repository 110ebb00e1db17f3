package kernel

import "math"

// Rectify sets y = max(0, x); NaN stays NaN.
func Rectify(x, y []float32) {
	need("rectify", "y", len(y), len(x))
	active.rectify(x, x, y[:len(x)])
}

// RectifyGrad sets dx to the gradient of x, given y = max(0, x) and its gradient: dy where y > 0, else 0.
func RectifyGrad(y, dy, dx []float32) {
	need("rectify", "dy", len(dy), len(y))
	need("rectify", "dx", len(dx), len(y))
	active.rectify(y, dy, dx[:len(y)])
}

// rectifyGeneric sets dst = y <= 0 ? 0 : v.
func rectifyGeneric(y, v, dst []float32) {
	y, v = y[:len(dst)], v[:len(dst)]
	for i, g := range v {
		dst[i] = pass(g, y[i], 0)
	}
}

// pass is the gradient dy where y is above the floor, else 0. It chooses an integer, which takes no branch: no
// processor could predict it.
func pass(dy, y, floor float32) float32 {
	bits := math.Float32bits(dy)
	if y <= floor {
		bits = 0
	}
	return math.Float32frombits(bits)
}
