package kernel

import (
	"testing"
	"time"
)

// TestMultiplyAdds: half a value is exact, so fused and separate rounding agree.
func TestMultiplyAdds(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, rounds := range []int{1, 2, 7} {
			x := arrays{t}.of(normal(random(1), active.multiplyAddsLen))
			want := make([]float32, len(x))
			for i, v := range x {
				for range rounds {
					v = v*0.5 + 1
				}
				want[i] = v
			}
			active.multiplyAdds(rounds, 0.5, 1, x)
			same(t, "x", x, want)
		}
	})
}

func TestSums64(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for n := range 200 {
			x := arrays{t}.of(whole(random(2), n))
			var got, want [64]float32
			for i := range got {
				got[i], want[i] = float32(i), float32(i)
			}
			for i := range n / 64 * 64 {
				want[i%64] += x[i]
			}
			active.sums64(x, &got)
			same(t, "sums", got[:], want[:])
		}
	})
}

// TestPeakGFLOPS: even emulated, any processor does more than a million operations a second.
func TestPeakGFLOPS(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for workers := 1; workers <= 2; workers++ {
			if got := PeakGFLOPS(workers, time.Millisecond); got < 1e-3 {
				t.Errorf("%d workers: got %v GFLOP/s", workers, got)
			}
		}
	})
}
