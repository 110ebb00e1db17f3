package main

import (
	"slices"
	"strings"

	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
)

// network is a network that can be measured.
type network struct {
	name string
	*graph.Network
}

// edited is a network as somebody could have edited the notebook's.
func edited(classes int) graph.Sequential {
	return graph.Sequential{
		graph.Conv2d(32, 3), graph.Rectify, graph.MaxPool2D(2),
		graph.Conv2d(64, 3), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(128), graph.Rectify,
		graph.Dense(classes), graph.SoftMax,
	}
}

// mnistShape is the shape of MNIST's images.
var mnistShape = graph.Shape{1, mnist.Rows, mnist.Cols}

// networkNames are the names that newNetwork knows.
func networkNames() []string { return append(models.Names(), "edited") }

// newNetwork is the network of that name, for images of a shape in classes.
func newNetwork(name string, classes int, in graph.Shape) (network, error) {
	layers := edited
	if m, ok := models.ByName(name); ok {
		layers = m.Layers
	}
	net, err := layers(classes).Build(in...)
	return network{name, net}, err
}

// opWork returns the place of an op in a training step, to sort by, and its FLOP
// for one image. The name is one of graph.Machine's Times: conv1, ∂ conv1.weight,
// ∂ dense1 input, …; any other name has a place after all ops, and no FLOP.
func (n network) opWork(name string) (place, flop int) {
	op, gradient := strings.CutPrefix(name, "∂ ")
	if end := strings.IndexAny(op, ". "); end >= 0 {
		op = op[:end]
	}
	i := slices.IndexFunc(n.Layers, func(l graph.NamedLayer) bool { return l.Name == op })
	if i < 0 {
		return 2 * len(n.Layers), 0
	}
	out, grad := layerFLOP(n.Layers[i:])
	if gradient {
		return 2*len(n.Layers) - 1 - i, grad
	}
	return i, out
}

// stepFLOP returns the FLOP of a training step for one image.
func (n network) stepFLOP() int {
	sum := 0
	for i := range n.Layers {
		out, grad := layerFLOP(n.Layers[i:])
		if sum > 0 { // the images need no gradient
			sum += grad
		}
		sum += out + grad
	}
	return sum
}

// layerFLOP returns the FLOP of the first of layers for one image: out for its
// results, and grad for each of its gradients, by its weights and by its input.
// It counts the multiplications and additions of convolutions and dense products,
// except those that no result depends on:
//
//   - outputs of a convolution that are in no window of the pooling after it;
//   - in its gradients, the outputs that are not the largest of their window:
//     all but one have a gradient of 0.
func layerFLOP(layers []graph.NamedLayer) (out, grad int) {
	l := layers[0]
	switch l.Kind {
	case graph.KindDense:
		n := 2 * l.In[0] * l.Units
		return n, n
	case graph.KindConv2d:
		// The pooling keeps one output of each square of window·window; squares may overlap.
		window, kept := 1, l.Out
		for _, next := range layers[1:] {
			if next.Kind == graph.KindMaxPool2D {
				window *= next.Pool
				kept = next.Out
			} else if next.Kind != graph.KindRectify {
				break
			}
		}
		value := 2 * l.Kernel * l.Kernel * l.In[0]
		return value * min(window*window*kept.Size(), l.Out.Size()), value * kept.Size()
	}
	return 0, 0
}
