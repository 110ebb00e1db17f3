package models

import (
	"math"
	"math/rand/v2"

	"tapenet/graph"
)

// initStream keeps the initial weights apart from other random numbers of the
// same seed.
const initStream = 0x696e6974 // "init"

// Init is a vector of all parameters as Keras starts them: biases 0, weights
// uniform in ±sqrt(6/(FanIn+FanOut)) (Glorot and Bengio 2010, Keras's
// GlorotUniform). Equal seeds give equal vectors.
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
