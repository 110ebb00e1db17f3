package draw

import (
	"fmt"
	"slices"
	"strings"

	"tapenet/graph"
	"tapenet/graph/draw/internal/figure"
)

// box is what a picture shows as one op: layers that run together, and the nodes
// that compute them.
type box struct {
	name   string // of the first layer
	layers []graph.NamedLayer
	ops    int      // the number of nodes: 0 if the lowering needs none for the layer
	back   bool     // it has a ∂
	keeps  []string // what the ∂ reads beside gradients
	loss   bool     // it computes the loss too, …
	apart  bool     // … in nodes of their own
}

// boxes are the layers of a network, each in one box.
func boxes(net *graph.Network, nodes []graph.Node) (boxes []box) {
	for layers := net.Layers; len(layers) > 0; {
		b := box{name: layers[0].Name, layers: layers[:1]}
		for _, n := range nodes {
			if n.Layer != b.name {
				continue
			}
			if len(n.Layers) > 0 {
				b.layers, b.keeps = layers[:len(n.Layers)], n.Keeps
				b.ops++
			}
			b.back = b.back || n.Grad
		}
		boxes = append(boxes, b)
		layers = layers[len(b.layers):]
	}
	last := &boxes[len(boxes)-1]
	last.loss = slices.ContainsFunc(nodes, func(n graph.Node) bool { return n.Start })
	if i := slices.IndexFunc(nodes, func(n graph.Node) bool { return n.Layer == lossLayer && len(n.Keeps) > 0 }); i >= 0 {
		last.apart, last.keeps = true, slices.Concat(last.keeps, nodes[i].Keeps)
	}
	return boxes
}

// lossLayer is the Layer of a loss in nodes of its own.
const lossLayer = "loss"

// params are the parameters that the box reads: no other layer of a box has any.
func (b box) params() []graph.Param { return b.layers[0].Params }

// out is the shape of the box's result, for one image.
func (b box) out() graph.Shape { return b.layers[len(b.layers)-1].Out }

// title is the op in a word.
func (b box) title() string {
	first, last := b.layers[0].Kind, b.layers[len(b.layers)-1].Kind
	switch {
	case b.loss && !b.apart:
		return "SoftMaxLoss"
	case len(b.layers) == 1:
		return string(first)
	case last == graph.KindMaxPool2D:
		return "ConvPool"
	case first == graph.KindConv2d:
		return "ConvRectify"
	}
	return "DenseRectify"
}

// lines are the op's sizes, and the layers after the first.
func (b box) lines() []string {
	l := b.layers[0]
	lines := details(l)
	switch {
	case b.apart:
		return []string{"and cross-entropy"}
	case b.loss:
		return []string{"SoftMax · cross-entropy"}
	case b.ops > 1 || len(b.params()) == 0:
	case l.Kind == graph.KindConv2d: // one op adds the bias too
		lines = []string{fmt.Sprintf("Conv2d %v%s + bias", graph.Shape{l.Filters, l.Kernel, l.Kernel}, steps(l))}
	default:
		lines[0] += " + bias"
	}
	if len(b.layers) == 1 {
		return lines
	}
	var after []string
	for _, l := range b.layers[1:] {
		after = append(after, string(l.Kind))
	}
	return append(lines, strings.Join(after, " · "))
}

// roles are the roles of the kinds of layers.
var roles = map[graph.Kind]figure.Role{
	graph.KindConv2d: figure.Linear, graph.KindDense: figure.Linear,
	graph.KindRectify: figure.Bend, graph.KindDropout: figure.Bend, graph.KindSoftMax: figure.Bend,
	graph.KindMaxPool2D: figure.Shape, graph.KindFlatten: figure.Shape,
}

// details are a layer's sizes as a picture shows them.
func details(l graph.NamedLayer) []string {
	switch l.Kind {
	case graph.KindConv2d:
		filters := "filters"
		if l.Filters == 1 {
			filters = "filter"
		}
		return []string{fmt.Sprintf("%d %s %v%s", l.Filters, filters, graph.Shape{l.Kernel, l.Kernel}, steps(l))}
	case graph.KindMaxPool2D:
		window := graph.Shape{l.Pool, l.Pool}.String() + steps(l)
		w := l.Window()
		if (w.Top+l.In[1]+w.Bottom-w.Side)%w.Stride+(w.Left+l.In[2]+w.Right-w.Side)%w.Stride > 0 {
			window += ", edge dropped"
		}
		return []string{window}
	case graph.KindDropout:
		return []string{fmt.Sprintf("rate %v", l.Rate)}
	case graph.KindDense:
		return []string{fmt.Sprintf("%v → %v", l.In, l.Out)}
	}
	return nil
}

// steps are the stride and the padding of a window, if they are not the defaults:
// ", stride 2, pad 1".
func steps(l graph.NamedLayer) (text string) {
	if l.Step != 0 {
		text = fmt.Sprintf(", stride %d", l.Step)
	}
	switch {
	case l.SamePadding:
		text += ", same"
	case l.Padding > 0:
		text += fmt.Sprintf(", pad %d", l.Padding)
	}
	return text
}
