package fast_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A reference is what an op means, in float64 and plain loops: forward returns the result, backward the gradients of the
// inputs, given that of the result. An input without a gradient has nil.
type reference struct {
	forward  func(in [][]float64) []float64
	backward func(in [][]float64, dy []float64) [][]float64
}

// A window is what convolutions and pools slide over images (N, C, H, W).
type window struct {
	n, c, h, w            int
	f, high, wide         int // of the result: channels and size
	side, pad, step, away [2]int
}

// newWindow fills in the size of the result: how often a window fits.
func newWindow(w window) window {
	size := func(in, axis int) int {
		return (in+2*w.pad[axis]-(w.side[axis]-1)*w.away[axis]-1)/w.step[axis] + 1
	}
	w.high, w.wide = size(w.h, 0), size(w.w, 1)
	return w
}

// each calls do for every output pixel (n, row, column) and every place (i, j) of its window that lies on the image: at
// is the pixel's number in the image's plane.
func (w window) each(do func(n, out, k, at int)) {
	for n := range w.n {
		for o := range w.high * w.wide {
			for k := range w.side[0] * w.side[1] {
				y := o/w.wide*w.step[0] + k/w.side[1]*w.away[0] - w.pad[0]
				x := o%w.wide*w.step[1] + k%w.side[1]*w.away[1] - w.pad[1]
				if y >= 0 && y < w.h && x >= 0 && x < w.w {
					do(n, o, k, y*w.w+x)
				}
			}
		}
	}
}

// conv2d is y[n, f, o] = Σ x[n, c, at]·w[f, c, k].
func conv2d(w window) reference {
	products := func(do func(y, x, k int)) {
		w.each(func(n, o, k, at int) {
			for f := range w.f {
				for c := range w.c {
					do((n*w.f+f)*w.high*w.wide+o, (n*w.c+c)*w.h*w.w+at, (f*w.c+c)*w.side[0]*w.side[1]+k)
				}
			}
		})
	}
	return linear(w.n*w.f*w.high*w.wide, products)
}

// mul is y[i, j] = Σ a[i, k]·b[k, j].
func mul(n, d, m int) reference {
	return linear(n*m, func(do func(y, a, b int)) {
		for i := range n {
			for j := range m {
				for k := range d {
					do(i*m+j, i*d+k, k*m+j)
				}
			}
		}
	})
}

// linear is a sum of products of two inputs.
func linear(size int, products func(do func(y, a, b int))) reference {
	return reference{
		forward: func(in [][]float64) []float64 {
			out := make([]float64, size)
			products(func(y, a, b int) { out[y] += in[0][a] * in[1][b] })
			return out
		},
		backward: func(in [][]float64, dy []float64) [][]float64 {
			da, db := make([]float64, len(in[0])), make([]float64, len(in[1]))
			products(func(y, a, b int) {
				da[a] += dy[y] * in[1][b]
				db[b] += dy[y] * in[0][a]
			})
			return [][]float64{da, db}
		},
	}
}

// maxPool takes the first greatest value of each window.
func maxPool(w window) reference {
	winners := func(x []float64) []int {
		won := slices.Repeat([]int{-1}, w.n*w.c*w.high*w.wide)
		w.each(func(n, o, _, at int) {
			for c := range w.c {
				y, at := (n*w.c+c)*w.high*w.wide+o, (n*w.c+c)*w.h*w.w+at
				if won[y] < 0 || x[at] > x[won[y]] {
					won[y] = at
				}
			}
		})
		return won
	}
	return reference{
		forward: func(in [][]float64) (y []float64) {
			for _, at := range winners(in[0]) {
				y = append(y, in[0][at])
			}
			return y
		},
		backward: func(in [][]float64, dy []float64) [][]float64 {
			dx := make([]float64, len(in[0]))
			for y, at := range winners(in[0]) {
				dx[at] += dy[y]
			}
			return [][]float64{dx}
		},
	}
}

// rectify is max(0, x), its gradient 0 at 0.
var rectify = reference{
	forward: func(in [][]float64) []float64 {
		y := slices.Clone(in[0])
		for i, v := range y {
			y[i] = max(v, 0)
		}
		return y
	},
	backward: func(in [][]float64, dy []float64) [][]float64 {
		dx := slices.Clone(dy)
		for i, v := range in[0] {
			if v <= 0 {
				dx[i] = 0
			}
		}
		return [][]float64{dx}
	},
}

// same is a copy.
var same = reference{
	forward:  func(in [][]float64) []float64 { return slices.Clone(in[0]) },
	backward: func(_ [][]float64, dy []float64) [][]float64 { return [][]float64{slices.Clone(dy)} },
}

// bias adds b, for each channel, to images of that many pixels.
func bias(pixels int) reference {
	return reference{
		forward: func(in [][]float64) []float64 {
			y := slices.Clone(in[0])
			for i := range y {
				y[i] += in[1][i/pixels%len(in[1])]
			}
			return y
		},
		backward: func(in [][]float64, dy []float64) [][]float64 {
			db := make([]float64, len(in[1]))
			for i, v := range dy {
				db[i/pixels%len(db)] += v
			}
			return [][]float64{slices.Clone(dy), db}
		},
	}
}

// softMax is over rows of that many classes.
func softMax(classes int) reference {
	forward := func(in [][]float64) []float64 {
		p := slices.Clone(in[0])
		for i := 0; i < len(p); i += classes {
			row := p[i : i+classes]
			greatest, sum := slices.Max(row), 0.0
			for j, v := range row {
				row[j] = math.Exp(v - greatest)
				sum += row[j]
			}
			for j := range row {
				row[j] /= sum
			}
		}
		return p
	}
	return reference{forward: forward, backward: func(in [][]float64, dy []float64) [][]float64 {
		p := forward(in)
		dx := make([]float64, len(p))
		for i := range p {
			first := i / classes * classes
			for j := first; j < first+classes; j++ { // ∂p[j]/∂x[i] = p[j]·((i = j) - p[i])
				dx[i] -= dy[j] * p[j] * p[i]
			}
			dx[i] += dy[i] * p[i]
		}
		return [][]float64{dx}
	}}
}

// crossEntropy is the mean over the rows of Σ y·(log Σ exp(x) - x).
func crossEntropy(classes int) reference {
	return reference{
		forward: func(in [][]float64) []float64 {
			x, y, loss := in[0], in[1], 0.0
			for i := 0; i < len(x); i += classes {
				row := x[i : i+classes]
				greatest, sum := slices.Max(row), 0.0
				for _, v := range row {
					sum += math.Exp(v - greatest)
				}
				for j, v := range row {
					loss += y[i+j] * (math.Log(sum) + greatest - v)
				}
			}
			return []float64{loss / float64(len(x)/classes)}
		},
		backward: func(in [][]float64, dy []float64) [][]float64 {
			y, dx := in[1], softMax(classes).forward(in[:1])
			for i := 0; i < len(dx); i += classes {
				weight := 0.0
				for _, v := range y[i : i+classes] {
					weight += v
				}
				for j := i; j < i+classes; j++ {
					dx[j] = (dx[j]*weight - y[j]) * dy[0] / float64(len(dx)/classes)
				}
			}
			return [][]float64{dx, nil}
		},
	}
}

// TestReferences: the gradients of the definitions are those of finite differences.
func TestReferences(t *testing.T) {
	for name, draw := range samples {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := draw(t)
				in, r := [][]float64{}, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
				for _, shape := range s.shapes {
					v := make([]float64, shape.TotalSize())
					for i := range v {
						v[i] = r.NormFloat64()
					}
					in = append(in, v)
				}
				dy := float64s(weights(len(s.want.forward(in))))
				cost := func() (sum float64) {
					for i, v := range s.want.forward(in) {
						sum += v * dy[i]
					}
					return sum
				}
				for i, d := range s.want.backward(in, dy) {
					for range min(3, len(d)) {
						j := r.IntN(len(d))
						const step = 1e-6
						x := in[i][j]
						in[i][j] = x + step
						up := cost()
						in[i][j] = x - step
						slope := (up - cost()) / (2 * step)
						in[i][j] = x
						if math.Abs(slope-d[j]) > 1e-4*max(1, math.Abs(slope)) {
							t.Fatalf("%s: gradient %d of input %d: got %g, finite differences say %g", s.name, j, i, d[j], slope)
						}
					}
				}
			})
		})
	}
}
