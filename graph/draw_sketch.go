package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
)

// sketch is a machine's ExprGraph seen as boxes: all nodes of a box are one
// part, named after it.
type sketch struct {
	net    *Network
	m      *Machine
	boxes  []box
	parts  map[*G.Node]part
	links  []link
	shapes map[string]Shape // of what flows out of x and each box, for one image
}

func newSketch(net *Network, m *Machine, boxes []box) *sketch {
	s := &sketch{net: net, m: m, boxes: boxes, parts: m.parts(), shapes: map[string]Shape{"x": net.In}}
	name := map[string]string{}
	for _, b := range boxes {
		s.shapes[b.name] = b.out
		for _, group := range b.groups {
			name[group] = b.name
		}
	}
	for n, p := range s.parts {
		if name[p.group] != "" {
			s.parts[n] = part{name[p.group], p.grad}
		}
	}
	s.links = m.links(s.parts)
	return s
}

// joined is whether an edge of the graph goes from a node of one part to a node
// of the other.
func (s *sketch) joined(from, to part) bool { return slices.Contains(s.links, link{from, to}) }

// params are the parameters that a box reads.
func (s *sketch) params(b box) (params []Param) {
	for _, p := range s.net.Params {
		if s.joined(part{group: p.Name}, part{group: b.name}) {
			params = append(params, p)
		}
	}
	return params
}

// grads are the parameters whose gradients a box's ∂ computes.
func (s *sketch) grads(b box) (params []Param) {
	for _, p := range s.net.Params {
		for n, of := range s.parts {
			if of == (part{group: p.Name}) && s.parts[n.Deriv()] == (part{b.name, true}) {
				params = append(params, p)
			}
		}
	}
	return params
}

// differentiated is whether a box has a ∂. Those before the first parameter
// have none.
func (s *sketch) differentiated(b box) bool {
	return slices.ContainsFunc(s.links, func(l link) bool { return l.to == part{b.name, true} })
}

// keeps is whether a box's ∂ reads what the box read or computed. Parameters do
// not count, which stay anyway.
func (s *sketch) keeps(b box) bool {
	params := s.params(b)
	return slices.ContainsFunc(s.links, func(l link) bool {
		return l.to == part{b.name, true} && !l.from.grad &&
			(l.from.group == b.name || s.joined(l.from, part{group: b.name})) &&
			!slices.ContainsFunc(params, func(p Param) bool { return p.Name == l.from.group })
	})
}
