package draw

import (
	"fmt"
	"slices"

	"tapenet/graph"
	"tapenet/graph/draw/ink"
	"tapenet/graph/draw/internal/figure"
)

// forward draws the boxes one below the other, each weight to the left of its box
// and each bias to the right.
func forward(f *figure.Figure, net *graph.Network, nodes []graph.Node, v *Values) {
	what := "as written"
	if f.Name == string(Fused) {
		what = "fused: which layers run as one op"
	}
	f.Subtitle = fmt.Sprintf("forward, %s · %s parameters", what, ink.Thousands(net.NumParams()))
	s := newSketch(net, nodes)
	f.Rows = append(f.Rows, []figure.Node{{}, {Name: "x", Role: figure.Data, Title: "x", Lines: append([]string{"images"}, v.result("x")...)}, {}})
	from, out := "x", "x" // the last box, and the last that has nodes
	for _, b := range s.boxes {
		row := []figure.Node{{}, b.node(v), {}}
		for i, p := range b.params() {
			size := p.Shape.String()
			if len(p.Shape) > 1 {
				size += " · " + ink.Thousands(p.Size)
			}
			row[2*i] = figure.Node{Name: p.Name, Role: figure.Param, Title: p.Name, Lines: append([]string{size}, v.param(p.Name)...)}
			f.Edges = append(f.Edges, figure.Edge{From: p.Name, To: b.name, Flow: figure.ParamFlow, Back: i > 0})
		}
		f.Rows = append(f.Rows, row)
		if b.ops == 0 || slices.Contains(s.links, link{part{name: out}, part{name: b.name}}) {
			f.Edges = append(f.Edges, figure.Edge{From: from, To: b.name, Flow: figure.ValueFlow, Label: []string{s.shapes[from].String()}})
			from = b.name
		}
		if b.ops > 0 {
			out = b.name
		}
	}
	result := figure.Node{Name: "result", Role: figure.Result, Title: "result"}
	if s.last().layers[0].Kind == graph.KindSoftMax {
		result.Name, result.Title, result.Lines = "probabilities", "probabilities", []string{"one for each class"}
	}
	f.Rows = append(f.Rows, []figure.Node{{}, result, {}})
	f.Edges = append(f.Edges, figure.Edge{From: from, To: result.Name, Flow: figure.ValueFlow, Label: []string{s.shapes[from].String()}})
}

// node is how a box looks whose parameters have boxes of their own. One of
// several layers shows each of them, and what would lie in memory between them.
func (b box) node(v *Values) figure.Node {
	n := figure.Node{Name: b.name, Role: roles[b.layers[0].Kind], Title: b.title()}
	if len(b.layers) == 1 {
		n.Lines = details(b.layers[0])
		if b.ops == 0 {
			n.Lines = append(n.Lines, "no op")
			return n
		}
		n.Lines = append(n.Lines, v.result(b.name)...)
		return n
	}
	n.Role = figure.Several
	last := len(b.layers) - 1
	for i, l := range b.layers {
		e := figure.Entry{Role: roles[l.Kind], Title: string(l.Kind), Lines: details(l)}
		if i < last {
			e.Below = l.Out.String() + " · never stored"
		}
		n.Entries = append(n.Entries, e)
	}
	keeps := "keeps " + b.out().String()
	if b.layers[last].Kind == graph.KindMaxPool2D {
		keeps += " and who won"
	}
	n.Lines = append([]string{keeps}, v.result(b.layers[last].Name)...)
	return n
}
