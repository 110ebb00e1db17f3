// Package graphtest computes what a network must give, in plain float64 loops
// that share no code with the lowerings. It is for tests.
package graphtest

import (
	"math"

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
	inputs := make([][]float64, len(net.Layers))
	winners := make([][]int, len(net.Layers))
	for i, l := range net.Layers {
		inputs[i] = x
		x, winners[i] = r.forward(l, weights, x)
	}
	r.Outputs = append(r.Outputs, x...)
	last := len(net.Layers) - 1
	if class < 0 || net.Layers[last].Kind != graph.KindSoftMax {
		return
	}
	// The loss comes from the logits, not from a probability that may be 0.
	logits := inputs[last]
	r.Loss += logSumExp(logits) - logits[class]
	best := 0
	g := make([]float64, len(x))
	for j, p := range x {
		if p > x[best] {
			best = j
		}
		g[j] = p
	}
	g[class]--
	if best == class {
		r.Correct++
	}
	for i := last - 1; i >= 0; i-- {
		g = r.backward(net.Layers[i], weights, inputs[i], g, winners[i])
	}
}

func logSumExp(x []float64) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, v)
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum)
}

func (r *Result) forward(l graph.NamedLayer, weights, x []float64) (y []float64, winners []int) {
	y = make([]float64, l.Out.Size())
	switch l.Kind {
	case graph.KindConv2d:
		w, b := of(l.Params[0], weights), of(l.Params[1], weights)
		taps(l, func(o, i, k int) { y[o] += x[i] * w[k] })
		area := l.Out[1] * l.Out[2]
		for o := range y {
			y[o] += b[o/area]
		}
	case graph.KindDense:
		w, b := of(l.Params[0], weights), of(l.Params[1], weights)
		for o := range y {
			y[o] = b[o]
			for i, v := range x {
				y[o] += v * w[o*len(x)+i]
			}
		}
	case graph.KindRectify:
		for i, v := range x {
			y[i] = max(v, 0)
			if v != 0 {
				r.Margin = min(r.Margin, math.Abs(v))
			}
		}
	case graph.KindMaxPool2D:
		winners = make([]int, len(y))
		h, w, p := l.In[1], l.In[2], l.Pool
		for o := range y {
			c, oy, ox := o/(l.Out[1]*l.Out[2]), o/l.Out[2]%l.Out[1], o%l.Out[2]
			best := c*h*w + oy*p*w + ox*p
			for ky := range p {
				for kx := range p {
					i := c*h*w + (oy*p+ky)*w + ox*p + kx
					if d := math.Abs(x[i] - x[best]); d != 0 {
						r.Margin = min(r.Margin, d)
					}
					if x[i] > x[best] || math.IsNaN(x[i]) {
						best = i
					}
				}
			}
			y[o], winners[o] = x[best], best
		}
	case graph.KindSoftMax:
		sum := logSumExp(x)
		for i, v := range x {
			y[i] = math.Exp(v - sum)
		}
	default:
		copy(y, x)
	}
	return y, winners
}

// backward adds the gradients of l's parameters and returns that of its input.
func (r *Result) backward(l graph.NamedLayer, weights, x, g []float64, winners []int) []float64 {
	dx := make([]float64, len(x))
	switch l.Kind {
	case graph.KindConv2d:
		w := of(l.Params[0], weights)
		dw, db := of(l.Params[0], r.Grad), of(l.Params[1], r.Grad)
		taps(l, func(o, i, k int) {
			dw[k] += g[o] * x[i]
			dx[i] += g[o] * w[k]
		})
		area := l.Out[1] * l.Out[2]
		for o, v := range g {
			db[o/area] += v
		}
	case graph.KindDense:
		w := of(l.Params[0], weights)
		dw, db := of(l.Params[0], r.Grad), of(l.Params[1], r.Grad)
		for o, v := range g {
			db[o] += v
			for i := range x {
				dw[o*len(x)+i] += v * x[i]
				dx[i] += v * w[o*len(x)+i]
			}
		}
	case graph.KindRectify:
		for i, v := range x {
			if v > 0 {
				dx[i] = g[i]
			}
		}
	case graph.KindMaxPool2D:
		for o, i := range winners {
			dx[i] += g[o]
		}
	case graph.KindSoftMax:
		y, _ := r.forward(l, weights, x)
		dot := 0.0
		for i, v := range y {
			dot += v * g[i]
		}
		for i, v := range y {
			dx[i] = v * (g[i] - dot)
		}
	default:
		copy(dx, g)
	}
	return dx
}

// taps calls f for every product of a convolution: output o, input i and
// weight k.
func taps(l graph.NamedLayer, f func(o, i, k int)) {
	c, h, w := l.In[0], l.In[1], l.In[2]
	side := l.Kernel
	for o := range l.Out.Size() {
		n, oy, ox := o/(l.Out[1]*l.Out[2]), o/l.Out[2]%l.Out[1], o%l.Out[2]
		for ci := range c {
			for ky := range side {
				for kx := range side {
					f(o, ci*h*w+(oy+ky)*w+ox+kx, ((n*c+ci)*side+ky)*side+kx)
				}
			}
		}
	}
}

func of(p graph.Param, v []float64) []float64 { return v[p.Offset : p.Offset+p.Size] }
