package svg

import (
	"math"
	"slices"
	"strconv"
)

// Axis places values on an axis.
type Axis struct {
	Name   string                      // with the unit
	Lo, Hi float64                     // its ends
	Ticks  []float64                   // rising, from Lo to Hi
	Label  func(value float64) string  // of a tick
	Words  func(value float64) string  // a value in a sentence, with its unit
	Height func(value float64) float64 // rising; equal steps are equally long on the axis
}

// At returns where a value is on the axis: 0 is its start, 1 its end.
func (a Axis) At(value float64) float64 {
	value = min(max(value, a.Lo), a.Hi)
	return (a.Height(value) - a.Height(a.Lo)) / (a.Height(a.Hi) - a.Height(a.Lo))
}

// Linear returns an axis from lo to hi, which is above lo, with ticks at the
// whole multiples of a step: four to thirteen, fewer if they would be less than
// least apart. words may be nil if nothing is said of its values.
func Linear(name string, lo, hi, least float64, words func(float64) string) Axis {
	step := math.Pow(10, math.Floor(math.Log10(hi-lo)))
	for _, part := range []float64{1, .5, .2} {
		if (hi-lo)/(step*part) >= 5 {
			step *= part
			break
		}
	}
	step = max(step, least)
	a := Axis{Name: name, Lo: lo, Hi: hi, Words: words, Height: func(v float64) float64 { return v },
		Label: func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }}
	const rounding = 1e-9 // of a step: no tick at an end is lost to it
	for i := int(math.Ceil(lo/step - rounding)); float64(i) <= hi/step+rounding; i++ {
		a.Ticks = append(a.Ticks, float64(i)*step)
	}
	return a
}

// Enclose gives the axis the shortest part of the rising ticks, two at least,
// that has all the values between its ends.
func (a Axis) Enclose(ticks, values []float64) Axis {
	first, last := 0, len(ticks)-1
	for first < last-1 && ticks[first+1] <= slices.Min(values) {
		first++
	}
	for last > first+1 && ticks[last-1] >= slices.Max(values) {
		last--
	}
	a.Lo, a.Hi, a.Ticks = ticks[first], ticks[last], ticks[first:last+1]
	return a
}
