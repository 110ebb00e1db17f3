package main

import (
	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
)

// network is one that can be measured.
type network struct {
	name   string
	layers graph.Sequential
	goal   float64 // most epochs at the processor's limit that one epoch may take; 0 is any number
}

// networks are those of the notebook, and one as somebody could have edited it.
var networks = []network{
	{"onelayer", models.OneLayer(mnist.Classes), 1.7},
	{"twolayer", models.TwoLayer(mnist.Classes), 2.3},
	{"edited", graph.Sequential{
		graph.Conv2d(32, 3), graph.Rectify, graph.MaxPool2D(2),
		graph.Conv2d(64, 3), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(128), graph.Rectify,
		graph.Dense(10), graph.SoftMax,
	}, 0},
}

// build is the network for images of MNIST, and its initial weights.
func (n network) build() (*graph.Network, []float32, error) {
	net, err := n.layers.Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return nil, nil, err
	}
	return net, models.Init(net, 1), nil
}

// networkOf is the network of that name.
func networkOf(name string) (network, error) {
	for _, n := range networks {
		if n.name == name {
			return n, nil
		}
	}
	return network{}, errors.New("want onelayer, twolayer or edited")
}
