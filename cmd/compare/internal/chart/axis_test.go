package chart

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tapenet/cmd/internal/svg"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name string
		axis svg.Axis
		want []float64
	}{
		{"accuracy", accuracyAxis([]float64{0.96, 0.9892}), []float64{0.95, 0.98, 0.99}},
		{"one accuracy, a tick", accuracyAxis([]float64{0.99}), []float64{0.99, 0.995}},
		{"no mistake", accuracyAxis([]float64{1}), []float64{0.9999, 1}},
		{"nothing right", accuracyAxis([]float64{0}), []float64{0, 0.5}},
		{"loss", lossAxis([]float64{0.03, 0.3}), []float64{0.02, 0.05, 0.1, 0.2, 0.5}},
		{"loss 0 and more", lossAxis([]float64{0, 0.3}), []float64{1e-5, 1e-4, 1e-3, 1e-2, 1e-1}},
		{"1 epoch", epochAxis([]float64{1}), []float64{0, 1}},
		{"3 epochs", epochAxis([]float64{3, 1, 2}), []float64{0, 1, 2, 3}},
		{"10 epochs", epochAxis([]float64{10}), []float64{0, 2, 4, 6, 8, 10}},
		{"25 epochs", epochAxis([]float64{25}), []float64{0, 5, 10, 15, 20, 25}},
		{"seconds", secondsAxis([]float64{11.2}), []float64{0, 2, 4, 6, 8, 10}},
		{"1 second", secondsAxis([]float64{1}), []float64{0, 0.2, 0.4, 0.6, 0.8, 1}},
	} {
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
		if diff := cmp.Diff(c.want, c.axis.Ticks, near); diff != "" {
			t.Errorf("%s: ticks, - want, + got\n%s", c.name, diff)
		}
	}
}

// Whatever the values, an axis must have a readable number of ticks, and all
// values and ticks on it, rising.
func TestAxesHoldAllValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, a := range []struct {
			name        string
			least, most float64
			axis        func([]float64) svg.Axis
		}{
			{"accuracy", 0, 1, accuracyAxis}, {"loss", 0, 1e300, lossAxis}, {"epochs", 1, 1e4, epochAxis}, {"seconds", 1e-9, 1e7, secondsAxis},
		} {
			name := a.name
			values := rapid.SliceOfN(rapid.Float64Range(a.least, a.most), 1, 5).Draw(t, name)
			axis := a.axis(values)
			for _, v := range append(values, axis.Ticks...) {
				if at := axis.At(v); !(at >= 0 && at <= 1) {
					t.Errorf("%s: %v is at %v of the axis of %v", name, v, at, values)
				}
			}
			if n := len(axis.Ticks); name != "epochs" && n < 2 || n > 14 {
				t.Errorf("%s: %d ticks for %v", name, n, values)
			}
			for i, tick := range axis.Ticks[1:] {
				if axis.At(tick) <= axis.At(axis.Ticks[i]) {
					t.Errorf("%s: tick %v is not above %v", name, tick, axis.Ticks[i])
				}
			}
		}
	})
}
