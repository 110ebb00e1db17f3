package kernel

import (
	"slices"
	"testing"
	"time"
)

// TestMultiplyAdds: half a value is exact, so fused and separate rounding agree.
func TestMultiplyAdds(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, rounds := range []int{1, 2, 7} {
			x := arrays{t}.of(normal(random(1), active.multiplyAddsLen))
			want := slices.Clone(x)
			reference.multiplyAdds(rounds, 0.5, 1, want)
			active.multiplyAdds(rounds, 0.5, 1, x)
			same(t, "x", x, want)
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
