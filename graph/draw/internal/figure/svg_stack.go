package figure

import "slices"

// The space in and around the frames, in pixels.
const (
	rankGap    = 26 // between rows of boxes
	frameGap   = 12 // between frames
	frameTop   = 26 // a frame's title
	framePad   = 14 // left, right and below
	trackSpace = 7  // between lines beside one another
	nodeSpace  = 12 // between boxes of a row
	lineSpace  = 8  // that a line takes in a row of boxes
)

// stack lays out bands one below the other; the frames of a side all have one
// width. Rows of boxes go through both sides. An edge within a side goes down
// or up from row to row, between the boxes; one to the other side is routed.
func (f *Figure) stack() *layout {
	nodes, first := f.ranks()
	s := &stack{Figure: f, nodes: nodes, first: first, lines: make([][]*ranked, len(f.Edges))}
	s.rows = make([][2][]*ranked, first[len(first)-1])
	for _, b := range f.Bands {
		for _, fr := range b {
			for _, n := range fr.Nodes {
				s.add(nodes[n.Name])
			}
		}
	}
	for i, e := range f.Edges {
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

// stack is such a layout under way.
type stack struct {
	*Figure
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
			next = &ranked{w: lineSpace, side: a.side, rank: n.rank + 1}
			s.add(next)
		}
		n.below, next.above = append(n.below, next), append(next.above, n)
		line = append(line, next)
		n = next
	}
	return line
}

// layout gives everything its place.
func (s *stack) layout() *layout {
	l := &layout{at: map[string]rect{}}
	r := newRouter(s)
	left := [2]int{0, s.widths[leftSide] + 2*framePad + r.width()} // of the frames
	w := left[rightSide] + s.widths[rightSide] + 2*framePad
	dx := s.margin(w)
	for _, row := range s.rows {
		for side, nodes := range row {
			for _, n := range nodes {
				n.x += float64(dx + left[side] + framePad)
			}
		}
	}
	r.begin(dx + left[rightSide] - r.width())
	y := heading
	for i, b := range s.Bands {
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
		if i == len(s.Bands)-1 {
			y += r.space(len(s.rows))
		}
		for side, fr := range b {
			if len(fr.Nodes) > 0 {
				l.frames = append(l.frames, placed{fr, side, rect{dx + left[side], top, s.widths[side] + 2*framePad, y - top}})
			}
		}
		y += frameGap
	}
	l.w, l.h = w+2*dx, y-frameGap+border
	for _, n := range s.nodes {
		l.at[n.Name] = rect{int(n.x) - n.w/2, s.tops[n.rank], n.w, n.h}
	}
	for i, e := range s.Edges {
		if line := s.lines[i]; line != nil {
			l.routes = append(l.routes, s.draw(line, e))
		} else {
			l.routes = append(l.routes, r.draw(r.ways[i], l))
		}
	}
	return l
}
