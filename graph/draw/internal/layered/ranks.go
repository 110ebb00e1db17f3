package layered

import (
	"math"
	"slices"
)

// ranked is a box with a row. An edge that goes through a row has one there
// without a name: a line.
type ranked struct {
	Box
	side, rank   int       // rank is its row, from the top
	above, below []*ranked // its neighbours on the same side, one row above and one below
	x            float64   // of its middle
	pull         float64   // how many edges draw it to the other side
}

// Rows counts the rows from the top: row has that of each box, first the first one
// of each band, and at the end the number of all rows.
func Rows(bands []Band, edges []Edge) (row map[string]int, first []int) {
	nodes, first := ranks(bands, edges)
	row = map[string]int{}
	for name, n := range nodes {
		row[name] = n.rank
	}
	return row, first
}

// ranks gives each box a row: along the edges of the left side rows go down, along
// those of the right side up. A box of the right side that only another frame
// reads is at the top of its own if it has more than a row to spare: the lower ones
// are wide enough. first has the first row of each band, and at the end
// the number of all rows.
func ranks(bands []Band, edges []Edge) (nodes map[string]*ranked, first []int) {
	nodes = map[string]*ranked{}
	rank := 0
	for _, band := range bands {
		first = append(first, rank)
		rows := 0
		for side, boxes := range band {
			steps := steps(boxes, edges)
			for _, b := range boxes {
				nodes[b.Name] = &ranked{Box: b, side: side, rank: rank + steps[b.Name]}
				rows = max(rows, steps[b.Name]+1)
			}
		}
		for _, b := range band[right] {
			r := nodes[b.Name]
			r.rank = 2*rank + rows - 1 - r.rank
			if r.rank > rank+1 && leaves(b, band[right], edges) {
				r.rank = rank
			}
		}
		rank += rows
	}
	return nodes, append(first, rank)
}

// leaves reports whether a box of a frame is read, but only outside of the frame.
func leaves(b Box, frame []Box, edges []Edge) (leaves bool) {
	for _, e := range edges {
		if e.From != b.Name {
			continue
		}
		if slices.ContainsFunc(frame, func(other Box) bool { return other.Name == e.To }) {
			return false
		}
		leaves = true
	}
	return leaves
}

// steps counts the edges of the longest way to each of some boxes within them. A
// box that no edge reaches is one step before the first that it leads to.
func steps(boxes []Box, edges []Edge) map[string]int {
	step := map[string]int{}
	for _, b := range boxes {
		step[b.Name] = 0
	}
	reads := map[string]bool{}
	for changed := true; changed; { // until every edge leads to a later step
		changed = false
		for _, e := range edges {
			from, ok := step[e.From]
			if to, both := step[e.To]; ok && both {
				reads[e.To] = true
				if to <= from {
					step[e.To], changed = from+1, true
				}
			}
		}
	}
	for _, b := range boxes {
		if reads[b.Name] {
			continue
		}
		next := math.MaxInt
		for _, e := range edges {
			if to, ok := step[e.To]; ok && e.From == b.Name {
				next = min(next, to)
			}
		}
		if next < math.MaxInt {
			step[b.Name] = next - 1
		}
	}
	return step
}
