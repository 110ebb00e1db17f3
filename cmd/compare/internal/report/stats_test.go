package report

import (
	"fmt"
	"math"
	"testing"
)

// TestStats: numbers from tables and textbooks.
func TestStats(t *testing.T) {
	near := func(name string, got, want, tol float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tol) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	s := sample{2, 4, 4, 4, 5, 5, 7, 9} // squared deviations 32
	near("mean", s.mean(), 5, 0)
	near("sd", s.sd(), math.Sqrt(32./7), 1e-15)
	near("median", s.median(), 4.5, 0)
	near("quartile", sample{1, 2, 3, 4, 5}.quantile(.25), 2, 0)
	near("sd of one", sample{3}.sd(), 0, 0)
	near("median of one", sample{3}.median(), 3, 0)
	// Two degrees of freedom: p = 1 - t/√(t²+2), t = 3/√((2+2)/2) here.
	near("welch", welch(sample{1, 3}, sample{4, 6}), 1-2.1213203435596424/math.Sqrt(2.1213203435596424*2.1213203435596424+2), 1e-9)
	near("welch, swapped", welch(sample{4, 6}, sample{1, 3}), welch(sample{1, 3}, sample{4, 6}), 0)
	near("welch, equal", welch(sample{1, 1}, sample{1, 1}), 1, 0)
	near("zero", zero(sample{-3, -1}), 2*math.Atan(1/2.)/math.Pi, 1e-9) // t = 2, one degree of freedom
	near("zero of zeros", zero(sample{0, 0}), 1, 0)
	near("zero without spread", zero(sample{1, 1}), 0, 0)
	near("next", sample{1, 3}.next(), 12.706204736*math.Sqrt2*math.Sqrt(1.5), 1e-6)
	near("image noise", imageNoise(50, 50, 10000), 2*math.Sqrt(0.5), 1e-12) // √(2·0.25/10,000) = 0.707 %
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		count(0): "0", count(999): "999", count(1000): "1,000", count(60000): "60,000", count(1234567): "1,234,567",
		list(nil): "", list([]string{"a"}): "a", list([]string{"a", "b", "c"}): "a, b and c",
		seconds(0.01234): "0.0123 s", seconds(0.5): "0.500 s", seconds(9.87): "9.87 s", seconds(12.34): "12.3 s", seconds(99.94): "99.9 s", seconds(1920): "32.0 min",
		pValue(0.0004): "p < 0.001", pValue(0.0123): "p = 0.012", pValue(0.5): "p = 0.5",
		wrong(sample{98.92}): "1.08 %",
	} {
		expect(t, "word", got, want)
	}
	for half := 0.005; half < 100; half += 0.01 { // where rounding is a matter of luck
		var right, rest float64
		if _, err := fmt.Sscanf(sample{half}.percent()+wrong(sample{half}), "%f %%%f %%", &right, &rest); err != nil || math.Abs(right+rest-100) > 1e-9 {
			t.Fatalf("%v: error %v, %v and %v, want 100 together", half, err, right, rest)
		}
	}
}
