package graph

import (
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
)

// drawn is a node of the ExprGraph in a picture of all nodes.
type drawn struct {
	name         string
	in           part // the frame it is drawn in
	kind         kind
	title, shape string
}

// wire is an edge of such a picture, from what is drawn above to what is below.
type wire struct {
	from, to drawn
	attrs    string
}

// nodes draws every node. Each group has a band with two frames: what is
// computed forward to the left, its ∂ to the right. Inputs are in the frame
// that reads them, what is read out is in the frame that computes it, and a
// constant is drawn wherever it is read.
func (s *sketch) nodes(d *dot, title string) {
	d.begin("nodes", title+", every node",
		fmt.Sprintf("%d nodes on the tape, for %d images at a time · values go down · gradients come back up", len(s.m.nodes()), s.m.N),
		"nodesep=0.15, ranksep=0.3")
	var bands []string
	var wires []wire
	frames := map[part][]drawn{}
	for _, n := range s.m.nodes() {
		if s.m.constant(n) {
			continue
		}
		reader := s.draw(n)
		frames[reader.in] = append(frames[reader.in], reader)
		if n.Op() != nil && !slices.Contains(bands, reader.in.group) {
			bands = append(bands, reader.in.group)
		}
		for _, o := range s.m.operands(n) {
			operand := s.draw(o)
			if s.m.constant(o) {
				operand.name, operand.in = reader.name+operand.name, reader.in
				if !slices.Contains(frames[reader.in], operand) {
					frames[reader.in] = append(frames[reader.in], operand)
				}
			}
			wires = append(wires, wire{operand, reader, ""}.styled())
		}
	}
	d.frames(bands, frames)
	for _, w := range wires {
		d.edge(w.from.name, w.to.name, w.attrs)
	}
	d.fences(bands, frames, wires)
	d.end()
}

// draw is how a node looks.
func (s *sketch) draw(n *G.Node) drawn {
	look := drawn{name: fmt.Sprint("n", n.ID()), in: s.parts[n], kind: kindGrad, shape: Shape(n.Shape()).String()}
	switch {
	case n.Op() == nil:
		look.title, look.kind = n.Name(), kindParam
		if look.title == "x" || look.title == "y" {
			look.kind = kindData
		}
		reads := func(m *G.Node) bool { return slices.Contains(s.m.operands(m), n) }
		if i := slices.IndexFunc(s.m.nodes(), reads); i >= 0 {
			look.in = s.parts[s.m.nodes()[i]]
		}
	case look.in.group == "read":
		of := s.m.operands(n)[0]
		look.title, look.kind, look.in, look.shape = "read", kindResult, s.parts[of], Shape(of.Shape()).String()
		differentiated := func(m *G.Node) bool { return m.Op() == nil && m.Deriv() == of }
		if i := slices.IndexFunc(s.m.nodes(), differentiated); i >= 0 {
			look.title, look.kind = "∂ "+s.m.nodes()[i].Name(), kindParamGrad
		}
	case s.m.constant(n):
		look.title, look.kind, look.shape = opName(n), kindData, "constant"
	default:
		look.title = opName(n)
		if !look.in.grad {
			look.kind = s.kind(look.in.group)
		}
	}
	if look.shape == "" {
		look.shape = "scalar"
	}
	return look
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

// styled is the wire from an operand to its reader as it is drawn: gradients
// go up.
func (w wire) styled() wire {
	switch {
	case w.to.kind == kindParamGrad:
		return wire{w.to, w.from, "dir=back, " + edgeParamGrad}
	case w.from.in.grad:
		return wire{w.to, w.from, edgeGrad}
	case w.to.in.grad: // to the side, or down
		w.attrs = "minlen=0, weight=0, " + edgeKeep
	case w.from.kind == kindParam:
		w.attrs = edgeParam
	default:
		w.attrs = edgeValue
	}
	return w
}
