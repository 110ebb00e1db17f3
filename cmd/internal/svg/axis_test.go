package svg

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestLinear: ticks are whole multiples of 1, 2 or 5 times a power of ten, and values
// are in proportion between the ends.
func TestLinear(t *testing.T) {
	for _, test := range []struct {
		lo, hi, least float64
		want          string
	}{
		{98.51, 98.94, 0, "[98.55 98.6 98.65 98.7 98.75 98.8 98.85 98.9]"},
		{0, 3, 1, "[0 1 2 3]"},
		{0, 11.2, 0, "[0 2 4 6 8 10]"},
		{49.9, 50.1, 0, "[49.9 49.92 49.94 49.96 49.98 50 50.02 50.04 50.06 50.08 50.1]"}, // 2505·0.02 rounds to more than 50.1
		{1.12, 1.22, 0, "[1.12 1.13 1.14 1.15 1.16 1.17 1.18 1.19 1.2 1.21 1.22]"},        // 1.12/0.01 rounds to more than 112
		{67.7, 92.6, 0, "[68 70 72 74 76 78 80 82 84 86 88 90 92]"},
	} {
		a := Linear("", test.lo, test.hi, test.least, nil)
		var labels []string
		for _, v := range a.Ticks {
			labels = append(labels, a.Label(v))
		}
		if got := fmt.Sprint(labels); got != test.want {
			t.Errorf("%v to %v: got %s, want %s", test.lo, test.hi, got, test.want)
		}
		for part, v := range map[float64]float64{0: test.lo, 0.5: (test.lo + test.hi) / 2, 1: test.hi + 5} {
			if at := a.At(v); at < part-1e-12 || at > part+1e-12 {
				t.Errorf("%v is at %v of %v to %v, want %v", v, at, test.lo, test.hi, part)
			}
		}
	}
}

// TestTicksAreOnTheAxis: whatever its ends, an axis has a readable number of ticks,
// which rise between them.
func TestTicksAreOnTheAxis(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(0, 100).Draw(t, "lo")
		hi := lo + rapid.Float64Range(0.01, 100).Draw(t, "length")
		ticks := Linear("", lo, hi, 0, nil).Ticks
		if n := len(ticks); n < 4 || n > 13 || ticks[0] < lo-1e-9 || ticks[n-1] > hi+1e-9 || !slices.IsSorted(ticks) {
			t.Errorf("%v to %v: got %v", lo, hi, ticks)
		}
	})
}

// TestEnclose: an axis has the ticks around its values, two at least.
func TestEnclose(t *testing.T) {
	all := []float64{1, 2, 5, 10, 20}
	for _, test := range []struct{ values, want []float64 }{
		{[]float64{3, 9}, []float64{2, 5, 10}}, {[]float64{5}, []float64{5, 10}}, {[]float64{30}, []float64{10, 20}}, {[]float64{0}, []float64{1, 2}},
	} {
		if a := (Axis{}).Enclose(all, test.values); !slices.Equal(a.Ticks, test.want) || a.Lo != test.want[0] || a.Hi != test.want[len(test.want)-1] {
			t.Errorf("%v: got %v from %v to %v, want %v", test.values, a.Ticks, a.Lo, a.Hi, test.want)
		}
	}
}
