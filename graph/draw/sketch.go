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

// sketch is an ExprGraph seen as boxes: all nodes of a box are one part, named
// after it, and so are all of its ∂.
type sketch struct {
	net    *graph.Network
	nodes  []graph.Node
	boxes  []box
	parts  []part                 // of the nodes
	links  []link                 // each once, in the order of the nodes
	shapes map[string]graph.Shape // of what flows out of x and each box, for one image
}

func newSketch(net *graph.Network, nodes []graph.Node) *sketch {
	s := &sketch{net: net, nodes: nodes, boxes: boxes(net, nodes), shapes: map[string]graph.Shape{"x": net.In}}
	for _, b := range s.boxes {
		s.shapes[b.name] = b.out()
	}
	for _, n := range nodes {
		p := partOf(n)
		if p.name == lossLayer {
			p.name = s.last().name
		}
		s.parts = append(s.parts, p)
	}
	for _, n := range nodes {
		for _, in := range n.Inputs {
			// Equal constants are one node wherever they are read, and join nothing.
			l := link{s.parts[in], s.parts[n.ID]}
			if l.from != l.to && (!nodes[in].Constant || l.from == start) && !slices.Contains(s.links, l) {
				s.links = append(s.links, l)
			}
		}
	}
	return s
}

// last is the last box. In a training step it computes the loss.
func (s *sketch) last() box { return s.boxes[len(s.boxes)-1] }

// joined reports whether an edge of the graph goes from a node of one part to a
// node of the other.
func (s *sketch) joined(from, to part) bool { return slices.Contains(s.links, link{from, to}) }

// params are the parameters that a box reads.
func (s *sketch) params(b box) (params []graph.Param) {
	for _, p := range s.net.Params {
		if s.joined(part{name: p.Name}, part{name: b.name}) {
			params = append(params, p)
		}
	}
	return params
}

// grads are the parameters whose gradients a box's ∂ computes.
func (s *sketch) grads(b box) (params []graph.Param) {
	for _, p := range s.net.Params {
		of := func(n graph.Node) bool {
			return n.Name == p.Name && n.Deriv >= 0 && s.parts[n.Deriv] == part{b.name, true}
		}
		if slices.ContainsFunc(s.nodes, of) {
			params = append(params, p)
		}
	}
	return params
}

// differentiated reports whether a box has a ∂. Those before the first parameter
// have none.
func (s *sketch) differentiated(b box) bool {
	return slices.ContainsFunc(s.links, func(l link) bool { return l.to == part{b.name, true} })
}
