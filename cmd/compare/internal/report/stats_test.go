package report

import (
	"fmt"
	"math"
	"testing"
)

// near expects a number to a tolerance.
func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

// TestStats: numbers from tables and textbooks.
func TestStats(t *testing.T) {
	s := sample{2, 4, 4, 4, 5, 5, 7, 9} // squared deviations 32
	near(t, "mean", s.mean(), 5, 0)
	near(t, "sd", s.sd(), math.Sqrt(32./7), 1e-15)
	near(t, "median", s.median(), 4.5, 0)
	near(t, "quartile", sample{1, 2, 3, 4, 5}.quantile(.25), 2, 0)
	near(t, "sd of one", sample{3}.sd(), 0, 0)
	near(t, "median of one", sample{3}.median(), 3, 0)
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		plural(0, "seed"): "0 seeds", plural(1, "seed"): "1 seed", plural(60000, "image"): "60,000 images",
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
