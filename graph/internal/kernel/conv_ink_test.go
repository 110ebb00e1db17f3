package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// frame clears an image outside of a random rectangle, which may be empty.
func frame(r *rand.Rand, image []float32, h, w, c int) {
	top, left := r.IntN(h+1), r.IntN(w+1)
	bottom, right := top+r.IntN(h+1-top), left+r.IntN(w+1-left)
	for i := range image {
		if y, x := i/c/w, i/c%w; y < top || y >= bottom || x < left || x >= right {
			image[i] = 0
		}
	}
}

// TestInkIsTight: all windows outside of the range are blank, the first and last inside are not, and all columns that add
// to the gradient of the weights are inside of their range.
func TestInkIsTight(t *testing.T) {
	r := random(4)
	for range 500 {
		config := ConvConfig{N: 2, H: 6 + r.IntN(20), W: 6 + r.IntN(20), C: 1 + r.IntN(2), F: 3, K: 1 + r.IntN(5), P: 2, Rectify: true}
		c, err := NewConv(config)
		if err != nil {
			t.Fatal(err)
		}
		if c.ink == nil {
			t.Fatalf("%+v: no ink", config)
		}
		x := normal(r, 2*c.imageLen())
		for i := range 2 {
			frame(r, x[i*c.imageLen():][:c.imageLen()], c.H, c.W, c.C)
		}
		c.findInk(0, 2, x)
		// seen reports whether a patch of image i has ink
		seen := func(i, top, left, side int) bool {
			for k := range side * side * c.C {
				y, at := top+k/c.C/side, left+k/c.C%side
				if x[((i*c.H+y)*c.W+at)*c.C+k%c.C] != 0 {
					return true
				}
			}
			return false
		}
		for i := range 2 {
			first, last := c.inkColumns(i)
			for py := range c.highP {
				from, to := c.inkWindows(i, py)
				for px := range c.wideP {
					ink := seen(i, py*2, px*2, c.K+1)
					inside := px >= from && px < to
					if ink && !inside || inside && !ink && (px == from || px == to-1) {
						t.Fatalf("%+v: row %d, window %d: ink %v, windows %d to %d", config, py, px, ink, from, to)
					}
				}
				for at := range 2 * c.wideP {
					for top := range 2 {
						if seen(i, py*2+top, at, c.K) && (at < first || at >= last) {
							t.Fatalf("%+v: row %d, column %d: ink, columns %d to %d", config, py*2+top, at, first, last)
						}
					}
				}
			}
		}
	}
}

// TestBlankTimesNaN: a weight that is not finite gives NaN on a blank image too, so nothing is left out, whether the plan
// computes it or a part of it.
func TestBlankTimesNaN(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		eachKernel(t, func(t *testing.T) {
			whole, err := NewConv(ConvConfig{N: 1, H: 28, W: 28, C: 1, F: 16, K: 5, P: 2, Rectify: true})
			if err != nil {
				t.Fatal(err)
			}
			w, y := make([]float32, whole.F*whole.taps), make([]float32, whole.outLen())
			for _, c := range []*Conv{whole, whole.Part(0, 1)} {
				for f := range c.F {
					w[f*c.taps+f] = float32(bad)
				}
				whole.Pack(w)
				c.Forward(1, make([]float32, c.imageLen()), make([]float32, c.F), y)
				for i, v := range y {
					if v == v {
						t.Fatalf("weights of %v on a blank image: value %d is %v, want NaN", bad, i, v)
					}
				}
				clear(w)
				whole.Pack(w)
				c.Forward(1, make([]float32, c.imageLen()), make([]float32, c.F), y)
				for i, v := range y {
					if v != 0 {
						t.Fatalf("weights of 0 after that: value %d is %v", i, v)
					}
				}
			}
		})
	}
}
