// Package models holds the two networks of the notebook and the vectors of
// their parameters: [Init] makes one as Keras does, [Save] and [Load] keep it
// in a file that PyTorch opens. A vector of parameters is in the order of
// graph.Network's Params and in PyTorch's layout.
package models

import "tapenet/graph"

// OneLayer is the notebook's network with one set of convolution and pooling:
// 231,926 parameters on images of (1, 28, 28).
func OneLayer() graph.Sequential {
	return graph.Sequential{
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(100), graph.Rectify,
		graph.Dense(10), graph.SoftMax,
	}
}

// TwoLayer is the notebook's network with two sets of convolution and pooling:
// 22,046 parameters on images of (1, 28, 28).
func TwoLayer() graph.Sequential {
	return graph.Sequential{
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Conv2d(8, 2), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(100), graph.Rectify,
		graph.Dense(10), graph.SoftMax,
	}
}
