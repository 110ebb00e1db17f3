// Package layered finds places for boxes in rows, and ways for the edges between
// them, so that edges go down or up and through no box: a layered drawing of a
// graph (Sugiyama's).
//
// It is our own because no library in pure Go does it: nulab/autog is gone, and
// D2 brings a JavaScript engine.
package layered

import "slices"

// Box is a box of W x H pixels. No two names are equal, and none is "".
type Box struct {
	Name string
	W, H int
}

// Band is two frames side by side, either of which may have no boxes. Edges within
// the left side go down, within the right side up.
type Band [2][]Box

const (
	left  = 0
	right = 1
)

// Edge leads from one box to another: of the same side, without cycles within a
// frame, or from left to right.
type Edge struct{ From, To string }

// Layout is where everything is, in pixels from the left upper corner.
type Layout struct {
	W, H   int
	Boxes  map[string]Rect
	Frames [][2]Rect // of the bands; a frame without boxes has no size
	Ways   []Way     // of the edges
}

// Rect is a rectangle by its left upper corner and its size.
type Rect struct{ X, Y, W, H int }

// Point is a place.
type Point struct{ X, Y int }

// Way is how an edge goes from box to box. Within a side it goes straight up or
// down through a row, and at any angle between rows. Across, its stretches are
// level and upright by turns.
type Way struct {
	Points []Point
	Across bool
}

// The space in and around the frames, in pixels.
const (
	rankGap    = 26 // between rows of boxes
	frameGap   = 12 // between frames
	frameTop   = 26 // a frame's title
	framePad   = 14 // left, right and below
	trackSpace = 7  // between lines beside one another
	nodeSpace  = 12 // between boxes of a row
	lineSpace  = 8  // for a line in a row of boxes
)

// Lay lays out bands one below the other; the frames of a side all have one
// width. Rows of boxes go through both sides. An edge within a side goes from row
// to row, between the boxes; one to the other side is routed.
func Lay(bands []Band, edges []Edge) *Layout {
	nodes, first := ranks(bands, edges)
	s := &stack{bands: bands, edges: edges, nodes: nodes, first: first, lines: make([][]*ranked, len(edges))}
	s.rows = make([][2][]*ranked, first[len(first)-1])
	for _, band := range bands {
		for _, frame := range band {
			for _, b := range frame {
				s.add(nodes[b.Name])
			}
		}
	}
	for i, e := range edges {
		a, b := nodes[e.From], nodes[e.To]
		if a.side == b.side {
			s.lines[i] = s.line(a, b)
		} else {
			a.pull++
			b.pull++
		}
	}
	for side := range s.widths {
		var rows [][]*ranked
		for _, row := range s.rows {
			rows = append(rows, row[side])
		}
		s.widths[side] = arrange(rows)
	}
	return s.layout()
}

// stack is a layout under way.
type stack struct {
	bands  []Band
	edges  []Edge
	nodes  map[string]*ranked
	first  []int // rows of the bands, and the number of all rows
	rows   [][2][]*ranked
	lines  [][]*ranked // of the edges within a side: the nodes that each joins, from the top
	widths [2]int
	tops   []int // y of each row
}

// add puts a node on its row, a line in the middle.
func (s *stack) add(n *ranked) {
	row := &s.rows[n.rank][n.side]
	i := len(*row)
	if n.Name == "" {
		i /= 2
	}
	*row = slices.Insert(*row, i, n)
}

// line joins two nodes by a node without a name in every row between them.
func (s *stack) line(a, b *ranked) []*ranked {
	if a.rank > b.rank {
		a, b = b, a
	}
	line := []*ranked{a}
	for n := a; n != b; {
		next := b
		if n.rank+1 < b.rank {
			next = &ranked{Box: Box{W: lineSpace}, side: a.side, rank: n.rank + 1}
			s.add(next)
		}
		n.below, next.above = append(n.below, next), append(next.above, n)
		line = append(line, next)
		n = next
	}
	return line
}

// layout gives everything its place.
func (s *stack) layout() *Layout {
	l := &Layout{Boxes: map[string]Rect{}}
	r := newRouter(s)
	at := [2]int{0, s.widths[left] + 2*framePad + r.width()} // x of the frames
	l.W = at[right] + s.widths[right] + 2*framePad
	for _, row := range s.rows {
		for side, nodes := range row {
			for _, n := range nodes {
				n.x += float64(at[side] + framePad)
			}
		}
	}
	r.takeTracks(at[right] - r.width())
	y := 0
	for i, band := range s.bands {
		top := y
		y += frameTop
		for rank := s.first[i]; rank < s.first[i+1]; rank++ {
			y += r.space(rank)
			s.tops = append(s.tops, y)
			y += s.height(rank)
			if rank+1 < s.first[i+1] {
				y += rankGap
			}
		}
		y += framePad
		if i == len(s.bands)-1 {
			y += r.space(len(s.rows))
		}
		var frames [2]Rect
		for side, boxes := range band {
			if len(boxes) > 0 {
				frames[side] = Rect{at[side], top, s.widths[side] + 2*framePad, y - top}
			}
		}
		l.Frames = append(l.Frames, frames)
		y += frameGap
	}
	l.H = y - frameGap
	for _, n := range s.nodes {
		l.Boxes[n.Name] = Rect{int(n.x) - n.W/2, s.tops[n.rank], n.W, n.H}
	}
	for i, e := range s.edges {
		if line := s.lines[i]; line != nil {
			l.Ways = append(l.Ways, s.way(line, e))
		} else {
			l.Ways = append(l.Ways, r.way(r.crossings[i], l))
		}
	}
	return l
}

// height is that of a row of boxes.
func (s *stack) height(rank int) (h int) {
	for _, nodes := range s.rows[rank] {
		for _, n := range nodes {
			h = max(h, n.H)
		}
	}
	return h
}

// way is the way of an edge along a line of nodes.
func (s *stack) way(line []*ranked, e Edge) Way {
	var points []Point
	for _, n := range line {
		top := s.tops[n.rank]
		bottom := top + n.H
		if n.Name == "" {
			bottom = top + s.height(n.rank)
		}
		points = append(points, Point{int(n.x), top}, Point{int(n.x), bottom})
	}
	points = points[1 : len(points)-1]
	if line[0].Name != e.From {
		slices.Reverse(points)
	}
	return Way{Points: points}
}
