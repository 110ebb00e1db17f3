package main

import "slices"

// spread is what repetitions of one measurement gave. Other programs can only
// make it longer, so the shortest tells most; the median tells how disturbed it
// was.
type spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
}

// spreadOf is the spread of at least one value; of an even number, the median
// is the mean of the two in the middle.
func spreadOf(values []float64) spread {
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	if len(v)%2 == 0 {
		return spread{v[0], (v[mid-1] + v[mid]) / 2}
	}
	return spread{v[0], v[mid]}
}

// times is the spread in another unit, of which there are so many in this one.
func (s spread) times(units float64) spread { return spread{s.Min * units, s.Median * units} }

// over is how many of t's there are in s.
func (s spread) over(t spread) spread { return spread{s.Min / t.Min, s.Median / t.Median} }
