package kernel

import "math"

// The layers by their definitions, in float64. Plans of every level are compared with them.

// A sum is a result in float64, with what bounds the rounding of any order of its terms.
type sum struct {
	v, abs float64 // Σ products, Σ |products|
	terms  int
}

func (s *sum) add(a, b float32) {
	p := float64(a) * float64(b)
	s.v += p
	s.abs += math.Abs(p)
	s.terms++
}

// bound returns the most that float32 may differ. Each term's product and addition rounds once, by 2⁻²⁴ of at most
// Σ|products|; two more roundings are for an addition to what was there.
func (s sum) bound() float64 { return float64(2*s.terms+2) * 0x1p-24 * s.abs }

// whole reports whether float32 had nothing to round: only terms of whole numbers add up to one.
func (s sum) whole() bool { return s.abs == math.Trunc(s.abs) && s.abs < 1<<24 }

// like reports whether float32 may order a and b wrongly.
func (s sum) like(other sum) bool {
	return s.v != other.v && math.Abs(s.v-other.v) < s.bound()+other.bound()
}

// referenceConv returns z (N, H-K+1, W-K+1, F) of x (N, H, W, C), before Rectify and the pool.
func referenceConv(c ConvConfig, n int, x, w, bias []float32) []sum {
	var z []sum
	c.eachOutput(n, func(f, patch int) {
		var s sum
		s.add(bias[f], 1)
		c.eachTap(f, patch, func(tap, pixel int) { s.add(w[tap], x[pixel]) })
		z = append(z, s)
	})
	return z
}

// referenceConvGrad returns the gradients of w, bias and x, given that of z.
func referenceConvGrad(c ConvConfig, n int, x, w, dz []float32) (dw, db, dx []sum) {
	dw, db, dx = make([]sum, len(w)), make([]sum, c.F), make([]sum, len(x))
	c.eachOutput(n, func(f, patch int) {
		g := dz[0]
		dz = dz[1:]
		if g == 0 {
			return
		}
		db[f].add(g, 1)
		c.eachTap(f, patch, func(tap, pixel int) {
			dw[tap].add(g, x[pixel])
			dx[pixel].add(g, w[tap])
		})
	})
	return dw, db, dx
}

// eachOutput calls do for every value of z in order: its filter, and where the image patch that it sees starts in x.
func (c ConvConfig) eachOutput(n int, do func(f, patch int)) {
	for i := range n {
		for row := range c.H - c.K + 1 {
			for col := range c.W - c.K + 1 {
				for f := range c.F {
					do(f, ((i*c.H+row)*c.W+col)*c.C)
				}
			}
		}
	}
}

// eachTap calls do for every weight of a filter, with the pixel of the patch that it multiplies: their places in
// w (F, K, K, C) and x.
func (c ConvConfig) eachTap(f, patch int, do func(tap, pixel int)) {
	for ky := range c.K {
		for kx := range c.K {
			for ch := range c.C {
				do(((f*c.K+ky)*c.K+kx)*c.C+ch, patch+(ky*c.W+kx)*c.C+ch)
			}
		}
	}
}

// referenceMaxPool returns, for every value of y (N, H/P, W/P, C), the places in x (N, H, W, C) of its window's values,
// in row order.
func referenceMaxPool(c MaxPoolConfig, n int) (windows [][]int) {
	for i := range n {
		for row := range c.H / c.P {
			for col := range c.W / c.P {
				for ch := range c.C {
					var window []int
					for y := range c.P {
						for x := range c.P {
							window = append(window, ((i*c.H+row*c.P+y)*c.W+col*c.P+x)*c.C+ch)
						}
					}
					windows = append(windows, window)
				}
			}
		}
	}
	return windows
}

// first returns the place in a window of the first of its greatest values.
func first[T float32 | float64](window []int, value func(at int) T) int {
	best := window[0]
	for _, at := range window {
		if value(at) > value(best) {
			best = at
		}
	}
	return best
}

// referenceDense returns z (N, U) of x (N, D), before Rectify.
func referenceDense(c DenseConfig, n int, x, w, bias []float32) []sum {
	z := make([]sum, n*c.U)
	for i := range n {
		for u := range c.U {
			z[i*c.U+u].add(bias[u], 1)
			for d := range c.D {
				z[i*c.U+u].add(x[i*c.D+d], w[d*c.U+u])
			}
		}
	}
	return z
}

// referenceDenseGrad returns the gradients of w, bias and x, given that of z.
func referenceDenseGrad(c DenseConfig, n int, x, w, dz []float32) (dw, db, dx []sum) {
	dw, db, dx = make([]sum, len(w)), make([]sum, c.U), make([]sum, len(x))
	for i := range n {
		for u := range c.U {
			g := dz[i*c.U+u]
			if g == 0 {
				continue
			}
			db[u].add(g, 1)
			for d := range c.D {
				dw[d*c.U+u].add(g, x[i*c.D+d])
				dx[i*c.D+d].add(g, w[d*c.U+u])
			}
		}
	}
	return dw, db, dx
}

// referenceSoftMax returns the probabilities of the logits of one image.
func referenceSoftMax(logits []float32) []float64 {
	p := make([]float64, len(logits))
	total := 0.0
	for i, v := range logits {
		p[i] = math.Exp(float64(v))
		total += p[i]
	}
	for i := range p {
		p[i] /= total
	}
	return p
}

// referenceCrossEntropy returns -Σ target·log p and its gradient with respect to the logits.
func referenceCrossEntropy(p []float64, target []float32) (loss float64, gradient []float64) {
	weight := 0.0
	for i, t := range target {
		weight += float64(t)
		if t != 0 {
			loss -= float64(t) * math.Log(p[i])
		}
	}
	for i, t := range target {
		gradient = append(gradient, weight*p[i]-float64(t))
	}
	return loss, gradient
}
