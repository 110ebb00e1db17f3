package draw

import (
	"fmt"
	"slices"

	"tapenet/graph"
	"tapenet/graph/draw/internal/figure"
)

// everyNode draws all nodes. Each layer has a band: what is computed forward to
// the left, its ∂ to the right. An input is in the frame that reads it first, a
// read-out in the frame that computes it, and a constant is drawn wherever it is
// read.
func everyNode(f *figure.Figure, net *graph.Network, nodes []graph.Node) {
	f.Title += ", every node"
	f.Subtitle = fmt.Sprintf("%d nodes on the tape, for %d images at a time · values go down · gradients come back up", len(nodes), images)
	forward := map[string]figure.Role{"x": figure.Shape, lossLayer: figure.Bend} // of the ops that are no gradient
	for _, l := range net.Layers {
		forward[l.Name] = roles[l.Kind]
	}
	var layers []string
	frames := map[part][]figure.Node{}
	for _, n := range nodes {
		if n.Constant {
			continue
		}
		reader, in := look(n, nodes, forward)
		frames[in] = append(frames[in], reader)
		if n.Op != "" && !slices.Contains(layers, in.name) {
			layers = append(layers, in.name)
		}
		var drawn []string // constants
		for _, o := range n.Inputs {
			operand, from := look(nodes[o], nodes, forward)
			if nodes[o].Constant {
				operand.Name, from = reader.Name+operand.Name, in
				if !slices.Contains(drawn, operand.Name) {
					drawn = append(drawn, operand.Name)
					frames[in] = append(frames[in], operand)
				}
			}
			f.Edges = append(f.Edges, wire(operand, reader, from, in))
		}
	}
	for _, l := range layers {
		f.Bands = append(f.Bands, [2]figure.Frame{
			{Name: l, Title: l, Nodes: frames[part{l, false}]},
			{Name: gradName(l), Title: "∂ " + l, Nodes: frames[part{l, true}]},
		})
	}
}

// look is how a node looks, and the frame it is in.
func look(n graph.Node, nodes []graph.Node, forward map[string]figure.Role) (drawn figure.Node, in part) {
	drawn, in = figure.Node{Name: fmt.Sprint("n", n.ID), Role: figure.Grad, Title: n.Op}, partOf(n)
	size := n.Shape.String()
	if n.Shape == nil {
		size = "scalar"
	}
	switch {
	case n.Op == "":
		drawn.Title, drawn.Role = n.Name, figure.Param
		if n.Name == "x" || n.Name == "y" {
			drawn.Role = figure.Data
		}
		reads := func(m graph.Node) bool { return slices.Contains(m.Inputs, n.ID) }
		if i := slices.IndexFunc(nodes, reads); i >= 0 {
			in = partOf(nodes[i])
		}
	case n.Read:
		drawn.Role = figure.Result
		differentiated := func(m graph.Node) bool { return m.Name != "" && m.Deriv == n.Inputs[0] }
		if i := slices.IndexFunc(nodes, differentiated); i >= 0 {
			drawn.Title, drawn.Role = "∂ "+nodes[i].Name, figure.ParamGrad
		}
	case n.Constant:
		drawn.Role, size = figure.Data, "constant"
	case !n.Grad:
		drawn.Role = forward[n.Layer]
	}
	drawn.Lines = []string{size}
	return drawn, in
}

// wire is the edge from an operand to its reader, each in a frame.
func wire(operand, reader figure.Node, from, to part) figure.Edge {
	e := figure.Edge{From: operand.Name, To: reader.Name, Flow: figure.ValueFlow}
	switch {
	case reader.Role == figure.ParamGrad:
		e.Flow, e.Back = figure.ParamGradFlow, true
	case from.grad:
		e.Flow, e.Back = figure.GradFlow, true
	case to.grad:
		e.Flow = figure.KeepFlow
	case operand.Role == figure.Param:
		e.Flow = figure.ParamFlow
	}
	return e
}
