package main

import (
	"math"
	"testing"
)

func TestSpread(t *testing.T) {
	tests := []struct {
		values []float64
		want   spread
	}{
		{[]float64{7}, spread{7, 7}},
		{[]float64{3, 1}, spread{1, 2}},
		{[]float64{9, 2, 4}, spread{2, 4}},
		{[]float64{8, 1, 100, 2}, spread{1, 5}},
	}
	for _, test := range tests {
		before := test.values[0]
		if got := spreadOf(test.values); got != test.want {
			t.Errorf("%v: got %v, want %v", test.values, got, test.want)
		}
		if test.values[0] != before {
			t.Errorf("%v: the values were sorted in place", test.values)
		}
	}
	if got, want := (spread{2, 9}).times(10).over(spread{4, 3}), (spread{5, 30}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestStepOfABatch: a repetition's seconds are shared by its steps, and one that
// is smaller than an epoch is extrapolated.
func TestStepOfABatch(t *testing.T) {
	for _, test := range []struct {
		batch, images  int
		stepMS, epochS float64
	}{
		{200, 60000, 10, 3},
		{200, 6000, 100, 30},
		{60000, 60000, 3000, 3},
		{math.MaxInt, 60000, 3000, 3},
	} {
		e := epochTime{Batch: test.batch, Images: test.images, seconds: []float64{3}}
		e.sum()
		if math.Abs(e.Step.Min-test.stepMS) > 1e-9 || math.Abs(e.Epoch.Min-test.epochS) > 1e-9 {
			t.Errorf("batch %d of %d images in 3 s: got a step of %v ms and an epoch of %v s, want %v and %v",
				test.batch, test.images, e.Step.Min, e.Epoch.Min, test.stepMS, test.epochS)
		}
	}
}
