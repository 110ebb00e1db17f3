package draw

import (
	"slices"

	"tapenet/graph"
)

// part is what a node is drawn as a part of.
type part struct {
	name string // of an input, or what else Node.Layer has
	grad bool   // it is the ∂ of that
}

// start is the part of the gradient that all others start from.
var start = part{"1", true}

// partOf is the part of a node.
func partOf(n graph.Node) part {
	switch {
	case n.Start:
		return start
	case n.Name != "":
		return part{name: n.Name}
	}
	return part{n.Layer, n.Grad}
}

// link is an edge between two parts.
type link struct{ from, to part }

// sketch is an ExprGraph seen as boxes: the nodes of a box are one part, named
// after it, and those of its ∂ another.
type sketch struct {
	boxes  []box
	links  []link                 // between the parts, each once, in the order of the nodes
	shapes map[string]graph.Shape // of what flows out of x and each box, for one image
}

func newSketch(net *graph.Network, nodes []graph.Node) *sketch {
	s := &sketch{boxes: boxes(net, nodes), shapes: map[string]graph.Shape{"x": net.In}}
	for _, b := range s.boxes {
		s.shapes[b.name] = b.out()
	}
	var parts []part
	for _, n := range nodes {
		p := partOf(n)
		if p.name == lossLayer {
			p.name = s.last().name
		}
		parts = append(parts, p)
		for _, in := range n.Inputs {
			// Equal constants are one node wherever they are read, and join nothing.
			l := link{parts[in], p}
			if l.from != l.to && (!nodes[in].Constant || l.from == start) && !slices.Contains(s.links, l) {
				s.links = append(s.links, l)
			}
		}
	}
	return s
}

// last is the last box. In a training step it computes the loss.
func (s *sketch) last() box { return s.boxes[len(s.boxes)-1] }
