package figure

import (
	"fmt"
	"math"
)

// The space between boxes of a grid, and from a label to what is beside it.
const (
	rowGap     = 44
	colGap     = 36
	labelSpace = 24
)

// grid lays out rows: each box is in the middle of its column and of its row.
func (f *Figure) grid() *layout {
	l := &layout{at: map[string]rect{}}
	type place struct{ row, col int }
	places := map[string]place{}
	heights := make([]int, len(f.Rows))
	widths := make([]int, len(f.Rows[0]))
	for i, row := range f.Rows {
		for j, n := range row {
			if n.Name != "" {
				face := n.face()
				places[n.Name] = place{i, j}
				heights[i], widths[j] = max(heights[i], face.h), max(widths[j], face.w)
			}
		}
	}
	gaps := make([]int, len(widths)) // to the right of each column
	for j := range gaps[1:] {
		if widths[j] > 0 && widths[j+1] > 0 {
			gaps[j] = colGap
		}
	}
	for _, e := range f.Edges {
		if from, to := places[e.From], places[e.To]; from.row == to.row {
			left := min(from.col, to.col)
			gaps[left] = max(gaps[left], int(math.Ceil(textWidth("", e.Label...)))+labelSpace)
		}
	}
	w, left := 0, make([]int, len(widths))
	for j := range widths {
		left[j] = w
		w += widths[j] + gaps[j]
	}
	dx, y := f.margin(w), f.heading()
	for i, row := range f.Rows {
		for j, n := range row {
			if n.Name != "" {
				face := n.face()
				l.at[n.Name] = rect{dx + left[j] + (widths[j]-face.w)/2, y + (heights[i]-face.h)/2, face.w, face.h}
			}
		}
		y += heights[i] + rowGap
	}
	l.w, l.h = w+2*dx, y-rowGap+border
	for _, e := range f.Edges {
		route := along
		if places[e.From].row == places[e.To].row {
			route = across
		}
		l.routes = append(l.routes, route(l.at[e.From], l.at[e.To]))
	}
	return l
}

// margin is the space to the left and right of boxes that are w wide: more, if the
// heading is wider.
func (f *Figure) margin(w int) int { return border + max(0, (f.headingWidth()-w+1)/2) }

// across is the way between two boxes of a row.
func across(a, b rect) route {
	from, to := a.right(), b.x
	if b.x < a.x {
		from, to = a.x, b.right()
	}
	return route{path: fmt.Sprintf("M%d %dH%d", from, a.midY(), to), labelX: (from + to) / 2, labelY: a.midY() - 6}
}

// along is the way between two boxes of a column.
func along(a, b rect) route {
	from, to := a.bottom(), b.y
	if b.y < a.y {
		from, to = a.y, b.bottom()
	}
	return route{path: fmt.Sprintf("M%d %dV%d", a.midX(), from, to), labelX: a.midX() + 8, labelY: (from+to)/2 + 3, beside: true}
}
