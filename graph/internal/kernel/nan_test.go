package kernel

import (
	"math"
	"testing"
)

// TestHasNaN puts a NaN at every place of arrays of many lengths, alone and
// among infinities, whose sum is NaN without one.
func TestHasNaN(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachKernel(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 63, 64, 65, 128, 200} {
			x := normal(random(uint64(n)), n)
			if n > 64 {
				x[0], x[64], x[n-1] = inf, -inf, math.MaxFloat32
			}
			if HasNaN(x) {
				t.Fatalf("%d values: found a NaN where none is", n)
			}
			for at := range x {
				was := x[at]
				if x[at] = nan; !HasNaN(x) {
					t.Fatalf("%d values: a NaN at %d was not found", n, at)
				}
				x[at] = was
			}
		}
	})
}
