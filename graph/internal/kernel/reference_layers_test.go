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

// referenceConv returns z (N, high, wide, F) of x (N, H, W, C), before Rectify and the pool. Padding is zeros that are
// not there: they add nothing.
func referenceConv(c ConvConfig, n int, x, w, bias []float32) []sum {
	var z []sum
	c.eachOutput(n, func(i, row, col, f int) {
		var s sum
		s.add(bias[f], 1)
		c.eachTap(i, row, col, f, func(tap, pixel int) { s.add(w[tap], x[pixel]) })
		z = append(z, s)
	})
	return z
}

// referenceConvGrad returns the gradients of w, bias and x, given that of z.
func referenceConvGrad(c ConvConfig, n int, x, w, dz []float32) (dw, db, dx []sum) {
	dw, db, dx = make([]sum, len(w)), make([]sum, c.F), make([]sum, len(x))
	c.eachOutput(n, func(i, row, col, f int) {
		g := dz[0]
		dz = dz[1:]
		if g == 0 {
			return
		}
		db[f].add(g, 1)
		c.eachTap(i, row, col, f, func(tap, pixel int) {
			dw[tap].add(g, x[pixel])
			dx[pixel].add(g, w[tap])
		})
	})
	return dw, db, dx
}

// starts returns where filters, or windows, of k values lie on a size: they start at -pad and are stride apart. All of
// a filter is inside of the padded size.
func starts(size, k, pad, stride, dilation int) (at []int) {
	for from := -pad; from+(k-1)*dilation < size+pad; from += max(1, stride) {
		at = append(at, from)
	}
	return at
}

// steps returns the row steps of a Pair, and the column steps, with 1 for 0.
func steps(p Pair) (rows, cols int) { return max(1, p.Rows), max(1, p.Cols) }

// width returns the width of a filter.
func (c ConvConfig) width() int {
	if c.KW == 0 {
		return c.K
	}
	return c.KW
}

// eachOutput calls do for every value of z in order: the first row and column of the image, the padding included, that
// filter f sees there.
func (c ConvConfig) eachOutput(n int, do func(i, row, col, f int)) {
	dilH, dilW := steps(c.Dilation)
	for i := range n {
		for _, row := range starts(c.H, c.K, c.Pad.Rows, c.Stride.Rows, dilH) {
			for _, col := range starts(c.W, c.width(), c.Pad.Cols, c.Stride.Cols, dilW) {
				for f := range c.F {
					do(i, row, col, f)
				}
			}
		}
	}
}

// eachTap calls do for every weight of filter f that lies on image i, with the pixel that it multiplies: their places
// in w (F, K, KW, C) and x.
func (c ConvConfig) eachTap(i, row, col, f int, do func(tap, pixel int)) {
	dilH, dilW := steps(c.Dilation)
	for ky := range c.K {
		for kx := range c.width() {
			y, x := row+ky*dilH, col+kx*dilW
			if y < 0 || y >= c.H || x < 0 || x >= c.W {
				continue
			}
			for ch := range c.C {
				do(((f*c.K+ky)*c.width()+kx)*c.C+ch, ((i*c.H+y)*c.W+x)*c.C+ch)
			}
		}
	}
}

// referenceMaxPool returns, for every value of y (N, high, wide, C), the places in x (N, H, W, C) of its window's
// values, in row order. The padding has none.
func referenceMaxPool(c MaxPoolConfig, n int) (windows [][]int) {
	p, pw, stride := c.P, c.PW, c.Stride
	if pw == 0 {
		pw = p
	}
	if stride.Rows == 0 {
		stride.Rows = p
	}
	if stride.Cols == 0 {
		stride.Cols = pw
	}
	for i := range n {
		for _, row := range starts(c.H, p, c.Pad.Rows, stride.Rows, 1) {
			for _, col := range starts(c.W, pw, c.Pad.Cols, stride.Cols, 1) {
				for ch := range c.C {
					var window []int
					for y := max(0, row); y < min(c.H, row+p); y++ {
						for x := max(0, col); x < min(c.W, col+pw); x++ {
							window = append(window, ((i*c.H+y)*c.W+x)*c.C+ch)
						}
					}
					windows = append(windows, window)
				}
			}
		}
	}
	return windows
}

// channelsFirst returns v, n arrays (area, c) in a row, as (c, area) each.
func channelsFirst[T any](v []T, n, area, c int) []T {
	var turned []T
	for i := range n {
		for ch := range c {
			for at := range area {
				turned = append(turned, v[(i*area+at)*c+ch])
			}
		}
	}
	return turned
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
