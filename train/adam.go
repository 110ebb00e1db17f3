package train

import "math"

// Adam is Keras's Adam (Kingma and Ba 2014; keras/src/optimizers/adam.py) for a
// vector of weights, in float32 throughout as Keras computes it. Its epsilon
// stands outside the bias correction, unlike PyTorch's:
//
//	m += (g-m)·(1-β1)   v += (g²-v)·(1-β2)   w -= m·α / (√v+ε)
//	α = η·√(1-β2ᵗ) / (1-β1ᵗ)
type Adam struct {
	LearningRate float32   // η
	Step         int       // steps done
	M, V         []float32 // running means of the gradient and its square, one for each weight
}

const (
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-7
)

// alpha is the size of step t ≥ 1.
func (a *Adam) alpha(t int) float32 {
	power := func(beta float32) float32 { return float32(math.Pow(float64(beta), float64(t))) }
	return a.LearningRate * float32(math.Sqrt(float64(1-power(beta2)))) / (1 - power(beta1))
}

// update moves weights [lo, hi) along the mean gradient: the sum of the lanes'
// gradients, added in a fixed tree, over batch images. It belongs to step
// a.Step+1 and may run at once for ranges that do not overlap. The gradients
// are overwritten.
func (a *Adam) update(w []float32, lanes [][]float32, batch, lo, hi int) {
	for s := 1; s < len(lanes); s *= 2 {
		for l := 0; l+s < len(lanes); l += 2 * s {
			sum, other := lanes[l][lo:hi], lanes[l+s][lo:hi]
			for i, v := range other {
				sum[i] += v
			}
		}
	}
	alpha, n := a.alpha(a.Step+1), float32(batch)
	g, m, v := lanes[0][lo:hi], a.M[lo:hi], a.V[lo:hi]
	w = w[lo:hi]
	for i := range w {
		g := g[i] / n
		m[i] += (g - m[i]) * (1 - beta1)
		v[i] += (g*g - v[i]) * (1 - beta2)
		w[i] -= m[i] * alpha / (float32(math.Sqrt(float64(v[i]))) + epsilon)
	}
}
