// Package models holds the two networks of the notebook and their initial
// weights.
//
// [OneLayer] and [TwoLayer] are lists of layers. [ByName] finds them by the name
// of their command. [Init] makes the weights that a training starts from: one
// vector of all parameters, in the order of graph.Network's Params and in
// PyTorch's layout.
//
//	net, err := models.OneLayer(10).Build(1, 28, 28)
//	…
//	weights := models.Init(net, 1)
//
// Package weights, below this one, keeps such a vector in a file.
package models

import (
	"math"
	"math/rand/v2"
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

// ByName returns the network of a name, one of Names. ok reports whether there is
// one.
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

// initStream keeps the initial weights apart from other random numbers of the
// same seed.
const initStream = 0x696e6974 // "init"

// Init returns all parameters of any network, in the order of net.Params, as Keras
// starts them: biases 0, weights uniform in ±sqrt(6/(FanIn+FanOut)) (Glorot and
// Bengio 2010, Keras's GlorotUniform). Equal seeds give equal parameters.
func Init(net *graph.Network, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, initStream))
	weights := make([]float32, net.NumParams())
	for _, p := range net.Params {
		if p.FanIn == 0 {
			continue
		}
		limit := math.Sqrt(6 / float64(p.FanIn+p.FanOut))
		w := p.Of(weights)
		for i := range w {
			w[i] = float32(limit * (2*rng.Float64() - 1))
		}
	}
	return weights
}
