package draw

import (
	"fmt"
	"slices"
	"strings"

	"tapenet/graph"
	"tapenet/graph/draw/internal/figure"
)

// everyNode draws all nodes. Each layer has a band: what is computed forward to
// the left, its ∂ to the right. An input is in the frame that reads it first, a
// read-out in the frame that computes it, and a constant is drawn wherever it is
// read.
func everyNode(f *figure.Figure, net *graph.Network, lowering graph.Lowering, nodes []graph.Node, v *Values) {
	f.Title += ", every node"
	f.Subtitle = fmt.Sprintf("%d nodes on the tape, for %d images at a time · values go down · gradients come back up", len(nodes), images)
	all := newTape(net, lowering, nodes, v)
	if slices.ContainsFunc(nodes, all.channelsLast) {
		f.Subtitle += "\nchannels come first in every shape; in memory, results that are images have them last"
	}
	var layers []string
	frames := map[part][]figure.Node{}
	for _, n := range nodes {
		if n.Constant {
			continue
		}
		reader, in := all.look(n)
		frames[in] = append(frames[in], reader)
		if n.Op != "" && !slices.Contains(layers, in.name) {
			layers = append(layers, in.name)
		}
		var drawn []string // constants
		for _, o := range n.Inputs {
			operand, from := all.look(nodes[o])
			if nodes[o].Constant {
				operand.Name, from = reader.Name+"_"+operand.Name, in
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

// tape is what the look of a node depends on.
type tape struct {
	net     *graph.Network
	last    bool // ops of images have the channels last
	nodes   []graph.Node
	names   []string
	forward map[string]figure.Role // by layer, of the ops that are no gradient
	results map[int]string         // the layer whose result a node is
	values  *Values
}

func newTape(net *graph.Network, lowering graph.Lowering, nodes []graph.Node, v *Values) *tape {
	t := &tape{net: net, last: lowering != graph.Gorgonia, nodes: nodes, names: nodeNames(nodes), results: map[int]string{}, values: v}
	t.forward = map[string]figure.Role{"x": figure.Shape, lossLayer: figure.Bend}
	for _, l := range net.Layers {
		t.forward[l.Name] = roles[l.Kind]
	}
	last := map[string]int{} // by layer
	for _, n := range nodes {
		if len(n.Layers) > 0 && n.Shape != nil {
			last[n.Layer] = n.ID
		}
	}
	for _, id := range last {
		layers := nodes[id].Layers
		t.results[id] = layers[len(layers)-1]
	}
	return t
}

// look is how a node looks, and the frame it is in.
func (t *tape) look(n graph.Node) (drawn figure.Node, in part) {
	drawn, in = figure.Node{Name: t.names[n.ID], Role: figure.Grad, Title: n.Op}, partOf(n)
	lines := t.shape(n)
	switch {
	case n.Op == "":
		drawn.Title, drawn.Role = n.Name, figure.Param
		if n.Name == "x" || n.Name == "y" {
			drawn.Role = figure.Data
		}
		reads := func(m graph.Node) bool { return slices.Contains(m.Inputs, n.ID) }
		if i := slices.IndexFunc(t.nodes, reads); i >= 0 {
			in = partOf(t.nodes[i])
		}
	case n.Read:
		drawn.Role = figure.Result
		if p := paramOf(n, t.nodes); p != "" {
			drawn.Title, drawn.Role = "∂ "+p, figure.ParamGrad
		}
	case n.Constant:
		drawn.Role, lines = figure.Data, []string{"constant"}
	case !n.Grad:
		drawn.Role = t.forward[n.Layer]
		if kinds := t.kinds(n); kinds != "" {
			lines = append([]string{kinds}, lines...)
		}
	case t.samePass(n):
		lines[0] += " · same pass"
	}
	drawn.Lines = append(lines, t.summary(n)...)
	return drawn, in
}

// kinds are the layers that a node computes by itself: "Conv2d+Rectify+MaxPool2D".
func (t *tape) kinds(n graph.Node) string {
	for _, m := range t.nodes {
		if m.ID != n.ID && m.Layer == n.Layer && len(m.Layers) > 0 {
			return ""
		}
	}
	var kinds []string
	for _, l := range t.net.Layers {
		if slices.Contains(n.Layers, l.Name) {
			kinds = append(kinds, string(l.Kind))
		}
	}
	if len(kinds) > 0 && n.Shape == nil {
		kinds = append(kinds, "cross-entropy")
	}
	return strings.Join(kinds, "+")
}

// samePass reports whether a node hands out what another one has computed beside
// its own result: the gradient of a bias, by a pass over the weights' gradient.
func (t *tape) samePass(n graph.Node) bool {
	return len(n.Inputs) == 1 && strings.HasPrefix(n.Op, "∂ ") && paramOf(n, t.nodes) != "" && paramOf(t.nodes[n.Inputs[0]], t.nodes) != ""
}

// shape is the shape of a node in the order of all pictures: that of a parameter is
// PyTorch's, an image has its channels first. A parameter that lies otherwise says so.
func (t *tape) shape(n graph.Node) []string {
	if n.Shape == nil {
		return []string{"scalar"}
	}
	name := n.Name
	if n.Op != "" && (n.Read || strings.HasPrefix(n.Op, "∂ ")) {
		name = paramOf(n, t.nodes)
	}
	i := slices.IndexFunc(t.net.Params, func(p graph.Param) bool { return p.Name == name })
	switch {
	case i >= 0 && !slices.Equal(t.net.Params[i].Shape, n.Shape):
		return []string{t.net.Params[i].Shape.String(), "stored " + n.Shape.String()}
	case i < 0 && t.channelsLast(n):
		s := n.Shape
		return []string{graph.Shape{s[0], s[3], s[1], s[2]}.String()}
	}
	return []string{n.Shape.String()}
}

// channelsLast reports whether a node is a batch of images, or their gradient, that
// lies with the channels last.
func (t *tape) channelsLast(n graph.Node) bool {
	return t.last && n.Op != "" && len(n.Shape) == 4 && n.Name == "" && paramOf(n, t.nodes) == ""
}

// summary is what the values of a node are like.
func (t *tape) summary(n graph.Node) []string {
	p := n.Name
	if n.Op != "" {
		p = paramOf(n, t.nodes)
	}
	switch {
	case t.values == nil:
		return nil
	case n.Name == "x":
		return t.values.result("x")
	case n.Name != "":
		return t.values.param(p)
	case p != "":
		return t.values.gradient(p)
	case t.results[n.ID] != "":
		return t.values.result(t.results[n.ID])
	}
	for id, layer := range t.results {
		if t.nodes[id].Deriv == n.ID {
			return t.values.gradient(layer)
		}
	}
	return nil
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
