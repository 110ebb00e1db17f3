package strokes

import (
	"reflect"
	"strings"
	"testing"

	"tapenet/mnist/scan"
)

// TestPoints: pairs of numbers are points, in order, and each bound holds exactly.
func TestPoints(t *testing.T) {
	got, err := Points([][]float64{{0, 0.5, 1, 0.25}, {}, {0.125, 0}})
	want := [][]scan.Point{{{X: 0, Y: 0.5}, {X: 1, Y: 0.25}}, nil, {{X: 0.125, Y: 0}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, c := range []struct {
		strokes [][]float64
		want    string
	}{
		{make([][]float64, 64), ""},
		{make([][]float64, 65), "got 65 strokes"},
		{[][]float64{make([]float64, 4000), make([]float64, 4000)}, ""},
		{[][]float64{make([]float64, 4000), make([]float64, 4002)}, "got over 4000 points"},
		{[][]float64{{1, 2}, {1, 2, 3}}, "stroke 2: got 3 numbers"},
	} {
		_, err := Points(c.strokes)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}
