package graph

import "testing"

// TestArgmax: of equal values the first is meant, as in Keras.
func TestArgmax(t *testing.T) {
	for _, test := range []struct {
		row  []float32
		want int
	}{{[]float32{3}, 0}, {[]float32{-1, -2}, 0}, {[]float32{1, 5, 2, 5}, 1}, {[]float32{0, 0, 0}, 0}, {[]float32{-3, -2, -1}, 2}} {
		if got := Argmax(test.row); got != test.want {
			t.Errorf("%v: got %d, want %d", test.row, got, test.want)
		}
	}
}
