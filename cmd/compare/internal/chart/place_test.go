package chart

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestPlace(t *testing.T) {
	const width, height, gap, top, bottom = 100, 30, 10, 0, (2*5 - 1) * 30
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	coordinate := rapid.Float64Range(top, bottom)
	rapid.Check(t, func(t *rapid.T) {
		var ends []point
		var curves [][]point
		for _, y := range rapid.SliceOfN(coordinate, 1, 5).Draw(t, "ends") {
			end := point{rapid.SampledFrom([]float64{40, 60, 300}).Draw(t, "x"), y}
			ends = append(ends, end)
			curves = append(curves, []point{{0, coordinate.Draw(t, "start")}, end})
		}
		boxes := place(ends, width, height, gap, top, bottom, curves)
		for i, b := range boxes {
			if b.left != ends[i].x+gap || !near(b.right-b.left, width) || !near(b.bottom-b.top, height) {
				t.Errorf("%v has box %v", ends[i], b)
			}
			if b.top < top || b.bottom > bottom {
				t.Errorf("box %v is out of %v to %v", b, top, bottom)
			}
			for j, c := range boxes[:i] {
				if b.overlaps(c) {
					t.Errorf("%v overlaps %v", b, c)
				}
				if ends[i].x == ends[j].x && (ends[i].y-ends[j].y)*(b.top-c.top) < 0 {
					t.Errorf("ends %v, %v have boxes %v, %v: not in their order", ends[i], ends[j], b, c)
				}
			}
		}
	})
}

// A box goes next to its end, unless something is in the way.
func TestPlaceIsNear(t *testing.T) {
	end := []point{{100, 100}}
	level := place(end, 50, 20, 10, 0, 200, nil)[0]
	if want := (box{110, 90, 160, 110}); level != want {
		t.Errorf("got %v, want %v", level, want)
	}
	flat := []point{{0, 105}, {300, 105}}
	if above := place(end, 50, 20, 10, 0, 200, [][]point{flat})[0]; above.bottom > 105 || above.bottom < 104 {
		t.Errorf("got %v, want it to end right above 105", above)
	}
	// Without room beside the curves, a box lies on one rather than nowhere.
	wall := []point{{130, -50}, {130, 250}}
	if got := place(end, 50, 20, 10, 0, 200, [][]point{wall})[0]; got != level {
		t.Errorf("got %v, want %v", got, level)
	}
}
