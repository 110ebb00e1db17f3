package kernel

import (
	"fmt"
	"math"
)

// Adam is one step of the optimiser as Keras takes it, with a gradient that is summed over lanes:
//
//	g  = Scale · Σ lanes
//	m += (g - m)·(1 - Beta1)
//	v += (g² - v)·(1 - Beta2)
//	w -= Alpha·m / (√v + Epsilon)
type Adam struct {
	Alpha        float64 // learning rate times this step's bias correction
	Beta1, Beta2 float64 // decay of m and v, 0 to 1
	Epsilon      float64 // above 0
	Scale        float64 // of the gradient: 1 / batch size
}

// adamRate has the constants of a step: scale, 1-beta1, 1-beta2, alpha, epsilon and, for the assembly, tiny.
type adamRate [6]float32

// Step updates the weights w and the moments m and v at lo ≤ i < hi. It adds 1, 2, 4 or 8 lanes as a binary tree: two by
// two, the pairs two by two, and so on. How workers split the range between them changes no bit. It panics if there are
// more or fewer lanes, or if an array is shorter than hi.
func (a Adam) Step(lo, hi int, w, m, v []float32, lanes [][]float32) {
	switch len(lanes) {
	case 1, 2, 4, 8:
	default:
		panic(fmt.Sprintf("kernel: adam: %d lanes, want 1, 2, 4 or 8", len(lanes)))
	}
	if lo < 0 || lo > hi {
		panic(fmt.Sprintf("kernel: adam: range %d to %d", lo, hi))
	}
	need("adam", "w", len(w), hi)
	need("adam", "m", len(m), hi)
	need("adam", "v", len(v), hi)
	for _, g := range lanes {
		need("adam", "lane", len(g), hi)
	}
	rate1, alpha := float32(1-a.Beta1), float32(a.Alpha)
	rate := adamRate{float32(a.Scale), rate1, float32(1 - a.Beta2), alpha, float32(a.Epsilon), tiny(max(rate1, alpha, -alpha))}
	active.adam(lo, hi, w, m, v, lanes, rate)
}

// tiny returns the greatest denormal value whose product with factors up to rate rounds to 0: at most half of the least.
func tiny(rate float32) float32 {
	const denormals = 1<<23 - 1
	return math.Float32frombits(uint32(min(0.5/float64(rate), denormals)))
}

// adamGeneric takes a step. The assembly gives the same bits: it does not fuse products either.
func adamGeneric(lo, hi int, w, m, v []float32, lanes [][]float32, rate adamRate) {
	scale, rate1, rate2, alpha, epsilon := rate[0], rate[1], rate[2], rate[3], rate[4]
	for i := lo; i < hi; i++ {
		g := float32(scale * laneSum(lanes, i))
		m[i] += float32((g - m[i]) * rate1)
		v[i] += float32((float32(g*g) - v[i]) * rate2)
		w[i] -= float32(alpha*m[i]) / (sqrt(v[i]) + epsilon)
	}
}

// laneSum returns the sum of value i of the lanes, added as a binary tree.
func laneSum(lanes [][]float32, i int) float32 {
	switch len(lanes) {
	case 1:
		return lanes[0][i]
	case 2:
		return lanes[0][i] + lanes[1][i]
	}
	half := len(lanes) / 2
	return laneSum(lanes[:half], i) + laneSum(lanes[half:], i)
}

func sqrt(v float32) float32 { return float32(math.Sqrt(float64(v))) }
