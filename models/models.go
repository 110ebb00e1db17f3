// Package models holds the two networks of the notebook and starts their
// weights: [OneLayer] and [TwoLayer] are lists of layers, [ByName] finds one by
// the name of its command, [Init] is a vector of its parameters as Keras starts
// them, in the order of graph.Network's Params and in PyTorch's layout.
package models

import (
	"slices"
	"tapenet/graph"
)

// Model is a network of the notebook.
type Model struct {
	Name   string // of its command: onelayer, twolayer
	Title  string // OneLayer, TwoLayer
	Layers func(classes int) graph.Sequential
}

var all = []Model{{"onelayer", "OneLayer", OneLayer}, {"twolayer", "TwoLayer", TwoLayer}}

// Names are the names of all networks, in the notebook's order.
func Names() []string {
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	return names
}

// ByName is the network of a command. ok is whether there is one.
func ByName(name string) (m Model, ok bool) {
	i := slices.Index(Names(), name)
	if i < 0 {
		return Model{}, false
	}
	return all[i], true
}

// OneLayer is the notebook's network with one set of convolution and pooling:
// with 10 classes it has 231,926 parameters on images of (1, 28, 28).
func OneLayer(classes int) graph.Sequential {
	return graph.Sequential{
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(100), graph.Rectify,
		graph.Dense(classes), graph.SoftMax,
	}
}

// TwoLayer is the notebook's network with two sets of convolution and pooling:
// with 10 classes it has 22,046 parameters on images of (1, 28, 28).
func TwoLayer(classes int) graph.Sequential {
	return graph.Sequential{
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Conv2d(8, 2), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(100), graph.Rectify,
		graph.Dense(classes), graph.SoftMax,
	}
}
