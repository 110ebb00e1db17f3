package graph

import "fmt"

// forward draws the layers one below the other, each weight to the left of its
// layer and each bias to the right.
func (s *sketch) forward(f *figure) {
	f.subtitle = fmt.Sprintf("forward, as written · %s parameters", thousands(s.net.NumParams()))
	s.spine(f)
}

// fused draws the ops in the same way.
func (s *sketch) fused(f *figure) {
	f.subtitle = fmt.Sprintf("forward, fused: which layers run as one op · %s parameters", thousands(s.net.NumParams()))
	s.spine(f)
}

func (s *sketch) spine(f *figure) {
	f.rows = append(f.rows, []node{{}, {name: "x", kind: kindData, title: "x", lines: []string{"images"}}, {}})
	from, out := "x", "x" // the last box, and the last that is in the graph
	for _, b := range s.boxes {
		op := s.box(b)
		row := []node{{}, op, {}}
		for i, p := range s.params(b) {
			size := p.Shape.String()
			if len(p.Shape) > 1 {
				size += " · " + thousands(p.Size)
			}
			row[2*i] = node{name: p.Name, kind: kindParam, title: p.Name, lines: []string{size}}
			f.edges = append(f.edges, edge{from: p.Name, to: b.name, kind: edgeParam, back: i > 0})
		}
		f.rows = append(f.rows, row)
		if s.absent(b) || s.joined(part{group: out}, part{group: b.name}) {
			f.edges = append(f.edges, edge{from: from, to: b.name, kind: edgeValue, label: []string{s.shapes[from].String()}})
			from = b.name
		}
		if !s.absent(b) {
			out = b.name
		}
	}
	result := node{name: "result", kind: kindResult, title: "result"}
	if s.net.Layers[len(s.net.Layers)-1].Op == OpSoftMax {
		result.name, result.title, result.lines = "probabilities", "probabilities", []string{"one for each class"}
	}
	f.rows = append(f.rows, []node{{}, result, {}})
	f.edges = append(f.edges, edge{from: from, to: result.name, kind: edgeValue, label: []string{s.shapes[from].String()}})
}

// absent is whether no node of the graph is of a box: the lowering Fused needs
// none for Flatten.
func (s *sketch) absent(b box) bool {
	for _, p := range s.parts {
		if p.group == b.name {
			return false
		}
	}
	return true
}

// oneOp is what an op of several layers says of itself.
const oneOp = "one op"

// box is how a box looks. One of several layers shows each of them, and what
// would lie in memory between them.
func (s *sketch) box(b box) node {
	n := node{name: b.name, kind: b.kind, title: b.title, lines: b.lines}
	if len(b.layers) == 1 {
		n.lines = b.layers[0].details() // the parameters have boxes of their own
	}
	if s.absent(b) {
		n.lines = append(n.lines, "no op")
	}
	if len(b.layers) < 2 {
		return n
	}
	n.kind, n.lines = kindOp, nil
	last := len(b.layers) - 1
	for i, l := range b.layers {
		e := entry{kind: kinds[l.Op], title: string(l.Op)}
		if details := l.details(); len(details) > 0 {
			e.line = details[0]
		}
		if i < last {
			e.below = l.Out.String() + " · never stored"
		}
		n.entries = append(n.entries, e)
	}
	keeps := "keeps " + b.out.String()
	if b.layers[last].Op == OpMaxPool2D {
		keeps += " and who won"
	}
	n.lines = []string{keeps}
	return n
}
