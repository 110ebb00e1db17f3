// Package graphtest computes what a network must give, for tests: in float64, one
// image at a time, in plain loops that share no code with the lowerings.
//
// It is also the place to read how a network learns. An image goes forward
// through the layers and becomes probabilities. The loss says how far these are
// from the image's class. The gradient of the loss goes back through the layers,
// the last one first, and says how to change every parameter.
package graphtest

import (
	"math"
	"slices"

	"tapenet/graph"
)

// Result is what a network gives for some images.
type Result struct {
	Loss    float64   // sum of the cross-entropies
	Correct int       // images whose most probable class is theirs
	Outputs []float64 // (N, M) results of the last layer
	Grad    []float64 // gradient of Loss by every parameter, in the order of Network.Params
	Margin  float64   // smallest distance of any Rectify input or pooling contest from a kink
}

// Run computes forward and backward for images x (N, ...) of the given classes
// (N); a class of -1 leaves its image out of Loss, Correct and Grad. A network
// without SoftMax at the end has only Outputs.
func Run(net *graph.Network, weights, x []float64, classes []int) Result {
	r := Result{Grad: make([]float64, net.NumParams()), Margin: math.Inf(1)}
	d := net.In.Size()
	for i, class := range classes {
		r.image(net, weights, x[i*d:(i+1)*d], class)
	}
	return r
}

// image adds one image to r.
func (r *Result) image(net *graph.Network, weights, x []float64, class int) {
	// Forward: what a layer gives is the input of the next.
	inputs := make([][]float64, len(net.Layers))
	for i, l := range net.Layers {
		inputs[i] = x
		x = r.forward(l, weights, x)
	}
	r.Outputs = append(r.Outputs, x...)
	last := len(net.Layers) - 1
	if class < 0 || net.Layers[last].Kind != graph.KindSoftMax {
		return
	}
	if slices.Index(x, slices.Max(x)) == class {
		r.Correct++
	}

	// Loss: -log of the probability of the class. It comes from SoftMax's inputs,
	// the logits, because the probability may be 0.
	logits := inputs[last]
	r.Loss += logSumExp(logits) - logits[class]

	// Backward: g is the gradient of the loss by a layer's result. By the logits
	// it is the probabilities, less 1 at the class.
	g := slices.Clone(x)
	g[class]--
	for i := last - 1; i >= 0; i-- {
		g = r.backward(net.Layers[i], weights, inputs[i], g)
	}
}

// forward is the result y of layer l for its input x.
func (r *Result) forward(l graph.NamedLayer, weights, x []float64) []float64 {
	y := make([]float64, l.Out.Size())
	switch l.Kind {
	case graph.KindConv2d, graph.KindDense: // y = Σ x·w + b
		w, b := of(l.Params[0], weights), of(l.Params[1], weights)
		for o := range y {
			y[o] = b[o/area(l)]
		}
		products(l, func(o, i, k int) { y[o] += x[i] * w[k] })
	case graph.KindRectify:
		for i, v := range x {
			y[i] = max(v, 0)
			if v != 0 {
				r.Margin = min(r.Margin, math.Abs(v))
			}
		}
	case graph.KindMaxPool2D:
		for o, i := range r.winners(l, x) {
			y[o] = x[i]
		}
	case graph.KindSoftMax: // y = exp(x) / Σ exp(x), without overflow
		sum := logSumExp(x)
		for i, v := range x {
			y[i] = math.Exp(v - sum)
		}
	case graph.KindFlatten:
		copy(y, x)
	}
	return y
}

// backward is the gradient by the input x of layer l, where g is that by its
// result. It adds the gradients by the layer's parameters to r.Grad.
func (r *Result) backward(l graph.NamedLayer, weights, x, g []float64) []float64 {
	dx := make([]float64, len(x))
	switch l.Kind {
	case graph.KindConv2d, graph.KindDense:
		w, dw, db := of(l.Params[0], weights), of(l.Params[0], r.Grad), of(l.Params[1], r.Grad)
		for o, v := range g {
			db[o/area(l)] += v
		}
		products(l, func(o, i, k int) {
			dw[k] += g[o] * x[i]
			dx[i] += g[o] * w[k]
		})
	case graph.KindRectify: // what was cut off has no influence
		for i, v := range x {
			if v > 0 {
				dx[i] = g[i]
			}
		}
	case graph.KindMaxPool2D: // nor has what did not win
		for o, i := range r.winners(l, x) {
			dx[i] += g[o]
		}
	case graph.KindSoftMax: // one that is not the last layer
		y := r.forward(l, weights, x)
		dot := 0.0
		for i, v := range y {
			dot += v * g[i]
		}
		for i, v := range y {
			dx[i] = v * (g[i] - dot)
		}
	case graph.KindFlatten:
		copy(dx, g)
	}
	return dx
}

// products calls f for every product that a Conv2d or Dense sums up: result o
// gets input i times weight k.
func products(l graph.NamedLayer, f func(o, i, k int)) {
	if l.Kind == graph.KindDense {
		for k := range l.Units * l.In[0] {
			f(k/l.In[0], k%l.In[0], k)
		}
		return
	}
	c, h, w, side := l.In[0], l.In[1], l.In[2], l.Kernel
	for o := range l.Out.Size() {
		filter, y, x := place(l, o)
		for ci := range c {
			for ky := range side {
				for kx := range side {
					f(o, (ci*h+y+ky)*w+x+kx, ((filter*c+ci)*side+ky)*side+kx)
				}
			}
		}
	}
}

// winners are the inputs that a MaxPool2D lets through, one for each result: the
// first largest of its window, or NaN.
func (r *Result) winners(l graph.NamedLayer, x []float64) []int {
	h, w, side := l.In[1], l.In[2], l.Pool
	winners := make([]int, l.Out.Size())
	for o := range winners {
		c, oy, ox := place(l, o)
		best := (c*h+oy*side)*w + ox*side
		for ky := range side {
			for kx := range side {
				i := (c*h+oy*side+ky)*w + ox*side + kx
				if d := math.Abs(x[i] - x[best]); d != 0 {
					r.Margin = min(r.Margin, d)
				}
				if x[i] > x[best] || math.IsNaN(x[i]) {
					best = i
				}
			}
		}
		winners[o] = best
	}
	return winners
}

// place is the channel, row and column of result o.
func place(l graph.NamedLayer, o int) (c, y, x int) {
	return o / area(l), o / l.Out[2] % l.Out[1], o % l.Out[2]
}

// area is the number of results with the same bias: the pixels of a channel.
func area(l graph.NamedLayer) int { return l.Out[1:].Size() }

// logSumExp is log Σ exp(x), without overflow.
func logSumExp(x []float64) float64 {
	top, sum := slices.Max(x), 0.0
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}

// of is the parameter's part of a vector of all parameters.
func of(p graph.Param, v []float64) []float64 { return v[p.Offset : p.Offset+p.Size] }
