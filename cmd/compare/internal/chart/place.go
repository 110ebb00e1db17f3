package chart

import (
	"cmp"
	"math"
	"slices"
)

type point struct{ x, y float64 }

// box is the room of a label.
type box struct{ left, top, right, bottom float64 }

func (b box) overlaps(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

// crosses tells whether a curve comes into the box.
func (b box) crosses(curve []point) bool {
	for i, p := range curve {
		q := curve[max(i-1, 0)]
		steps := math.Ceil(math.Hypot(p.x-q.x, p.y-q.y)) + 1 // no further apart than a pixel
		for s := 0.0; s <= steps; s++ {
			x, y := q.x+(p.x-q.x)*s/steps, q.y+(p.y-q.y)*s/steps
			if x > b.left && x < b.right && y > b.top && y < b.bottom {
				return true
			}
		}
	}
	return false
}

// place returns a box of the given size for each end of a curve, gap to the
// right of it and as near to its height as can be without lying on another box,
// or on a curve if there is room beside them. Boxes stay between top and bottom, where there must be
// room for twice as many of them, less one.
func place(ends []point, width, height, gap, top, bottom float64, curves [][]point) []box {
	boxes := make([]box, len(ends))
	order := make([]int, len(ends))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(ends[i].y, ends[j].y) })
	var placed []box
	for _, i := range order {
		at := func(dy float64) box {
			left, mid := ends[i].x+gap, ends[i].y+dy
			return box{left, mid - height/2, left + width, mid + height/2}
		}
		free := func(b box) bool {
			return b.top >= top && b.bottom <= bottom && !slices.ContainsFunc(placed, b.overlaps)
		}
		clear := func(b box) bool { return free(b) && !slices.ContainsFunc(curves, b.crosses) }
		dy, ok := nearest(bottom-top, func(dy float64) bool { return clear(at(dy)) })
		if !ok {
			dy, _ = nearest(bottom-top, func(dy float64) bool { return free(at(dy)) })
		}
		boxes[i] = at(dy)
		placed = append(placed, boxes[i])
	}
	return uncross(ends, boxes, order)
}

// nearest returns the number of least magnitude, up to a limit, for which ok
// holds.
func nearest(limit float64, ok func(float64) bool) (float64, bool) {
	for d := 0.0; d <= limit; d++ {
		if ok(d) {
			return d, true
		}
		if ok(-d) {
			return -d, true
		}
	}
	return 0, false
}

// uncross exchanges the boxes of ends that are one above the other, so that
// their boxes are in the same order; order is that of the ends.
func uncross(ends []point, boxes []box, order []int) []box {
	for a, i := range order {
		for _, j := range order[a+1:] {
			if boxes[i].left == boxes[j].left && boxes[i].top > boxes[j].top {
				boxes[i], boxes[j] = boxes[j], boxes[i]
			}
		}
	}
	return boxes
}
