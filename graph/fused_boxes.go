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
	boxes := slices.DeleteFunc(fusedBoxes(net), func(b box) bool { return b.layers[0].Op == OpFlatten })
	last := &boxes[len(boxes)-1]
	last.title, last.lines, last.keeps = "SoftMaxLoss", []string{"SoftMax · cross-entropy"}, "p − y"
	return boxes
}

// fusedBox is the op of some layers.
func fusedBox(layers []Placed) box {
	l, end := layers[0], layers[len(layers)-1]
	b := box{name: l.Name, kind: kinds[l.Op], title: string(l.Op), lines: l.details(), out: end.Out, groups: []string{l.Name}, layers: layers}
	var after []string
	for _, l := range layers[1:] {
		after = append(after, string(l.Op))
	}
	switch l.Op {
	case OpConv2d:
		b.keeps = "input"
		b.lines = []string{fmt.Sprintf("Conv2d %v + bias", Shape{l.Filters, l.Kernel, l.Kernel})}
		switch {
		case end.Op == OpMaxPool2D:
			b.title, b.keeps = "ConvPool", "input, who won"
		case end.Op == OpRectify:
			b.title, b.keeps = "ConvRectify", "input, output"
		}
	case OpDense:
		b.keeps = "input"
		b.lines = []string{l.details()[0] + " + bias"}
		if end.Op == OpRectify {
			b.title, b.keeps = "DenseRectify", "input, output"
		}
	case OpRectify, OpSoftMax:
		b.keeps = "output"
	case OpMaxPool2D:
		b.keeps = "who won"
	}
	if len(after) > 0 {
		b.lines = append(b.lines, strings.Join(after, " · "))
	}
	return b
}
