package draw

import (
	"fmt"
	"strings"

	"tapenet/graph"
	"tapenet/graph/draw/ink"
	"tapenet/graph/draw/internal/figure"
)

// gradName is the name of a box's ∂ in a picture.
func gradName(box string) string { return "d_" + box }

// training draws a step. Each op has a row: the parameters it reads, the op,
// its ∂, the gradients of the parameters. Values go down from op to op,
// gradients come up from ∂ to ∂, and a dashed line is what an op keeps for its
// ∂.
func training(f *figure.Figure, net *graph.Network, nodes []graph.Node, v *Values) {
	s := newSketch(net, nodes)
	f.Title += ", one training step"
	f.Loose = true // what is kept has two lines
	f.Subtitle = fmt.Sprintf("values go down · gradients come back up · %s parameters, each with its gradient", ink.Thousands(net.NumParams()))
	f.Rows = append(f.Rows, []figure.Node{{}, {Name: "x", Role: figure.Data, Title: "x", Lines: append([]string{"images"}, v.result("x")...)}, {}, {}})
	for _, b := range s.boxes {
		if b.ops > 0 {
			f.Rows = append(f.Rows, b.row(f, v))
		}
	}
	loss := []string{"one number"}
	if v != nil {
		loss = append(loss, short(v.Loss)+" an image")
	}
	f.Rows = append(f.Rows, []figure.Node{{},
		{Name: "loss", Role: figure.Result, Title: "loss", Lines: loss},
		{Name: gradName(start.name), Role: figure.Grad, Title: start.name, Lines: []string{"∂ loss / ∂ loss"}}, {}})
	f.Edges = append(f.Edges, figure.Edge{From: s.last().name, To: "loss", Flow: figure.ValueFlow, Label: []string{"sum over the batch"}})
	for _, l := range s.links {
		from, to := l.from.name, l.to.name
		switch {
		case l.from == start:
			f.Edges = append(f.Edges, figure.Edge{From: gradName(from), To: gradName(to), Flow: figure.GradFlow, Back: true})
		case l.from.grad:
			label := []string{"∂ " + s.shapes[to].String()}
			f.Edges = append(f.Edges, figure.Edge{From: gradName(from), To: gradName(to), Flow: figure.GradFlow, Label: label, Back: true})
		case !l.to.grad && s.shapes[from] != nil:
			f.Edges = append(f.Edges, figure.Edge{From: from, To: to, Flow: figure.ValueFlow, Label: []string{s.shapes[from].String()}})
		}
	}
}

// row draws an op, to its left what it reads from the side, to its right its ∂
// with its gradients of parameters, and the edges between them.
func (b box) row(f *figure.Figure, v *Values) []figure.Node {
	op := figure.Node{Name: b.name, Role: roles[b.layers[0].Kind], Title: b.title(), Lines: b.lines()}
	result := b.layers[len(b.layers)-1].Name
	if !b.loss {
		op.Lines = append(op.Lines, v.result(result)...)
	}
	var side, back, grads figure.Node
	if b.back {
		back = figure.Node{Name: gradName(b.name), Role: figure.Grad, Title: "∂ " + op.Title, Lines: v.gradient(result)}
	}
	for _, p := range b.params() {
		side.Name, side.Role = b.name+"_p", figure.Param
		side.Entries = append(side.Entries, figure.Entry{Title: p.Name, Lines: append([]string{p.Shape.String()}, v.param(p.Name)...)})
		grads.Name, grads.Role = b.name+"_g", figure.ParamGrad
		grads.Entries = append(grads.Entries, figure.Entry{Title: "∂ " + p.Name, Lines: v.gradient(p.Name)})
	}
	if side.Name != "" {
		f.Edges = append(f.Edges, figure.Edge{From: side.Name, To: b.name, Flow: figure.ParamFlow})
	}
	if b.loss { // it reads no parameters
		side = figure.Node{Name: "y", Role: figure.Data, Title: "y", Lines: []string{"one-hot classes"}}
		f.Edges = append(f.Edges, figure.Edge{From: "y", To: b.name, Flow: figure.DataFlow})
	}
	if len(b.keeps) > 0 {
		f.Edges = append(f.Edges, figure.Edge{From: b.name, To: back.Name, Flow: figure.KeepFlow, Label: []string{"keeps", strings.Join(b.keeps, ", ")}})
	}
	if grads.Name != "" {
		f.Edges = append(f.Edges, figure.Edge{From: back.Name, To: grads.Name, Flow: figure.ParamGradFlow})
	}
	return []figure.Node{side, op, back, grads}
}
