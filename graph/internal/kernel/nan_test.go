package kernel

import (
	"math"
	"strconv"
	"testing"
)

// TestHasNaN puts a NaN at every place of arrays of many lengths, alone and
// among infinities, whose sum is NaN without one.
func TestHasNaN(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachKernel(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 65, 1023, 1024, 1025, 1100} {
			for _, infinite := range []bool{false, true} {
				x := normal(random(uint64(n)), n)
				if infinite && n > 64 {
					x[0], x[64], x[n-1] = inf, -inf, math.MaxFloat32
				}
				if HasNaN(x) {
					t.Fatalf("%d values, infinite %t: found a NaN where none is", n, infinite)
				}
				for at := range x {
					was := x[at]
					if x[at] = nan; !HasNaN(x) {
						t.Fatalf("%d values, infinite %t: a NaN at %d was not found", n, infinite, at)
					}
					x[at] = was
				}
			}
		}
	})
}

// BenchmarkHasNaN is over OneLayer's largest gradient and a micro-batch.
func BenchmarkHasNaN(b *testing.B) {
	eachKernelB(b, func(b *testing.B) {
		for _, n := range []int{400, 64 * 784, 2304 * 100} {
			b.Run(strconv.Itoa(n), func(b *testing.B) {
				x := normal(random(1), n)
				b.SetBytes(int64(4 * n))
				b.ReportAllocs()
				for b.Loop() {
					HasNaN(x)
				}
			})
		}
	})
}
