package graph

import (
	"fmt"

	"tapenet/graph/internal/figure"
)

// box is what a picture shows as one op: the nodes of one group of the
// ExprGraph or of several.
type box struct {
	name   string // of the first layer in it
	kind   figure.Kind
	title  string
	lines  []string // small print
	keeps  string   // what its ∂ reads beside gradients; shown only if it does
	out    Shape    // of its result, for one image
	groups []string
	layers []NamedLayer // that run as one op; nil if the lowering has none that do
}

// gradName is the name of a box's ∂ in a picture.
func gradName(box string) string { return "d_" + box }

// kinds are the kinds of the layers.
var kinds = map[Kind]figure.Kind{
	KindConv2d: figure.Linear, KindDense: figure.Linear,
	KindRectify: figure.Bend, KindSoftMax: figure.Bend,
	KindMaxPool2D: figure.Shape, KindFlatten: figure.Shape,
}

// boxes are the layers as they are written, each a box.
func (net *Network) boxes() []box {
	boxes := make([]box, len(net.Layers))
	for i, l := range net.Layers {
		boxes[i] = box{name: l.Name, kind: kinds[l.Kind], title: string(l.Kind), lines: l.details(), out: l.Out, groups: []string{l.Name}}
	}
	return boxes
}

// details are a layer's sizes as a picture shows them.
func (l NamedLayer) details() []string {
	switch l.Kind {
	case KindConv2d:
		filters := "filters"
		if l.Filters == 1 {
			filters = "filter"
		}
		return []string{fmt.Sprintf("%d %s %v", l.Filters, filters, Shape{l.Kernel, l.Kernel})}
	case KindMaxPool2D:
		window := Shape{l.Pool, l.Pool}.String()
		if l.In[1]%l.Pool+l.In[2]%l.Pool > 0 {
			window += ", edge dropped"
		}
		return []string{window}
	case KindDense:
		return []string{fmt.Sprintf("%v → %v", l.In, l.Out)}
	}
	return nil
}

// thousands is n with separators: 231,926.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// boxes are the layers. The last one, SoftMax, includes the loss, which is
// computed from the logarithms of the probabilities.
func (gorgonia) boxes(net *Network) []box {
	boxes := net.boxes()
	for i, l := range net.Layers {
		boxes[i].keeps = map[Kind]string{
			KindConv2d: "input", KindRectify: "where > 0", KindMaxPool2D: "who won", KindDense: "input", KindSoftMax: "output",
		}[l.Kind]
	}
	last := &boxes[len(boxes)-1]
	last.lines = []string{"and cross-entropy"}
	last.keeps = "log p, y"
	last.groups = append(last.groups, "loss")
	return boxes
}
