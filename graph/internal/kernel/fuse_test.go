package kernel

import (
	"math"
	"testing"
)

// TestFuses: the probe's answer is how this program rounds multiply-adds, all of them.
func TestFuses(t *testing.T) {
	r := random(25)
	differ := 0
	for range 1000 {
		v := normal(r, 3)
		x, y, z := v[0], v[1], v[2]
		// The product of two float32 is exact in float64. Its sum with z may be rounded twice, which is
		// known not to matter unless it ends up between two float32.
		sum := math.FMA(float64(x), float64(y), float64(z))
		once, twice := float32(sum), float32(x*y)+z
		if isBetween(sum) || once == twice {
			continue
		}
		differ++
		want := twice
		if fuses {
			want = once
		}
		if got := multiplyAdd(x, y, z); got != want {
			t.Errorf("%v·%v + %v: got %v; fuses is %v: want %v", x, y, z, got, fuses, want)
		}
	}
	if differ == 0 {
		t.Error("no example tells the two apart")
	}
}

// isBetween says whether v is halfway between two float32, to the precision of float64.
func isBetween(v float64) bool {
	const rest = 1<<29 - 1 // bits that float32 drops
	return math.Float64bits(v)&rest == 1<<28
}
