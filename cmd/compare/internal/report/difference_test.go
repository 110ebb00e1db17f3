package report

import (
	"math"
	"testing"
)

// TestTests: p-values and bounds follow the formulas for few degrees of freedom.
func TestTests(t *testing.T) {
	// Two degrees of freedom: p = 1 - t/√(t²+2), t = 3/√((2+2)/2) here.
	near(t, "between", between(sample{1, 3}, sample{4, 6}, 0).p, 1-2.1213203435596424/math.Sqrt(2.1213203435596424*2.1213203435596424+2), 1e-9)
	near(t, "between, swapped", between(sample{4, 6}, sample{1, 3}, 0).p, between(sample{1, 3}, sample{4, 6}, 0).p, 0)
	near(t, "from zero", fromZero(sample{-3, -1}, 0).p, 2*math.Atan(1/2.)/math.Pi, 1e-9)                // t = 2, one degree of freedom
	near(t, "from a value", fromValue(4, sample{1, 3}, 0).p, 2*math.Atan(math.Sqrt(3)/2)/math.Pi, 1e-9) // t = 2/√(2·1.5), one degree of freedom
	near(t, "reach", sample{1, 3}.reach(), 12.706204736*math.Sqrt2*math.Sqrt(1.5), 1e-6)
	near(t, "image noise", imageNoise(50, 50, 10000), 2*math.Sqrt(0.5), 1e-12) // √(2·0.25/10,000) = 0.707 %
}

// TestVerdicts: what a difference is worth, and its p where no t-test gives it.
func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		name string
		got  difference
		want difference
	}{
		{"equal", between(sample{1, 1}, sample{1, 1}, 0), difference{0, equal, 1, 0}},
		{"equal but for rounding", between(sample{1}, sample{1 + 0x1p-40}, 0), difference{0x1p-40, equal, 1, 0}},
		{"a side of one seed", between(sample{1}, sample{2, 4}, 0), difference{2, unknown, 1, 0}},
		{"no spread", between(sample{1, 1}, sample{3, 3, 3}, 1.9), difference{2, clear, 0, 0}},
		{"slight", between(sample{3, 3}, sample{1, 1, 1}, 2), difference{-2, slight, 0, 0}},
		{"zeros", fromZero(sample{0, 0}, 0), difference{0, equal, 1, 0}},
		{"ones", fromZero(sample{1, 1}, 0), difference{1, clear, 0, 0}},
		{"one value", fromValue(3, sample{5}, 0), difference{2, unknown, 1, 0}},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
	// With two degrees of freedom p is 0.05 at t = 4.303: for 0 ± 1 and d ± 1 at d = 6.085.
	for d, want := range map[float64]verdict{6.08: noise, 6.09: clear} {
		if got := between(sample{-1, 1}, sample{d - 1, d + 1}, 1); got.verdict != want {
			t.Errorf("%v: got %v, want verdict %v", d, got, want)
		}
	}
}
