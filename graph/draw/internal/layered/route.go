package layered

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
	crossings []*crossing // of the edges, nil if they stay within a side
	lanes     spans       // in half rows
	tracks    []spans     // in the gap above each row, and below the last
	levels    []spans     // in each row, of what leaves boxes or reaches them to the side
	lane0     int         // x of the first lane
}

// crossing is how an edge goes from one side to the other.
type crossing struct {
	straight bool // without a lane
	lane     int
	from, to port
}

// port is where a crossing leaves a box or reaches it: to the side on a track of
// the box's row, or through a gap on one of the gap's tracks.
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
	r := &router{stack: s, crossings: make([]*crossing, len(s.edges)), tracks: make([]spans, len(s.rows)+1), levels: make([]spans, len(s.rows))}
	var bent []*crossing
	for i, e := range s.edges {
		if s.lines[i] != nil {
			continue
		}
		a, b := s.nodes[e.From], s.nodes[e.To]
		c := &crossing{from: r.port(a), to: r.port(b)}
		r.crossings[i] = c
		if c.straight = c.from.side && c.to.side && a.rank == b.rank; !c.straight {
			bent = append(bent, c)
		}
	}
	// Short crossings take the first lanes.
	slices.SortStableFunc(bent, func(a, b *crossing) int { return cmp.Compare(a.length(), b.length()) })
	for _, c := range bent {
		c.lane = r.lanes.add(c.from.height(), c.to.height())
	}
	return r
}

// height is where a port is, in half rows: a gap is between two rows.
func (p port) height() int {
	if p.side {
		return 2*p.node.rank + 1
	}
	return 2 * p.gap
}

func (c *crossing) length() int {
	return max(c.from.height(), c.to.height()) - min(c.from.height(), c.to.height())
}

// port is where a crossing meets a node: it leaves the left side below a node, and
// comes to the right side from above.
func (r *router) port(n *ranked) port {
	p := port{node: n, side: true, gap: n.rank}
	if n.side == left {
		p.gap++
	}
	for _, m := range r.rows[n.rank][n.side] {
		if m.Name != "" && (n.side == left && m.x > n.x || n.side == right && m.x < n.x) {
			p.side = false
		}
	}
	return p
}

// width is that of all lanes, between the frames of the two sides.
func (r *router) width() int { return 2*frameGap + len(r.lanes)*trackSpace }

// takeTracks finds a track for each way to the side and through a gap, the middle
// of a row for one that goes straight on. The nodes have their places; the lanes
// start at left.
func (r *router) takeTracks(left int) {
	r.lane0 = left + frameGap + trackSpace/2
	for _, c := range r.crossings {
		if c != nil && c.straight {
			r.levels[c.from.node.rank].add(int(c.from.node.x), int(c.to.node.x))
		}
	}
	for _, c := range r.crossings {
		if c == nil || c.straight {
			continue
		}
		for _, p := range []*port{&c.from, &c.to} {
			if p.side {
				p.track = r.levels[p.node.rank].add(int(p.node.x), r.lane(c))
			} else {
				p.track = r.tracks[p.gap].add(p.x(), r.lane(c))
			}
		}
	}
}

func (r *router) lane(c *crossing) int { return r.lane0 + c.lane*trackSpace }

// space is what the tracks of a gap need.
func (r *router) space(gap int) int { return len(r.tracks[gap]) * trackSpace }

// way is a crossing in pixels.
func (r *router) way(c *crossing, l *Layout) Way {
	a, b := l.Boxes[c.from.node.Name], l.Boxes[c.to.node.Name]
	if c.straight {
		y := a.Y + a.H/2
		return Way{[]Point{{a.X + a.W, y}, {b.X, y}}, true}
	}
	from, to := r.stub(c.from, a, r.lane(c)), r.stub(c.to, b, r.lane(c))
	slices.Reverse(to)
	return Way{append(from, to...), true}
}

// stub is the way from a box to a lane. Above and below a box, it keeps off the
// middle, where others are.
func (r *router) stub(p port, box Rect, lane int) []Point {
	from := Point{p.x(), box.Y}
	if p.node.side == left {
		from.Y = box.Y + box.H
	}
	switch {
	case !p.side:
		track := r.track(p.gap) + p.track*trackSpace
		return []Point{from, {from.X, track}, {lane, track}}
	case p.node.side == left:
		from.X = box.X + box.W
	default:
		from.X = box.X
	}
	from.Y = box.Y + box.H/2 + p.level()
	return []Point{from, {lane, from.Y}}
}

// level is how far below the middle of its box a port to the side is: tracks are by
// turns above and below it, as many as a box has room for.
func (p port) level() int {
	const most = 5
	track := p.track % min(most, 1+(p.node.H-2*trackSpace)/trackSpace)
	if track%2 == 1 {
		return -(track + 1) / 2 * trackSpace
	}
	return track / 2 * trackSpace
}

// x is where a port is that is not to the side.
func (p port) x() int {
	if p.node.side == left {
		return int(p.node.x) + p.node.W/4
	}
	return int(p.node.x) - p.node.W/4
}

// track is the y of the first track of a gap.
func (r *router) track(gap int) int {
	if gap == len(r.rows) {
		return r.tops[gap-1] + r.height(gap-1) + rankGap/2
	}
	return r.tops[gap] - r.space(gap) - rankGap/2 + trackSpace
}
