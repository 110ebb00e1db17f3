package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// axis places values on an axis.
type axis struct {
	name   string // of the axis, with its unit
	lo, hi float64
	ticks  []float64                   // rising, from lo to hi
	label  func(value float64) string  // of a tick
	height func(value float64) float64 // rising; equal steps are equally long on the axis
}

// at is where a value is on the axis: 0 is its beginning, 1 its end.
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
	ticks := enclosing(all, values)
	return axis{
		name: "accuracy (%)", lo: ticks[0], hi: ticks[len(ticks)-1], ticks: ticks,
		label:  func(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) },
		height: func(v float64) float64 { return -math.Log(1 - min(v, allRight)) },
	}
}

// lossAxis is a logarithmic axis. It begins at a hundred-thousandth, which
// stands for all that is less, and for 0.
func lossAxis(values []float64) axis {
	var all []float64
	for decade := -5; decade <= 6; decade++ {
		for _, digit := range []string{"1", "2", "5"} {
			v, _ := strconv.ParseFloat(fmt.Sprintf("%se%d", digit, decade), 64) // 5 * 1e-5 is not 5e-5
			all = append(all, v)
		}
	}
	ticks := enclosing(all, values)
	a := axis{
		name: "cross-entropy (nats)", lo: ticks[0], hi: ticks[len(ticks)-1], ticks: ticks,
		label:  func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) },
		height: math.Log,
	}
	const most = 14 // ticks that have room
	if len(ticks) > most {
		a.ticks = slices.DeleteFunc(slices.Clone(ticks), func(v float64) bool {
			d := math.Log10(v)
			return math.Abs(d-math.Round(d)) > 1e-9
		})
	}
	return a
}

// linearAxis is an axis from 0 to the greatest of the values, with five to ten
// ticks; with fewer if they would be less than least apart.
func linearAxis(name string, values []float64, least float64) axis {
	hi := slices.Max(values)
	if hi == 0 {
		hi = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(hi)))
	for _, part := range []float64{1, .5, .2} {
		if hi/(step*part) >= 5 {
			step *= part
			break
		}
	}
	step = max(step, least)
	a := axis{name: name, hi: hi, height: func(v float64) float64 { return v },
		label: func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }}
	for i := 0.0; i*step <= hi; i++ {
		a.ticks = append(a.ticks, i*step)
	}
	return a
}

// enclosing returns the shortest part of the rising ticks, two at least, that
// has all the values between its ends.
func enclosing(ticks, values []float64) []float64 {
	first, last := 0, len(ticks)-1
	for first < last-1 && ticks[first+1] <= slices.Min(values) {
		first++
	}
	for last > first+1 && ticks[last-1] >= slices.Max(values) {
		last--
	}
	return ticks[first : last+1]
}
