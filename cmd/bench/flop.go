package main

import "tapenet/graph"

// work is what one op of a training step computes for one image.
type work struct {
	op   string // as graph.Machine.Times names it
	flop int
}

// stepWork is what a training step owes for one image, op by op: the
// multiplications and additions of convolutions and dense products. Biases,
// Rectify, pooling, SoftMax and Adam are not counted, nor is what a result does
// not depend on:
//
//   - outputs of a convolution that fill no window of the pooling behind it;
//   - in its gradients, the outputs that did not win their window: all but
//     1/P² of them have a gradient of 0;
//   - the gradient of the images.
func stepWork(net *graph.Network) []work {
	var forward, backward []work
	for i, l := range net.Layers {
		if len(l.Params) == 0 {
			continue
		}
		out, grad := layerFLOP(net.Layers[i:])
		var back []work
		if len(forward) > 0 {
			back = []work{{"∂ " + l.Name + " input", grad}}
		}
		forward = append(forward, work{l.Name, out})
		backward = append(append(back, work{"∂ " + l.Params[0].Name, grad}), backward...)
	}
	return append(forward, backward...)
}

// layerFLOP is what the first of some layers, which has parameters, owes for one
// image: its results, and either of its gradients.
func layerFLOP(layers []graph.NamedLayer) (out, grad int) {
	l := layers[0]
	if l.Kind == graph.KindDense {
		n := 2 * l.In[0] * l.Units
		return n, n
	}
	// window is the side of the square of outputs of which one is the best.
	window, kept := 1, l.Out
	for _, next := range layers[1:] {
		if next.Kind == graph.KindMaxPool2D {
			window *= next.Pool
			kept = next.Out
		} else if next.Kind != graph.KindRectify {
			break
		}
	}
	grad = 2 * l.Kernel * l.Kernel * l.In[0] * kept.Size()
	return grad * window * window, grad
}

// stepFLOP is the sum of stepWork.
func stepFLOP(net *graph.Network) int {
	sum := 0
	for _, w := range stepWork(net) {
		sum += w.flop
	}
	return sum
}
