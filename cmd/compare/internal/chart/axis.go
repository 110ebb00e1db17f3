package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// axis places values on an axis.
type axis struct {
	name   string                      // with the unit
	lo, hi float64                     // its ends
	ticks  []float64                   // rising, from lo to hi
	label  func(value float64) string  // of a tick
	words  func(value float64) string  // a value in a sentence, with its unit
	height func(value float64) float64 // rising; equal steps are equally long on the axis
}

// at is where a value is on the axis: 0 is its start, 1 its end.
func (a axis) at(value float64) float64 {
	value = min(max(value, a.lo), a.hi)
	return (a.height(value) - a.height(a.lo)) / (a.height(a.hi) - a.height(a.lo))
}

// accuracyAxis is the axis of nines: each halving of the mistakes is the same
// step upwards.
func accuracyAxis(values []float64) axis {
	// What rounds to 100.00 % is there. All right is infinitely many nines.
	const allRight = 0.99995
	all := []float64{0, .5, .8, .9, .95, .98, .99, .995, .998, .999, .9995, .9998, .9999, 1}
	return axis{
		name:   "accuracy (%), log scale of the error",
		label:  func(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) },
		words:  func(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) },
		height: func(v float64) float64 { return -math.Log(1 - min(v, allRight)) },
	}.enclose(all, values)
}

// lossAxis is a logarithmic axis. It starts at a hundred-thousandth or above:
// what is less, also 0, is drawn there.
func lossAxis(values []float64) axis {
	all := []float64{
		1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, .01, .02, .05, .1, .2, .5, 1, 2, 5,
		10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6,
	}
	a := axis{
		name:   "cross-entropy (nats), log scale",
		label:  func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
		words:  func(v float64) string { return fmt.Sprintf("%.4f", v) },
		height: math.Log,
	}.enclose(all, values)
	const most = 14 // ticks that have room
	if len(a.ticks) > most {
		a.ticks = slices.DeleteFunc(a.ticks, func(v float64) bool {
			d := math.Log10(v)
			return math.Abs(d-math.Round(d)) > 1e-9
		})
	}
	return a
}

// enclose gives the axis the shortest part of the rising ticks, two at least,
// that has all the values between its ends.
func (a axis) enclose(ticks, values []float64) axis {
	first, last := 0, len(ticks)-1
	for first < last-1 && ticks[first+1] <= slices.Min(values) {
		first++
	}
	for last > first+1 && ticks[last-1] >= slices.Max(values) {
		last--
	}
	a.lo, a.hi, a.ticks = ticks[first], ticks[last], ticks[first:last+1]
	return a
}

func epochAxis(values []float64) axis {
	return linearAxis("training (epochs)", values, 1, func(epochs float64) string {
		if epochs == 1 {
			return "1 epoch"
		}
		return fmt.Sprintf("%.0f epochs", epochs)
	})
}

func secondsAxis(values []float64) axis {
	return linearAxis("training time (s)", values, 0, func(s float64) string { return fmt.Sprintf("%.1f s", s) })
}

// linearAxis is an axis from 0 to the greatest of the values, which is above 0,
// with five to ten steps; with fewer if they would be less than least apart.
func linearAxis(name string, values []float64, least float64, words func(float64) string) axis {
	hi := slices.Max(values)
	step := math.Pow(10, math.Floor(math.Log10(hi)))
	for _, part := range []float64{1, .5, .2} {
		if hi/(step*part) >= 5 {
			step *= part
			break
		}
	}
	step = max(step, least)
	a := axis{name: name, hi: hi, words: words, height: func(v float64) float64 { return v },
		label: func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }}
	for i := 0.0; i*step <= hi; i++ {
		a.ticks = append(a.ticks, i*step)
	}
	return a
}
