package figure

import (
	"fmt"
	"slices"
	"strings"
)

// point is in pixels.
type point struct{ x, y int }

// height is that of a row of boxes.
func (s *stack) height(rank int) (h int) {
	for _, nodes := range s.rows[rank] {
		for _, n := range nodes {
			h = max(h, n.h)
		}
	}
	return h
}

// draw is the way of an edge along a line of nodes: upright through rows, in
// curves between them.
func (s *stack) draw(line []*ranked, e Edge) route {
	var points []point
	for _, n := range line {
		top := s.tops[n.rank]
		bottom := top + n.h
		if n.Name == "" {
			bottom = top + s.height(n.rank)
		}
		points = append(points, point{int(n.x), top}, point{int(n.x), bottom})
	}
	points = points[1 : len(points)-1]
	if line[0].Name != e.From {
		slices.Reverse(points)
	}
	var path strings.Builder
	at := points[0]
	fmt.Fprintf(&path, "M%d %d", at.x, at.y)
	for _, p := range points[1:] {
		if p.x == at.x {
			fmt.Fprintf(&path, "V%d", p.y)
		} else {
			fmt.Fprintf(&path, "C%d %d %d %[2]d %[3]d %[4]d", at.x, (at.y+p.y)/2, p.x, p.y)
		}
		at = p
	}
	return route{path: path.String()}
}

// rounded is a path through points, alternately in one direction and across to
// it, with round corners.
func rounded(points []point) string {
	const radius = 5
	var path strings.Builder
	last := len(points) - 1
	fmt.Fprintf(&path, "M%d %d", points[0].x, points[0].y)
	for i := 1; i < last; i++ {
		p := points[i]
		in, out := toward(p, points[i-1], radius), toward(p, points[i+1], radius)
		fmt.Fprintf(&path, "L%d %dQ%d %d %d %d", in.x, in.y, p.x, p.y, out.x, out.y)
	}
	fmt.Fprintf(&path, "L%d %d", points[last].x, points[last].y)
	return path.String()
}

// toward is the point some pixels from p in the direction of q, but at most
// half of the way.
func toward(p, q point, pixels int) point {
	step := func(d int) int { return max(-pixels, min(pixels, d/2)) }
	return point{p.x + step(q.x-p.x), p.y + step(q.y-p.y)}
}
