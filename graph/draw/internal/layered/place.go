package layered

import (
	"cmp"
	"math"
	"slices"
)

// arrange orders the nodes of each row of one side, and gives them places from x = 0
// on, so that neighbours in the next rows are close. It returns the width that the
// rows need.
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
	from, to := math.Inf(1), math.Inf(-1)
	for _, row := range rows {
		for _, n := range row {
			from, to = min(from, n.x-float64(n.W)/2), max(to, n.x+float64(n.W)/2)
		}
	}
	for _, row := range rows {
		for _, n := range row {
			n.x = math.Round(n.x - from)
		}
	}
	return int(math.Ceil(to - from))
}

// order sorts a row by the middles of the neighbours. Nodes without neighbours
// keep their places.
func order(row []*ranked, neighbours func(*ranked) []*ranked) {
	const far = 400 // pixels from its neighbours that one edge to the other side is worth
	wants := func(n *ranked) float64 {
		if n.side == right {
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

// straighten moves each line of a row to the x that it comes from, as far as there
// is room.
func straighten(row []*ranked) {
	for i, n := range row {
		if n.Name != "" {
			continue
		}
		x := n.above[0].x
		if i > 0 {
			x = max(x, row[i-1].x+float64(row[i-1].W+n.W)/2+nodeSpace)
		}
		if i+1 < len(row) {
			x = min(x, row[i+1].x-float64(row[i+1].W+n.W)/2-nodeSpace)
		}
		n.x = x
	}
}

// place puts the nodes of a row, in their order, as near to the middles of their
// neighbours as they can be without touching. Nodes that would touch become one
// block, whose place is the mean of what they want. What a line wants counts
// more, so that it is straight.
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
			want = float64(want * (1 - gravity)) // rounded, so that no processor fuses it with a sum
		}
		b := block{[]*ranked{n}, []float64{0}, want * weight, weight}
		for len(blocks) > 0 {
			a := blocks[len(blocks)-1]
			last := len(a.nodes) - 1
			step := a.offset[last] + float64(a.nodes[last].W+b.nodes[0].W)/2 + nodeSpace
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
