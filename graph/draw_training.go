package graph

import "fmt"

// training draws a step. Each op has a row: the parameters it reads, the op,
// its ∂, the gradients of the parameters. Values go down from op to op,
// gradients come up from ∂ to ∂, and a dashed line is what an op keeps for its
// ∂.
func (s *sketch) training(f *figure) {
	f.title += ", one training step"
	f.subtitle = fmt.Sprintf("values go down · gradients come back up · %s parameters, each with its gradient", thousands(s.net.NumParams()))
	f.rows = append(f.rows, []node{{}, {name: "x", kind: kindData, title: "x", lines: []string{"images"}}, {}, {}})
	for _, b := range s.boxes {
		side, op := s.left(f, b)
		back, grads := s.right(f, b)
		f.rows = append(f.rows, []node{side, op, back, grads})
	}
	start := gradName(seed.group)
	f.rows = append(f.rows, []node{{},
		{name: "loss", kind: kindResult, title: "loss", lines: []string{"one number"}},
		{name: start, kind: kindGrad, title: seed.group, lines: []string{"∂ loss / ∂ loss"}}, {}})
	f.edges = append(f.edges, edge{from: s.parts[s.m.cost].group, to: "loss", kind: edgeValue, label: []string{"sum over the batch"}})
	for _, l := range s.links {
		from, to := l.from.group, l.to.group
		switch {
		case s.shapes[to] == nil: // a read
		case l.from == seed:
			f.edges = append(f.edges, edge{from: start, to: gradName(to), kind: edgeGrad, back: true})
		case l.from.grad:
			label := []string{"∂ " + s.shapes[to].String()}
			f.edges = append(f.edges, edge{from: gradName(from), to: gradName(to), kind: edgeGrad, label: label, back: true})
		case s.shapes[from] == nil: // drawn by left
		case !l.to.grad:
			f.edges = append(f.edges, edge{from: from, to: to, kind: edgeValue, label: []string{s.shapes[from].String()}})
		case from != to && !s.joined(l.from, part{group: to}): // not kept by the op itself
			f.edges = append(f.edges, edge{from: from, to: gradName(to), kind: edgeKeep})
		}
	}
}

// left draws an op and what it reads from the side.
func (s *sketch) left(f *figure, b box) (side, op node) {
	for _, p := range s.params(b) {
		side.entries = append(side.entries, entry{title: p.Name, line: p.Shape.String()})
	}
	if len(side.entries) > 0 {
		side.name, side.kind = b.name+"_p", kindParam
		f.edges = append(f.edges, edge{from: side.name, to: b.name, kind: edgeParam})
	}
	if s.joined(part{group: "y"}, part{group: b.name}) { // the loss: it reads no parameters
		side = node{name: "y", kind: kindData, title: "y", lines: []string{"one-hot classes"}}
		f.edges = append(f.edges, edge{from: "y", to: b.name, kind: edgeData})
	}
	return side, node{name: b.name, kind: b.kind, title: b.title, lines: b.lines}
}

// right draws an op's ∂ with its gradients of parameters.
func (s *sketch) right(f *figure, b box) (back, grads node) {
	if !s.differentiated(b) {
		return node{}, node{}
	}
	back = node{name: gradName(b.name), kind: kindGrad, title: "∂ " + b.title}
	if s.keeps(b) {
		f.edges = append(f.edges, edge{from: b.name, to: back.name, kind: edgeKeep, label: []string{"keeps", b.keeps}})
	}
	for _, p := range s.grads(b) {
		grads.entries = append(grads.entries, entry{title: "∂ " + p.Name})
	}
	if len(grads.entries) > 0 {
		grads.name, grads.kind = b.name+"_g", kindParamGrad
		f.edges = append(f.edges, edge{from: back.name, to: grads.name, kind: edgeParamGrad})
	}
	return back, grads
}
