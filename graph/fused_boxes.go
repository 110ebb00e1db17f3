package graph

import (
	"fmt"
	"slices"
	"strings"
)

// fusedBoxes are the ops of a network as fused lowers it, each with the layers
// that it covers, and Flatten, which is none.
func fusedBoxes(net *Network) []box {
	var boxes []box
	for layers := net.Layers; len(layers) > 0; {
		n := fusedLayers(layers)
		boxes = append(boxes, fusedBox(layers[:n]))
		layers = layers[n:]
	}
	return boxes
}

// boxes are the ops. The last one, SoftMax, includes the loss.
func (fused) boxes(net *Network) []box {
	boxes := slices.DeleteFunc(fusedBoxes(net), func(b box) bool { return b.layers[0].Kind == KindFlatten })
	last := &boxes[len(boxes)-1]
	last.title, last.lines, last.keeps = "SoftMaxLoss", []string{"SoftMax · cross-entropy"}, "p − y"
	return boxes
}

// fusedBox is the op of some layers.
func fusedBox(layers []NamedLayer) box {
	l, end := layers[0], layers[len(layers)-1]
	b := box{name: l.Name, kind: kinds[l.Kind], title: string(l.Kind), lines: l.details(), out: end.Out, groups: []string{l.Name}, layers: layers}
	var after []string
	for _, l := range layers[1:] {
		after = append(after, string(l.Kind))
	}
	switch l.Kind {
	case KindConv2d:
		b.keeps = "input"
		b.lines = []string{fmt.Sprintf("Conv2d %v + bias", Shape{l.Filters, l.Kernel, l.Kernel})}
		switch {
		case end.Kind == KindMaxPool2D:
			b.title, b.keeps = "ConvPool", "input, who won"
		case end.Kind == KindRectify:
			b.title, b.keeps = "ConvRectify", "input, output"
		}
	case KindDense:
		b.keeps = "input"
		b.lines = []string{l.details()[0] + " + bias"}
		if end.Kind == KindRectify {
			b.title, b.keeps = "DenseRectify", "input, output"
		}
	case KindRectify, KindSoftMax:
		b.keeps = "output"
	case KindMaxPool2D:
		b.keeps = "who won"
	}
	if len(after) > 0 {
		b.lines = append(b.lines, strings.Join(after, " · "))
	}
	return b
}
