package graph

import (
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
)

// nodes draws every node. Each group has a band: what is computed forward to
// the left, its ∂ to the right. Inputs are in the frame that reads them, what
// is read out is in the frame that computes it, and a constant is drawn
// wherever it is read.
func (s *sketch) nodes(f *figure) {
	f.title += ", every node"
	f.subtitle = fmt.Sprintf("%d nodes on the tape, for %d images at a time · values go down · gradients come back up", len(s.m.nodes()), s.m.N)
	frames := map[part][]node{}
	for _, n := range s.m.nodes() {
		if s.m.constant(n) {
			continue
		}
		reader, in := s.draw(n)
		frames[in] = append(frames[in], reader)
		named := func(b band) bool { return b.name == in.group }
		if n.Op() != nil && !slices.ContainsFunc(f.bands, named) {
			f.bands = append(f.bands, band{name: in.group})
		}
		var drawn []string // constants
		for _, o := range s.m.operands(n) {
			operand, from := s.draw(o)
			if s.m.constant(o) {
				operand.name, from = reader.name+operand.name, in
				if !slices.Contains(drawn, operand.name) {
					drawn = append(drawn, operand.name)
					frames[in] = append(frames[in], operand)
				}
			}
			f.edges = append(f.edges, wire(operand, reader, from, in))
		}
	}
	for i, b := range f.bands {
		f.bands[i].sides = [2][]node{frames[part{b.name, false}], frames[part{b.name, true}]}
	}
}

// draw is how a node looks, and the frame it is in.
func (s *sketch) draw(n *G.Node) (look node, in part) {
	look, in = node{name: fmt.Sprint("n", n.ID()), kind: kindGrad}, s.parts[n]
	shape := Shape(n.Shape()).String()
	switch {
	case n.Op() == nil:
		look.title, look.kind = n.Name(), kindParam
		if look.title == "x" || look.title == "y" {
			look.kind = kindData
		}
		reads := func(m *G.Node) bool { return slices.Contains(s.m.operands(m), n) }
		if i := slices.IndexFunc(s.m.nodes(), reads); i >= 0 {
			in = s.parts[s.m.nodes()[i]]
		}
	case in.group == "read":
		of := s.m.operands(n)[0]
		look.title, look.kind, in, shape = "read", kindResult, s.parts[of], Shape(of.Shape()).String()
		differentiated := func(m *G.Node) bool { return m.Op() == nil && m.Deriv() == of }
		if i := slices.IndexFunc(s.m.nodes(), differentiated); i >= 0 {
			look.title, look.kind = "∂ "+s.m.nodes()[i].Name(), kindParamGrad
		}
	case s.m.constant(n):
		look.title, look.kind, shape = opName(n), kindData, "constant"
	default:
		look.title = opName(n)
		if !in.grad {
			look.kind = s.kind(in.group)
		}
	}
	if shape == "" {
		shape = "scalar"
	}
	look.lines = []string{shape}
	return look, in
}

// kind is that of the layer or the loss whose group it is; nodes of another
// group put values into another order.
func (s *sketch) kind(group string) kind {
	for _, l := range s.net.Layers {
		if l.Name == group {
			return kinds[l.Op]
		}
	}
	if group == "loss" {
		return kindBend
	}
	return kindShape
}

// opName is the name of a node's op without its arguments, most of which the
// shapes tell.
func opName(n *G.Node) string {
	name := n.Op().String()
	name = strings.TrimSuffix(strings.TrimSuffix(name, " true"), " false") // whether a comparison gives numbers
	if i := strings.IndexAny(name, "({<"); i > 0 {
		name = name[:i]
	}
	return name
}

// wire is the edge from an operand to its reader, each in a frame.
func wire(operand, reader node, from, to part) edge {
	e := edge{from: operand.name, to: reader.name, kind: edgeValue}
	switch {
	case reader.kind == kindParamGrad:
		e.kind, e.back = edgeParamGrad, true
	case from.grad:
		e.kind, e.back = edgeGrad, true
	case to.grad:
		e.kind = edgeKeep
	case operand.kind == kindParam:
		e.kind = edgeParam
	}
	return e
}
