package main

import "testing"

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
