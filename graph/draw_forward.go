package graph

import (
	"fmt"

	"tapenet/graph/internal/figure"
)

// forward draws the layers one below the other, each weight to the left of its
// layer and each bias to the right.
func (s *sketch) forward(f *figure.Figure) {
	f.Subtitle = fmt.Sprintf("forward, as written · %s parameters", thousands(s.net.NumParams()))
	s.spine(f)
}

// fused draws the ops in the same way.
func (s *sketch) fused(f *figure.Figure) {
	f.Subtitle = fmt.Sprintf("forward, fused: which layers run as one op · %s parameters", thousands(s.net.NumParams()))
	s.spine(f)
}

func (s *sketch) spine(f *figure.Figure) {
	f.Rows = append(f.Rows, []figure.Node{{}, {Name: "x", Kind: figure.Data, Title: "x", Lines: []string{"images"}}, {}})
	from, out := "x", "x" // the last box, and the last that is in the graph
	for _, b := range s.boxes {
		op := s.box(b)
		row := []figure.Node{{}, op, {}}
		for i, p := range s.params(b) {
			size := p.Shape.String()
			if len(p.Shape) > 1 {
				size += " · " + thousands(p.Size)
			}
			row[2*i] = figure.Node{Name: p.Name, Kind: figure.Param, Title: p.Name, Lines: []string{size}}
			f.Edges = append(f.Edges, figure.Edge{From: p.Name, To: b.name, Kind: figure.ParamEdge, Back: i > 0})
		}
		f.Rows = append(f.Rows, row)
		if s.absent(b) || s.joined(part{group: out}, part{group: b.name}) {
			f.Edges = append(f.Edges, figure.Edge{From: from, To: b.name, Kind: figure.ValueEdge, Label: []string{s.shapes[from].String()}})
			from = b.name
		}
		if !s.absent(b) {
			out = b.name
		}
	}
	result := figure.Node{Name: "result", Kind: figure.Result, Title: "result"}
	if s.net.Layers[len(s.net.Layers)-1].Kind == KindSoftMax {
		result.Name, result.Title, result.Lines = "probabilities", "probabilities", []string{"one for each class"}
	}
	f.Rows = append(f.Rows, []figure.Node{{}, result, {}})
	f.Edges = append(f.Edges, figure.Edge{From: from, To: result.Name, Kind: figure.ValueEdge, Label: []string{s.shapes[from].String()}})
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

// box is how a box looks. One of several layers shows each of them, and what
// would lie in memory between them.
func (s *sketch) box(b box) figure.Node {
	n := figure.Node{Name: b.name, Kind: b.kind, Title: b.title, Lines: b.lines}
	if len(b.layers) == 1 {
		n.Lines = b.layers[0].details() // the parameters have boxes of their own
	}
	if s.absent(b) {
		n.Lines = append(n.Lines, "no op")
	}
	if len(b.layers) < 2 {
		return n
	}
	n.Kind, n.Lines = figure.Op, nil
	last := len(b.layers) - 1
	for i, l := range b.layers {
		e := figure.Entry{Kind: kinds[l.Kind], Title: string(l.Kind)}
		if details := l.details(); len(details) > 0 {
			e.Line = details[0]
		}
		if i < last {
			e.Below = l.Out.String() + " · never stored"
		}
		n.Entries = append(n.Entries, e)
	}
	keeps := "keeps " + b.out.String()
	if b.layers[last].Kind == KindMaxPool2D {
		keeps += " and who won"
	}
	n.Lines = []string{keeps}
	return n
}
