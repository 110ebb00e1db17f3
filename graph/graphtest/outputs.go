package graphtest

import (
	"runtime"
	"sync"

	"tapenet/graph"
)

// Outputs returns Run's Outputs (N, M) for images x (N, ...), on all cores. The
// float32s of values, one for each parameter, and of x are taken as they are.
func Outputs(net *graph.Network, values, x []float32) []float64 {
	weights, images := float64s(values), float64s(x)
	d, m := net.In.Size(), net.Out().Size()
	n := len(x) / d
	y := make([]float64, n*m)
	workers := runtime.GOMAXPROCS(0)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := w; i < n; i += workers {
				copy(y[i*m:], Run(net, weights, images[i*d:(i+1)*d], []int{-1}).Outputs)
			}
		})
	}
	all.Wait()
	return y
}

func float64s(v []float32) []float64 {
	w := make([]float64, len(v))
	for i, x := range v {
		w[i] = float64(x)
	}
	return w
}
