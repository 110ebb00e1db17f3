package figure

import (
	"fmt"
	"strings"

	"tapenet/graph/draw/internal/layered"
)

// layered are the bands and edges as package layered takes them.
func (f *Figure) layered() (bands []layered.Band, edges []layered.Edge) {
	for _, b := range f.Bands {
		var band layered.Band
		for side, fr := range b {
			for _, n := range fr.Nodes {
				face := n.face()
				band[side] = append(band[side], layered.Box{Name: n.Name, W: face.w, H: face.h})
			}
		}
		bands = append(bands, band)
	}
	for _, e := range f.Edges {
		edges = append(edges, layered.Edge{From: e.From, To: e.To})
	}
	return bands, edges
}

// stack lays out bands, by package layered.
func (f *Figure) stack() *layout {
	lay := layered.Lay(f.layered())
	dx := f.margin(lay.W)
	at := func(r layered.Rect) rect { return rect{r.X + dx, r.Y + f.heading(), r.W, r.H} }
	l := &layout{w: lay.W + 2*dx, h: f.heading() + lay.H + border, at: map[string]rect{}}
	for name, r := range lay.Boxes {
		l.at[name] = at(r)
	}
	for i, b := range f.Bands {
		for side, fr := range b {
			if len(fr.Nodes) > 0 {
				l.frames = append(l.frames, placed{fr, side, at(lay.Frames[i][side])})
			}
		}
	}
	for _, w := range lay.Ways {
		for i := range w.Points {
			w.Points[i].X += dx
			w.Points[i].Y += f.heading()
		}
		path := curved(w.Points)
		if w.Across {
			path = rounded(w.Points)
		}
		l.routes = append(l.routes, route{path: path})
	}
	return l
}

// curved is a path through points: upright between points above one another, in
// curves between others.
func curved(points []layered.Point) string {
	var path strings.Builder
	at := points[0]
	fmt.Fprintf(&path, "M%d %d", at.X, at.Y)
	for _, p := range points[1:] {
		if p.X == at.X {
			fmt.Fprintf(&path, "V%d", p.Y)
		} else {
			fmt.Fprintf(&path, "C%d %d %d %[2]d %[3]d %[4]d", at.X, (at.Y+p.Y)/2, p.X, p.Y)
		}
		at = p
	}
	return path.String()
}

// rounded is a path through points, level and upright by turns, with round
// corners.
func rounded(points []layered.Point) string {
	const radius = 5
	var path strings.Builder
	last := len(points) - 1
	fmt.Fprintf(&path, "M%d %d", points[0].X, points[0].Y)
	if last == 1 {
		fmt.Fprintf(&path, "H%d", points[1].X)
		return path.String()
	}
	for i := 1; i < last; i++ {
		p := points[i]
		in, out := toward(p, points[i-1], radius), toward(p, points[i+1], radius)
		fmt.Fprintf(&path, "L%d %dQ%d %d %d %d", in.X, in.Y, p.X, p.Y, out.X, out.Y)
	}
	fmt.Fprintf(&path, "L%d %d", points[last].X, points[last].Y)
	return path.String()
}

// toward is the point some pixels from p in the direction of q, but at most half
// the way.
func toward(p, q layered.Point, pixels int) layered.Point {
	step := func(d int) int { return max(-pixels, min(pixels, d/2)) }
	return layered.Point{X: p.X + step(q.X-p.X), Y: p.Y + step(q.Y-p.Y)}
}
