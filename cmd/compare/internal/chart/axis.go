package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"tapenet/cmd/internal/svg"
)

// accuracyAxis is the axis of nines: each halving of the mistakes is the same
// step upwards.
func accuracyAxis(values []float64) svg.Axis {
	// What rounds to 100.00 % is there. All right is infinitely many nines.
	const allRight = 0.99995
	all := []float64{0, .5, .8, .9, .95, .98, .99, .995, .998, .999, .9995, .9998, .9999, 1}
	return svg.Axis{
		Name:   "accuracy (%), log scale of the error",
		Label:  func(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) },
		Words:  func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) },
		Height: func(v float64) float64 { return -math.Log(1 - min(v, allRight)) },
	}.Enclose(all, values)
}

// lossAxis is a logarithmic axis. It starts at a hundred-thousandth or above:
// what is less, also 0, is drawn there.
func lossAxis(values []float64) svg.Axis {
	all := []float64{
		1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, .01, .02, .05, .1, .2, .5, 1, 2, 5,
		10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6,
	}
	a := svg.Axis{
		Name:   "cross-entropy (nats), log scale",
		Label:  func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
		Words:  func(v float64) string { return fmt.Sprintf("%.4f", v) },
		Height: math.Log,
	}.Enclose(all, values)
	const most = 14 // ticks that have room
	if len(a.Ticks) > most {
		a.Ticks = slices.DeleteFunc(a.Ticks, func(v float64) bool {
			d := math.Log10(v)
			return math.Abs(d-math.Round(d)) > 1e-9
		})
	}
	return a
}

func epochAxis(values []float64) svg.Axis {
	return svg.Linear("training (epochs)", 0, slices.Max(values), 1, func(epochs float64) string {
		if epochs == 1 {
			return "1 epoch"
		}
		return fmt.Sprintf("%.0f epochs", epochs)
	})
}

func secondsAxis(values []float64) svg.Axis {
	return svg.Linear("training time (s)", 0, slices.Max(values), 0, func(s float64) string { return fmt.Sprintf("%.1f s", s) })
}
