package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLongArrays: arrays that are too long for one call of assembly give the same results.
func TestLongArrays(t *testing.T) {
	const call = 1 << 15 // most values of a call
	eachKernel(t, func(t *testing.T) {
		r := random(28)
		for _, n := range []int{call + 5, 2*call + 13} {
			a := arrays{t}
			x, dy, y := a.of(normal(r, n)), a.of(normal(r, n)), a.blank(n)
			want := make([]float32, n)
			RectifyGrad(x, dy, y)
			reference.rectify(x, dy, want)
			same(t, fmt.Sprint("rectify of ", n), y, want)

			pixels := make([]uint8, n)
			for i := range pixels {
				pixels[i] = uint8(r.IntN(256))
			}
			ScaleBytes(y, pixels)
			reference.scaleBytes(want, pixels)
			same(t, fmt.Sprint("scale of ", n), y, want)

			for _, at := range []int{-1, 0, call - 1, call, n - 9, n - 1} {
				v := a.of(want)
				if at >= 0 {
					v[at] = float32(math.NaN())
				}
				if got := HasNaN(v); got != (at >= 0) {
					t.Errorf("NaN at %d of %d (-1: nowhere): got %t", at, n, got)
				}
			}

			const rows = 9
			src, dst, want := a.of(normal(r, rows*n)), a.blank(rows*n), make([]float32, rows*n)
			active.transpose(rows, n, src, n, dst, rows)
			reference.transpose(rows, n, src, n, want, rows)
			same(t, fmt.Sprint("transpose of ", n), dst, want)

			// This first step gives w = 1 - g / (|g| + 1) for any gradient g: below 2, in a few roundings.
			step := Adam{Alpha: 1, Beta1: 0, Beta2: 0, Epsilon: 1, Scale: 1}
			w, m, v := a.of(slices.Repeat([]float32{1}, n)), a.of(make([]float32, n)), a.of(make([]float32, n))
			step.Step(0, n, w, m, v, [][]float32{dy})
			for i, g := range dy {
				if want := 1 - g/(max(g, -g)+1); m[i] != g || !(max(w[i]-want, want-w[i]) < 1e-6) {
					t.Fatalf("adam, value %d of %d: got w %v and m %v, want %v and %v", i, n, w[i], m[i], want, g)
				}
			}
		}
	})
}

// TestPackAgain: a second Pack replaces the weights everywhere.
func TestPackAgain(t *testing.T) {
	const n = 3
	convs := []ConvConfig{
		{N: n, H: 8, W: 9, C: 3, F: 20, K: 3},       // tileInput
		{N: n, H: 8, W: 9, C: 3, F: 20, K: 2, P: 2}, // scatterInput
		{N: n, H: 8, W: 9, C: 3, F: 20, K: 4, P: 2}, // gatherInput
	}
	eachKernel(t, func(t *testing.T) {
		r := random(29)
		for _, config := range convs {
			c := newConvCase(r, config, n, whole)
			l, err := NewConv(config)
			if err != nil {
				t.Fatal(err)
			}
			packTwice(t, fmt.Sprint(c), l, r, n, c.x, c.w, c.bias, c.y, c.dy, c.dx)
		}
		c := newDenseCase(r, DenseConfig{N: n, D: 40, U: 21}, n, whole)
		l, err := NewDense(c.config)
		if err != nil {
			t.Fatal(err)
		}
		packTwice(t, fmt.Sprint(c), l, r, n, c.x, c.w, c.bias, c.y, c.dy, c.dx)
	})
}

// packTwice runs a plan with other weights, then with w, and checks the last results.
func packTwice(t *testing.T, name string, l layer, r *rand.Rand, n int, x, w, bias []float32, wantY []sum, dy []float32, wantDX []sum) {
	t.Helper()
	y, dx := make([]float32, len(wantY)), make([]float32, len(wantDX))
	for _, w := range [][]float32{whole(r, len(w)), w} {
		l.Pack(w)
		l.Forward(n, x, bias, y)
		l.GradInput(n, y, dy, dx)
	}
	near(t, name+": y", y, wantY)
	near(t, name+": dx", dx, wantDX)
}
