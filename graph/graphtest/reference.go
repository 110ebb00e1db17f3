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

	keeps func(l graph.NamedLayer, j int) bool // whether Dropout l keeps value j of the image
}

// Run computes forward and backward for images x (N, ...) of the given classes
// (N); a class of -1 leaves its image out of Loss, Correct and Grad. A network
// without SoftMax at the end has only Outputs. Dropout does nothing.
func Run(net *graph.Network, weights, x []float64, classes []int) Result {
	return RunDropping(net, weights, x, classes, nil)
}

// RunDropping is Run for a training: Dropout l keeps value j of an image if keeps
// says so. A nil keeps is Run.
func RunDropping(net *graph.Network, weights, x []float64, classes []int, keeps func(l graph.NamedLayer, image, j int) bool) Result {
	r := Result{Grad: make([]float64, net.NumParams()), Margin: math.Inf(1)}
	d := net.In.Size()
	for i, class := range classes {
		if keeps != nil {
			r.keeps = func(l graph.NamedLayer, j int) bool { return keeps(l, i, j) }
		}
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
		products(l, func(o, i, k int) { y[o] += at(x, i) * w[k] })
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
	case graph.KindDropout:
		copy(y, x)
		r.drop(l, y)
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
			dw[k] += g[o] * at(x, i)
			if i != padding {
				dx[i] += g[o] * w[k]
			}
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
	case graph.KindDropout:
		copy(dx, g)
		r.drop(l, dx)
	case graph.KindFlatten:
		copy(dx, g)
	}
	return dx
}

// drop sets the values that Dropout l drops to 0, and makes up for them in the others.
func (r *Result) drop(l graph.NamedLayer, v []float64) {
	if r.keeps == nil {
		return
	}
	for j := range v {
		if v[j] /= 1 - l.Rate; !r.keeps(l, j) {
			v[j] = 0
		}
	}
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
	for o := range l.Out.Size() {
		filter, _, _ := place(l, o)
		for c := range l.In[0] {
			pixels(l, o, c, func(i, k int) { f(o, i, (filter*l.In[0]+c)*l.Kernel*l.Kernel+k) })
		}
	}
}

// winners are the inputs that a MaxPool2D lets through, one for each result: the
// first largest of its window, or NaN.
func (r *Result) winners(l graph.NamedLayer, x []float64) []int {
	winners := make([]int, l.Out.Size())
	for o := range winners {
		c, _, _ := place(l, o)
		best := padding // until there is a pixel
		pixels(l, o, c, func(i, _ int) {
			if i == padding {
				return
			}
			if best == padding {
				best = i
			}
			if d := math.Abs(x[i] - x[best]); d != 0 {
				r.Margin = min(r.Margin, d)
			}
			if x[i] > x[best] || math.IsNaN(x[i]) {
				best = i
			}
		})
		winners[o] = best
	}
	return winners
}

// padding stands for the place of an input that is beside the image.
const padding = -1

// at is input i; a Conv2d reads 0 beside the image.
func at(x []float64, i int) float64 {
	if i == padding {
		return 0
	}
	return x[i]
}

// pixels calls f for every place k in the window of result o, in row order, and
// the input i of channel c that is there.
func pixels(l graph.NamedLayer, o, c int, f func(i, k int)) {
	w := l.Window()
	_, y, x := place(l, o)
	for ky := range w.Side {
		for kx := range w.Side {
			i := padding
			row, col := y*w.Stride-w.Top+ky, x*w.Stride-w.Left+kx
			if row >= 0 && row < l.In[1] && col >= 0 && col < l.In[2] {
				i = (c*l.In[1]+row)*l.In[2] + col
			}
			f(i, ky*w.Side+kx)
		}
	}
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
