package figure

import (
	"cmp"
	"math"
	"slices"
)

// ranked is a node that has a row in the picture of all nodes. Where an edge
// goes through a row, it has one there without a name.
type ranked struct {
	Node
	w, h         int
	side, rank   int       // rank is its row, from the top of the picture
	above, below []*ranked // its neighbours on the same side, one row above and one below
	x            float64   // of its middle
	pull         float64   // how many edges draw it to the other side
}

// ranks give each node of the bands a row: along a forward way rows go down,
// and along a way back they go up. first are the first rows of the bands, and
// behind them the number of all rows.
func (f *Figure) ranks() (nodes map[string]*ranked, first []int) {
	nodes = map[string]*ranked{}
	rank := 0
	for _, b := range f.Bands {
		first = append(first, rank)
		rows := 0
		for side, fr := range b {
			steps := f.steps(fr.Nodes)
			for _, n := range fr.Nodes {
				face := n.face()
				nodes[n.Name] = &ranked{Node: n, w: face.w, h: face.h, side: side, rank: rank + steps[n.Name]}
				rows = max(rows, steps[n.Name]+1)
			}
		}
		for _, n := range b[rightSide].Nodes {
			r := nodes[n.Name]
			r.rank = 2*rank + rows - 1 - r.rank
		}
		rank += rows
	}
	return nodes, append(first, rank)
}

// steps are how many edges the longest way to each of some nodes has within
// them. One that reads none of them is one step before the first that reads it.
func (f *Figure) steps(members []Node) map[string]int {
	step := map[string]int{}
	for _, n := range members {
		step[n.Name] = 0
	}
	reads := map[string]bool{}
	for changed := true; changed; { // until every edge leads to a later step
		changed = false
		for _, e := range f.Edges {
			from, ok := step[e.From]
			if to, both := step[e.To]; ok && both {
				reads[e.To] = true
				if to <= from {
					step[e.To], changed = from+1, true
				}
			}
		}
	}
	for _, n := range members {
		if reads[n.Name] {
			continue
		}
		next := math.MaxInt
		for _, e := range f.Edges {
			if to, ok := step[e.To]; ok && e.From == n.Name {
				next = min(next, to)
			}
		}
		if next < math.MaxInt {
			step[n.Name] = next - 1
		}
	}
	return step
}

// arrange orders the nodes of each row of one side, and gives them places from
// x = 0 on so that neighbours in next rows are close. The result is the width
// of the widest row.
func arrange(rows [][]*ranked) int {
	above := func(n *ranked) []*ranked { return n.above }
	below := func(n *ranked) []*ranked { return n.below }
	both := func(n *ranked) []*ranked { return slices.Concat(n.above, n.below) }
	for range 8 { // more change little
		for _, row := range rows {
			order(row, above)
			place(row, above)
		}
		for _, row := range slices.Backward(rows) {
			order(row, below)
			place(row, below)
		}
	}
	for range 40 {
		for _, row := range rows {
			place(row, both)
		}
	}
	for _, row := range rows {
		straighten(row)
	}
	left, right := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		for _, n := range row {
			left, right = min(left, n.x-float64(n.w)/2), max(right, n.x+float64(n.w)/2)
		}
	}
	for _, row := range rows {
		for _, n := range row {
			n.x = math.Round(n.x - left)
		}
	}
	return int(math.Ceil(right - left))
}

// order sorts a row by the middles of the neighbours. Those without keep their
// places in it.
func order(row []*ranked, neighbours func(*ranked) []*ranked) {
	const far = 400 // pixels: what draws a node to the other side against what draws it to a neighbour
	wants := func(n *ranked) float64 {
		if n.side == rightSide {
			return middle(neighbours(n)) - far*n.pull
		}
		return middle(neighbours(n)) + far*n.pull
	}
	var moving []*ranked
	var places []int
	for i, n := range row {
		if len(neighbours(n)) > 0 {
			moving, places = append(moving, n), append(places, i)
		}
	}
	slices.SortStableFunc(moving, func(a, b *ranked) int { return cmp.Compare(wants(a), wants(b)) })
	for i, n := range moving {
		row[places[i]] = n
	}
}

// middle is the mean of some nodes.
func middle(nodes []*ranked) float64 {
	sum := 0.0
	for _, n := range nodes {
		sum += n.x
	}
	return sum / float64(len(nodes))
}

// straighten moves the lines of a row below where they come from, as far as the
// row has room.
func straighten(row []*ranked) {
	for i, n := range row {
		if n.Name != "" {
			continue
		}
		x := n.above[0].x
		if i > 0 {
			x = max(x, row[i-1].x+float64(row[i-1].w+n.w)/2+nodeSpace)
		}
		if i+1 < len(row) {
			x = min(x, row[i+1].x-float64(row[i+1].w+n.w)/2-nodeSpace)
		}
		n.x = x
	}
}

// place puts the nodes of a row, in their order, as near to the middles of
// their neighbours as they can be without touching: nodes that would are joined
// to a block, whose place is the mean of what they want. What a line wants
// counts more, so that it is straight.
func place(row []*ranked, neighbours func(*ranked) []*ranked) {
	const gravity = 0.25 // towards x = 0, so that a side does not drift
	type block struct {
		nodes  []*ranked
		offset []float64 // of each node from the first
		want   float64   // sum of the places that each wants for the first,
		weight float64   // and of how much that counts
	}
	var blocks []block
	for _, n := range row {
		want, weight := n.x, 1.0
		if near := neighbours(n); len(near) > 0 {
			want = middle(near)
		}
		if n.Name == "" {
			weight = 4
		} else {
			want = float64(want * (1 - gravity))
		}
		b := block{[]*ranked{n}, []float64{0}, want * weight, weight}
		for len(blocks) > 0 {
			a := blocks[len(blocks)-1]
			last := len(a.nodes) - 1
			step := a.offset[last] + float64(a.nodes[last].w+b.nodes[0].w)/2 + nodeSpace
			if a.want/a.weight+step <= b.want/b.weight {
				break
			}
			for i, m := range b.nodes {
				a.nodes, a.offset = append(a.nodes, m), append(a.offset, step+b.offset[i])
			}
			a.want += b.want - step*b.weight
			a.weight += b.weight
			blocks, b = blocks[:len(blocks)-1], a
		}
		blocks = append(blocks, b)
	}
	for _, b := range blocks {
		for i, n := range b.nodes {
			n.x = b.want/b.weight + b.offset[i]
		}
	}
}
