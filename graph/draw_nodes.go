package graph

import (
	"fmt"
	"slices"
	"strings"

	"tapenet/graph/internal/figure"

	G "gorgonia.org/gorgonia"
)

// nodes draws every node. Each group has a band: what is computed forward to
// the left, its ∂ to the right. Inputs are in the frame that reads them, what
// is read out is in the frame that computes it, and a constant is drawn
// wherever it is read.
func (s *sketch) nodes(f *figure.Figure) {
	f.Title += ", every node"
	f.Subtitle = fmt.Sprintf("%d nodes on the tape, for %d images at a time · values go down · gradients come back up", len(s.m.nodes()), s.m.N)
	var groups []string
	frames := map[part][]figure.Node{}
	for _, n := range s.m.nodes() {
		if s.m.constant(n) {
			continue
		}
		reader, in := s.draw(n)
		frames[in] = append(frames[in], reader)
		if n.Op() != nil && !slices.Contains(groups, in.group) {
			groups = append(groups, in.group)
		}
		var drawn []string // constants
		for _, o := range s.m.operands(n) {
			operand, from := s.draw(o)
			if s.m.constant(o) {
				operand.Name, from = reader.Name+operand.Name, in
				if !slices.Contains(drawn, operand.Name) {
					drawn = append(drawn, operand.Name)
					frames[in] = append(frames[in], operand)
				}
			}
			f.Edges = append(f.Edges, wire(operand, reader, from, in))
		}
	}
	for _, g := range groups {
		f.Bands = append(f.Bands, [2]figure.Frame{
			{Name: g, Title: g, Nodes: frames[part{g, false}]},
			{Name: gradName(g), Title: "∂ " + g, Nodes: frames[part{g, true}]},
		})
	}
}

// draw is how a node looks, and the frame it is in.
func (s *sketch) draw(n *G.Node) (look figure.Node, in part) {
	look, in = figure.Node{Name: fmt.Sprint("n", n.ID()), Kind: figure.Grad}, s.parts[n]
	shape := Shape(n.Shape()).String()
	switch {
	case n.Op() == nil:
		look.Title, look.Kind = n.Name(), figure.Param
		if look.Title == "x" || look.Title == "y" {
			look.Kind = figure.Data
		}
		reads := func(m *G.Node) bool { return slices.Contains(s.m.operands(m), n) }
		if i := slices.IndexFunc(s.m.nodes(), reads); i >= 0 {
			in = s.parts[s.m.nodes()[i]]
		}
	case in.group == "read":
		of := s.m.operands(n)[0]
		look.Title, look.Kind, in, shape = "read", figure.Result, s.parts[of], Shape(of.Shape()).String()
		differentiated := func(m *G.Node) bool { return m.Op() == nil && m.Deriv() == of }
		if i := slices.IndexFunc(s.m.nodes(), differentiated); i >= 0 {
			look.Title, look.Kind = "∂ "+s.m.nodes()[i].Name(), figure.ParamGrad
		}
	case s.m.constant(n):
		look.Title, look.Kind, shape = opName(n), figure.Data, "constant"
	default:
		look.Title = opName(n)
		if !in.grad {
			look.Kind = s.kind(in.group)
		}
	}
	if shape == "" {
		shape = "scalar"
	}
	look.Lines = []string{shape}
	return look, in
}

// kind is that of the layer or the loss whose group it is; nodes of another
// group put values into another order.
func (s *sketch) kind(group string) figure.Kind {
	for _, l := range s.net.Layers {
		if l.Name == group {
			return kinds[l.Kind]
		}
	}
	if group == "loss" {
		return figure.Bend
	}
	return figure.Shape
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
func wire(operand, reader figure.Node, from, to part) figure.Edge {
	e := figure.Edge{From: operand.Name, To: reader.Name, Kind: figure.ValueEdge}
	switch {
	case reader.Kind == figure.ParamGrad:
		e.Kind, e.Back = figure.ParamGradEdge, true
	case from.grad:
		e.Kind, e.Back = figure.GradEdge, true
	case to.grad:
		e.Kind = figure.KeepEdge
	case operand.Kind == figure.Param:
		e.Kind = figure.ParamEdge
	}
	return e
}
