package graph

import (
	"fmt"

	"tapenet/graph/internal/figure"
)

// training draws a step. Each op has a row: the parameters it reads, the op,
// its ∂, the gradients of the parameters. Values go down from op to op,
// gradients come up from ∂ to ∂, and a dashed line is what an op keeps for its
// ∂.
func (s *sketch) training(f *figure.Figure) {
	f.Title += ", one training step"
	f.Loose = true // what is kept has two lines
	f.Subtitle = fmt.Sprintf("values go down · gradients come back up · %s parameters, each with its gradient", thousands(s.net.NumParams()))
	f.Rows = append(f.Rows, []figure.Node{{}, {Name: "x", Kind: figure.Data, Title: "x", Lines: []string{"images"}}, {}, {}})
	for _, b := range s.boxes {
		side, op := s.left(f, b)
		back, grads := s.right(f, b)
		f.Rows = append(f.Rows, []figure.Node{side, op, back, grads})
	}
	start := gradName(seed.group)
	f.Rows = append(f.Rows, []figure.Node{{},
		{Name: "loss", Kind: figure.Result, Title: "loss", Lines: []string{"one number"}},
		{Name: start, Kind: figure.Grad, Title: seed.group, Lines: []string{"∂ loss / ∂ loss"}}, {}})
	f.Edges = append(f.Edges, figure.Edge{From: s.parts[s.m.cost].group, To: "loss", Kind: figure.ValueEdge, Label: []string{"sum over the batch"}})
	for _, l := range s.links {
		from, to := l.from.group, l.to.group
		switch {
		case s.shapes[to] == nil: // a read
		case l.from == seed:
			f.Edges = append(f.Edges, figure.Edge{From: start, To: gradName(to), Kind: figure.GradEdge, Back: true})
		case l.from.grad:
			label := []string{"∂ " + s.shapes[to].String()}
			f.Edges = append(f.Edges, figure.Edge{From: gradName(from), To: gradName(to), Kind: figure.GradEdge, Label: label, Back: true})
		case s.shapes[from] == nil: // drawn by left
		case !l.to.grad:
			f.Edges = append(f.Edges, figure.Edge{From: from, To: to, Kind: figure.ValueEdge, Label: []string{s.shapes[from].String()}})
		case from != to && !s.joined(l.from, part{group: to}): // not kept by the op itself
			f.Edges = append(f.Edges, figure.Edge{From: from, To: gradName(to), Kind: figure.KeepEdge})
		}
	}
}

// left draws an op and what it reads from the side.
func (s *sketch) left(f *figure.Figure, b box) (side, op figure.Node) {
	for _, p := range s.params(b) {
		side.Entries = append(side.Entries, figure.Entry{Title: p.Name, Line: p.Shape.String()})
	}
	if len(side.Entries) > 0 {
		side.Name, side.Kind = b.name+"_p", figure.Param
		f.Edges = append(f.Edges, figure.Edge{From: side.Name, To: b.name, Kind: figure.ParamEdge})
	}
	if s.joined(part{group: "y"}, part{group: b.name}) { // the loss: it reads no parameters
		side = figure.Node{Name: "y", Kind: figure.Data, Title: "y", Lines: []string{"one-hot classes"}}
		f.Edges = append(f.Edges, figure.Edge{From: "y", To: b.name, Kind: figure.DataEdge})
	}
	return side, figure.Node{Name: b.name, Kind: b.kind, Title: b.title, Lines: b.lines}
}

// right draws an op's ∂ with its gradients of parameters.
func (s *sketch) right(f *figure.Figure, b box) (back, grads figure.Node) {
	if !s.differentiated(b) {
		return figure.Node{}, figure.Node{}
	}
	back = figure.Node{Name: gradName(b.name), Kind: figure.Grad, Title: "∂ " + b.title}
	if s.keeps(b) {
		f.Edges = append(f.Edges, figure.Edge{From: b.name, To: back.Name, Kind: figure.KeepEdge, Label: []string{"keeps", b.keeps}})
	}
	for _, p := range s.grads(b) {
		grads.Entries = append(grads.Entries, figure.Entry{Title: "∂ " + p.Name})
	}
	if len(grads.Entries) > 0 {
		grads.Name, grads.Kind = b.name+"_g", figure.ParamGrad
		f.Edges = append(f.Edges, figure.Edge{From: back.Name, To: grads.Name, Kind: figure.ParamGradEdge})
	}
	return back, grads
}
