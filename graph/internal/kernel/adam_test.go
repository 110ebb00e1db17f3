package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestAdamMatchesReference(t *testing.T) {
	a := Adam{Alpha: 3e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1. / 64}
	eachKernel(t, func(t *testing.T) {
		r := random(12)
		for n := range 70 {
			for lanes := 1; lanes <= 8; lanes *= 2 {
				ar := arrays{t}
				w, m, v := ar.of(normal(r, n)), ar.of(normal(r, n)), ar.of(normal(r, n))
				grad := make([][]float32, lanes)
				for i := range grad {
					grad[i] = ar.of(normal(r, n))
				}
				size := make([]float64, n)
				for i := range n {
					v[i] = float32(math.Abs(float64(v[i])))
					for _, l := range grad {
						size[i] += math.Abs(float64(l[i])) * a.Scale
					}
					size[i] += math.Abs(float64(m[i])) + math.Abs(float64(w[i])) + 1
				}
				wantW, wantM, wantV := slices.Clone(w), slices.Clone(m), slices.Clone(v)
				reference.adam(0, n, wantW, wantM, wantV, grad, adamRate{1. / 64, 0.1, 0.001, 3e-3, 1e-7})
				a.Step(0, n, w, m, v, grad)
				for i := range n {
					// About ten roundings of values no larger than size, where v is not tiny.
					tol := 16 * 0x1p-24 * size[i] * (1 + a.Alpha/math.Sqrt(float64(wantV[i])))
					for what, d := range map[string]float32{"w": w[i] - wantW[i], "m": m[i] - wantM[i], "v": v[i] - wantV[i]} {
						if !(math.Abs(float64(d)) <= tol) {
							t.Fatalf("%d values, %d lanes: %s[%d] is off by %v, want at most %v", n, lanes, what, i, d, tol)
						}
					}
				}
			}
		}
	})
}

// TestAdamSameBits: neither the level nor how the range is cut changes a bit, and lanes are added as a binary tree.
func TestAdamSameBits(t *testing.T) {
	const n = 1000
	a := Adam{Alpha: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1. / 200}
	for lanes := 1; lanes <= 8; lanes *= 2 {
		step := func(cuts ...int) []float32 {
			r := random(13)
			w, m, v := normal(r, n), normal(r, n), normal(r, n) // from moments of 0 a fused product rounds alike
			for i, x := range v {
				v[i] = x * x
			}
			var grad [][]float32
			for range lanes {
				grad = append(grad, normal(r, n))
			}
			if lanes == 8 { // only as a tree do these cancel: large, small, -large, …
				for i := range n {
					grad[0][i], grad[2][i], grad[1][i], grad[3][i] = 1e8, -1e8, 1, 0
				}
			}
			lo := 0
			for _, hi := range append(cuts, n) {
				a.Step(lo, hi, w, m, v, grad)
				lo = hi
			}
			return append(append(w, m...), v...)
		}
		before := active
		active = &generic
		want := step()
		active = before
		eachKernel(t, func(t *testing.T) {
			if active == &reference {
				t.Skip("the definition is in float64")
			}
			for _, cuts := range [][]int{nil, {16}, {512}, {160, 496, 512}, {7, 501}} {
				same(t, fmt.Sprintf("%d lanes, cut at %v", lanes, cuts), step(cuts...), want)
			}
		})
	}
}

// TestAdamDenormal: at every level, moments and gradients around the least value are rounded as Go rounds them, and zeros
// keep their signs.
func TestAdamDenormal(t *testing.T) {
	var small []float32
	for _, units := range []uint32{0, 1, 2, 4, 5, 6, 499, 500, 501, 1<<23 - 1, 1 << 23, math.Float32bits(1)} {
		x := math.Float32frombits(units)
		small = append(small, x, -x)
	}
	for _, a := range []Adam{
		{Alpha: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1},
		{Alpha: 0.3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1},
		{Alpha: -0.3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1},
		{Alpha: 1e-30, Beta1: 1, Beta2: 1, Epsilon: 1e-7, Scale: 1},
		{Alpha: 1e-3, Beta1: 0, Beta2: 0, Epsilon: 1e-7, Scale: 1},
	} {
		step := func() []float32 {
			var w, m, v, g []float32
			for _, first := range small {
				for _, gradient := range small {
					for _, second := range []float32{0, math.SmallestNonzeroFloat32, 1} {
						w, m, v, g = append(w, float32(math.Copysign(0, float64(gradient)))), append(m, first), append(v, second), append(g, gradient)
					}
				}
			}
			a.Step(0, len(w), w, m, v, [][]float32{g})
			return slices.Concat(w, m, v)
		}
		before := active
		active = &generic
		want := step()
		active = before
		eachKernel(t, func(t *testing.T) {
			if active == &reference {
				t.Skip("the definition is in float64")
			}
			got := step()
			for i := range want {
				if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
					t.Fatalf("%+v: value %d: got %g, want %g", a, i, got[i], want[i])
				}
			}
		})
	}
}

func TestAdamAtRest(t *testing.T) {
	w, z, v := []float32{1, 2}, []float32{0, 0}, []float32{0, 0}
	Adam{Alpha: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1}.Step(0, 2, w, z, v, [][]float32{{0, 0}})
	same(t, "w without a gradient", w, []float32{1, 2})
}
