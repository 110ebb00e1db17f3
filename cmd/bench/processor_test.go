package main

import (
	"math"
	"strings"
	"testing"
)

// TestBusy: a machine is busy if all cores together give less than three
// quarters of what they should, and the table says so.
func TestBusy(t *testing.T) {
	for _, test := range []struct {
		cores    int
		one, all float64
		want     string // "" if not busy
	}{
		{1, 250, 240, ""},
		{2, 250, 380, ""},
		{2, 250, 300, "This machine is busy: 2 cores give 1.2 times one."},
		{8, 100, 590, "This machine is busy: 8 cores give 5.9 times one."},
	} {
		p := newProcessor(test.cores, func(cores int) float64 {
			if cores == test.cores {
				return test.all
			}
			return test.one
		})
		var text strings.Builder
		if err := p.section().write(&text); err != nil {
			t.Fatal(err)
		}
		if busy := test.want != ""; p.Busy != busy || strings.Contains(text.String(), "busy") != busy || !strings.Contains(text.String(), test.want) {
			t.Errorf("%d cores at %v, one at %v: got busy %v and\n%s\nwant %q", test.cores, test.all, test.one, p.Busy, text.String(), test.want)
		}
	}
}

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
	if got, want := (spread{2, 9}).times(10), (spread{20, 90}); got != want {
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
		e := epochTime{Batch: test.batch, way: way{Images: test.images}}
		e.extrapolate(spread{3, 3})
		if math.Abs(e.Step.Min-test.stepMS) > 1e-9 || math.Abs(e.Epoch.Min-test.epochS) > 1e-9 {
			t.Errorf("batch %d of %d images in 3 s: got a step of %v ms and an epoch of %v s, want %v and %v",
				test.batch, test.images, e.Step.Min, e.Epoch.Min, test.stepMS, test.epochS)
		}
	}
}
