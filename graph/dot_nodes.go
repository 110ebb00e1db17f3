package graph

import (
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
)

// drawn is a node of the ExprGraph in a picture.
type drawn struct {
	name         string
	in           part
	kind         kind
	title, shape string
}

// wire is an edge of a picture, from what is drawn above to what is below.
type wire struct {
	from, to drawn
	attrs    string
}

// nodes draws every node. Each group has a band: what is computed forward to
// the left, its ∂ to the right. Inputs are in the band that reads them, and
// a constant is drawn wherever it is read.
func (s *sketch) nodes(d *dot, title string) {
	d.begin("nodes", title+", every node",
		fmt.Sprintf("%d nodes on the tape, for %d images at a time · values go down · gradients come back up", len(s.m.nodes()), s.m.N),
		"nodesep=0.15, ranksep=0.3")
	var bands []string
	var wires []wire
	members := map[part][]drawn{}
	add := func(n drawn) drawn {
		if !slices.Contains(members[n.in], n) {
			members[n.in] = append(members[n.in], n)
		}
		return n
	}
	for _, n := range s.m.nodes() {
		if s.m.constant(n) {
			continue
		}
		reader := add(s.node(n, s.home(n)))
		if n.Op() != nil && !slices.Contains(bands, reader.in.group) {
			bands = append(bands, reader.in.group)
		}
		for _, o := range s.m.operands(n) {
			operand := s.node(o, s.home(o))
			if s.m.constant(o) {
				operand.in, operand.name = reader.in, reader.name+operand.name
				add(operand)
			}
			wires = append(wires, s.wire(operand, reader))
		}
	}
	// Two frames without lines keep the sides apart.
	for _, grad := range []bool{false, true} {
		fmt.Fprintf(d, "  subgraph cluster_%v { label=\"\"; peripheries=0;\n", grad)
		for _, band := range bands {
			if p := (part{band, grad}); len(members[p]) > 0 {
				d.cluster(p, members[p])
			}
		}
		d.WriteString("  }\n")
	}
	for _, band := range bands {
		if left, right := (part{band, false}), (part{band, true}); len(members[right]) > 0 {
			d.row(label(left), label(right))
			d.edge(label(left), label(right), "", edgeHidden)
		}
	}
	for _, w := range wires {
		d.edge(w.from.name, w.to.name, "", w.attrs)
	}
	s.fence(d, bands, members, wires)
	d.end()
}

// cluster draws the nodes of a part in a frame. The label is a node too, since
// edges would cross that of the frame.
func (d *dot) cluster(p part, members []drawn) {
	title := p.group
	if p.grad {
		title = "∂ " + title
	}
	fmt.Fprintf(d, "  subgraph cluster_%s {\n  label=\"\"; peripheries=1; style=\"rounded,filled\"; color=\"#dfe3e8\"; fillcolor=\"#f7f8fa\"; margin=8;\n", label(p))
	fmt.Fprintf(d, "  %s [shape=plain, style=\"\", label=<<b>%s</b>>, fontcolor=\"#5b6675\"];\n", label(p), escape(title))
	for _, n := range members {
		d.box(n.name, n.kind, n.title, n.shape)
	}
	d.WriteString("  }\n")
}

func label(p part) string {
	if p.grad {
		return "label_d_" + id(p.group)
	}
	return "label_" + id(p.group)
}

// fence keeps the bands apart: a label stands above the nodes of its part and
// below all nodes of the band before.
func (s *sketch) fence(d *dot, bands []string, members map[part][]drawn, wires []wire) {
	const hidden = "weight=0, " + edgeHidden
	for i, band := range bands {
		for _, p := range []part{{band, false}, {band, true}} {
			for _, n := range members[p] {
				above := func(w wire) bool { return w.to == n && w.from.in == p }
				below := func(w wire) bool { return w.from == n && w.to.in == p }
				if !slices.ContainsFunc(wires, above) {
					d.edge(label(p), n.name, "", hidden)
				}
				if i+1 < len(bands) && !slices.ContainsFunc(wires, below) {
					d.edge(n.name, label(part{group: bands[i+1]}), "", hidden)
				}
			}
		}
	}
}

// home is the part in whose frame a node is drawn.
func (s *sketch) home(n *G.Node) part {
	switch p := s.parts[n]; {
	case p.group == "read":
		return s.parts[s.m.operands(n)[0]]
	case n.Op() == nil:
		for _, reader := range s.m.nodes() {
			if slices.Contains(s.m.operands(reader), n) {
				return s.parts[reader]
			}
		}
		return p
	default:
		return p
	}
}

// node is how a node looks.
func (s *sketch) node(n *G.Node, in part) drawn {
	look := drawn{name: fmt.Sprint("n", n.ID()), in: in, kind: kindGrad, shape: Shape(n.Shape()).String()}
	switch {
	case n.Op() == nil:
		look.title, look.kind = n.Name(), kindParam
		if look.title == "x" || look.title == "y" {
			look.kind = kindData
		}
	case s.parts[n].group == "read":
		look.title, look.kind, look.shape = "read", kindResult, Shape(s.m.operands(n)[0].Shape()).String()
		for p, of := range s.parts {
			if p.Op() == nil && p.Deriv() == s.m.operands(n)[0] {
				look.title, look.kind = "∂ "+of.group, kindParamGrad
			}
		}
	case s.m.constant(n):
		look.title, look.kind, look.shape = opName(n), kindData, "constant"
	default:
		look.title = opName(n)
		if !in.grad {
			look.kind = kindBend // the loss
			for _, l := range s.net.Layers {
				if l.Name == in.group {
					look.kind = kinds[l.Op]
				}
			}
		}
	}
	if look.shape == "" {
		look.shape = "scalar"
	}
	return look
}

// opName is the name of a node's op without its arguments, most of which the
// shapes tell.
func opName(n *G.Node) string {
	name := n.Op().String()
	name = strings.TrimSuffix(strings.TrimSuffix(name, " true"), " false") // whether a comparison gives floats
	if i := strings.IndexAny(name, "({<"); i > 0 {
		name = name[:i]
	}
	return name
}

// wire is how the edge from an operand to its reader looks.
func (s *sketch) wire(operand, reader drawn) wire {
	switch {
	case reader.kind == kindParamGrad:
		return wire{reader, operand, "dir=back, " + edgeParamGrad}
	case operand.in.grad:
		return wire{reader, operand, edgeGrad}
	case reader.in.grad:
		return wire{operand, reader, "minlen=0, weight=0, " + edgeKeep}
	case operand.kind == kindParam:
		return wire{operand, reader, edgeParam}
	}
	return wire{operand, reader, edgeFlow}
}
