package figure

import (
	"cmp"
	"slices"
)

// router finds the ways of the edges from one side to the other. Such an edge
// leaves its box to the side if no box is there, else through the gap above or
// below; takes a lane between the sides, up or down; and arrives in the same
// manner.
type router struct {
	*stack
	ways   []*way  // of the edges, nil if they stay within a side
	lanes  spans   // in half rows
	tracks []spans // in the gap above each row, and below the last
	left   int     // x of the first lane
}

// way is how an edge crosses over.
type way struct {
	straight bool // without a lane
	lane     int
	from, to port
}

// port is where a way leaves a box or reaches it: to the side, or through a gap
// on one of the gap's tracks.
type port struct {
	node  *ranked
	side  bool
	gap   int
	track int
}

// spans are stretches of parallel lines, each on the first track that is free.
type spans [][][2]int

// add finds a track for a stretch.
func (s *spans) add(from, to int) int {
	from, to = min(from, to), max(from, to)
	free := func(track [][2]int) bool {
		return !slices.ContainsFunc(track, func(t [2]int) bool { return from <= t[1] && t[0] <= to })
	}
	i := slices.IndexFunc(*s, free)
	if i < 0 {
		i, *s = len(*s), append(*s, nil)
	}
	(*s)[i] = append((*s)[i], [2]int{from, to})
	return i
}

func newRouter(s *stack) *router {
	r := &router{stack: s, ways: make([]*way, len(s.Edges)), tracks: make([]spans, len(s.rows)+1)}
	var bent []*way
	for i, e := range s.Edges {
		if s.lines[i] != nil {
			continue
		}
		a, b := s.nodes[e.From], s.nodes[e.To]
		w := &way{from: r.port(a), to: r.port(b)}
		r.ways[i] = w
		if w.straight = w.from.side && w.to.side && a.rank == b.rank; !w.straight {
			bent = append(bent, w)
		}
	}
	// Short ways take the first lanes.
	slices.SortStableFunc(bent, func(a, b *way) int { return cmp.Compare(a.length(), b.length()) })
	for _, w := range bent {
		w.lane = r.lanes.add(w.from.height(), w.to.height())
	}
	return r
}

// height is that of a port in half rows: a gap is between two rows.
func (p port) height() int {
	if p.side {
		return 2*p.node.rank + 1
	}
	return 2 * p.gap
}

func (w *way) length() int {
	return max(w.from.height(), w.to.height()) - min(w.from.height(), w.to.height())
}

// port is where a way meets a node: values leave it below, and come to a ∂ from
// above.
func (r *router) port(n *ranked) port {
	p := port{node: n, side: true, gap: n.rank}
	if n.side == leftSide {
		p.gap++
	}
	for _, m := range r.rows[n.rank][n.side] {
		if m.Name != "" && (n.side == leftSide && m.x > n.x || n.side == rightSide && m.x < n.x) {
			p.side = false
		}
	}
	return p
}

// width is that of all lanes, between the frames of the two sides.
func (r *router) width() int { return 2*frameGap + len(r.lanes)*trackSpace }

// begin takes tracks, now that the nodes and the lanes have their places.
func (r *router) begin(left int) {
	r.left = left + frameGap + trackSpace/2
	for _, w := range r.ways {
		if w == nil || w.straight {
			continue
		}
		for _, p := range []*port{&w.from, &w.to} {
			if !p.side {
				p.track = r.tracks[p.gap].add(p.x(), r.lane(w))
			}
		}
	}
}

func (r *router) lane(w *way) int { return r.left + w.lane*trackSpace }

// space is what the tracks of a gap need.
func (r *router) space(gap int) int { return len(r.tracks[gap]) * trackSpace }

// draw is the way of an edge in pixels.
func (r *router) draw(w *way, l *layout) route {
	a, b := l.at[w.from.node.Name], l.at[w.to.node.Name]
	if w.straight {
		return across(a, b)
	}
	from, to := r.stub(w.from, a, r.lane(w)), r.stub(w.to, b, r.lane(w))
	slices.Reverse(to)
	return route{path: rounded(append(from, to...))}
}

// stub is the way from a box to a lane. Above and below, it keeps off the
// middle, where others are.
func (r *router) stub(p port, box rect, lane int) []point {
	from, track := point{p.x(), box.y}, r.track(p.gap)+p.track*trackSpace
	if p.node.side == leftSide {
		from.y = box.bottom()
	}
	switch {
	case !p.side:
		return []point{from, {from.x, track}, {lane, track}}
	case p.node.side == leftSide:
		from.x = box.right()
	default:
		from.x = box.x
	}
	return []point{{from.x, box.midY()}, {lane, box.midY()}}
}

func (p port) x() int {
	if p.node.side == leftSide {
		return int(p.node.x) + p.node.w/4
	}
	return int(p.node.x) - p.node.w/4
}

// track is the y of the first track of a gap.
func (r *router) track(gap int) int {
	if gap == len(r.rows) {
		return r.tops[gap-1] + r.stack.height(gap-1) + rankGap/2
	}
	return r.tops[gap] - r.space(gap) - rankGap/2 + trackSpace
}
