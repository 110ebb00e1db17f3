package report

import (
	"fmt"
	"math"
	"testing"

	"tapenet/cmd/internal/stats"
)

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		plural(0, "seed"): "0 seeds", plural(1, "seed"): "1 seed", plural(60000, "image"): "60,000 images",
		list(nil): "", list([]string{"a"}): "a", list([]string{"a", "b", "c"}): "a, b and c",
		seconds(0.01234): "0.0123 s", seconds(0.5): "0.500 s", seconds(9.87): "9.87 s", seconds(12.34): "12.3 s", seconds(99.94): "99.9 s", seconds(1920): "32.0 min",
		wrong(stats.Sample{98.92}): "1.08 %",
	} {
		expect(t, "word", got, want)
	}
	for half := 0.005; half < 100; half += 0.01 { // where rounding is a matter of luck
		var right, rest float64
		if _, err := fmt.Sscanf(percent(stats.Sample{half})+wrong(stats.Sample{half}), "%f %%%f %%", &right, &rest); err != nil || math.Abs(right+rest-100) > 1e-9 {
			t.Fatalf("%v: error %v, %v and %v, want 100 together", half, err, right, rest)
		}
	}
}
