package onnx

import (
	"math"
	"slices"

	"tapenet/graph"
)

// array is a tensor of float64.
type array struct {
	shape graph.Shape
	v     []float64 // row-major
}

func newArray(shape ...int) array {
	return array{shape, make([]float64, graph.Shape(shape).Size())}
}

// run executes the nodes of a model by docs/Operators.md, in float64, and returns
// the output. An attribute that a node lacks, one that it has too many, a tensor
// that is not there yet and shapes that do not fit end the test.
func (f file) run(t fail, input array) array {
	t.Helper()
	at := map[string]array{f.inputs[0].name: input}
	for _, p := range f.parameters {
		a := array{p.shape, make([]float64, len(p.values))}
		for i, v := range p.values {
			a.v[i] = float64(v)
		}
		at[p.name] = a
	}
	for _, n := range f.nodes {
		var in []array
		for _, name := range n.inputs {
			a, ok := at[name]
			if !ok {
				t.Fatalf("%s: no tensor %s", n.name, name)
			}
			in = append(in, a)
		}
		if _, twice := at[n.outputs[0]]; twice || len(n.outputs) != 1 {
			t.Fatalf("%s: got outputs %v, want a new one", n.name, n.outputs)
		}
		at[n.outputs[0]] = n.run(t, in)
	}
	return at[f.outputs[0].name]
}

func (n node) run(t fail, in []array) array {
	t.Helper()
	used := 0
	get := func(name string) any {
		a, ok := n.attributes[name]
		if !ok {
			t.Fatalf("%s: no attribute %s", n.name, name)
		}
		used++
		return a
	}
	list := func(name string) []int { return get(name).([]int) }
	number := func(name string) int { return get(name).(int) }
	x := in[0]
	var y array
	switch n.op {
	case "Conv":
		y = conv(t, x, in[1], in[2], number("group"), window{list("kernel_shape"), list("strides"), list("pads"), list("dilations")})
	case "MaxPool":
		number("storage_order") // of indices, which are no output here
		if number("ceil_mode") != 0 {
			t.Fatalf("%s: ceil_mode is not 0", n.name)
		}
		y = maxPool(x, window{list("kernel_shape"), list("strides"), list("pads"), []int{1, 1}})
	case "Relu":
		y = newArray(x.shape...)
		for i, v := range x.v {
			y.v[i] = max(v, 0)
		}
	case "Identity":
		y = x
	case "Flatten":
		axis := number("axis")
		y = array{graph.Shape{x.shape[:axis].Size(), x.shape[axis:].Size()}, x.v}
	case "Gemm":
		y = gemm(t, x, in[1], in[2], get("alpha").(float64), get("beta").(float64), number("transA") != 0, number("transB") != 0)
	case "Softmax":
		y = softmax(x, number("axis"))
	default:
		t.Fatalf("%s: unknown operator %s", n.name, n.op)
	}
	if used != len(n.attributes) {
		t.Fatalf("%s: attributes %v, of which %d are known", n.name, n.attributes, used)
	}
	return y
}

// window is what Conv and MaxPool slide over the two axes of an image. Pads are
// the rows and columns before it, then those after it.
type window struct{ kernel, strides, pads, dilations []int }

// slide calls f for every result (y, x) of one channel of the input and every
// place (ky, kx) of the window that is at a pixel (iy, ix) of it.
func (w window) slide(h, width int, f func(y, x, ky, kx, iy, ix int)) {
	out := w.out(h, width)
	for y := range out[0] {
		for x := range out[1] {
			for ky := range w.kernel[0] {
				for kx := range w.kernel[1] {
					iy := y*w.strides[0] + ky*w.dilations[0] - w.pads[0]
					ix := x*w.strides[1] + kx*w.dilations[1] - w.pads[1]
					if iy >= 0 && iy < h && ix >= 0 && ix < width {
						f(y, x, ky, kx, iy, ix)
					}
				}
			}
		}
	}
}

// out is the rows and columns of the result.
func (w window) out(in ...int) []int {
	out := make([]int, 2)
	for i := range out {
		out[i] = (in[i]+w.pads[i]+w.pads[i+2]-w.dilations[i]*(w.kernel[i]-1)-1)/w.strides[i] + 1
	}
	return out
}

// conv computes x (N, C, H, W), weight (F, C/group, KH, KW), bias (F).
func conv(t fail, x, weight, bias array, group int, win window) array {
	t.Helper()
	n, c, h, w := x.shape[0], x.shape[1], x.shape[2], x.shape[3]
	filters, per := weight.shape[0], weight.shape[1]
	if c != per*group || !slices.Equal(weight.shape[2:], win.kernel) || !slices.Equal(bias.shape, graph.Shape{filters}) {
		t.Fatalf("Conv: x %v, weight %v, bias %v, group %d, kernel_shape %v", x.shape, weight.shape, bias.shape, group, win.kernel)
	}
	out := win.out(h, w)
	result := newArray(n, filters, out[0], out[1])
	for i := range result.v {
		result.v[i] = bias.v[i/(out[0]*out[1])%filters]
	}
	for ni := range n {
		for fi := range filters {
			for ci := range per {
				channel := fi/(filters/group)*per + ci
				win.slide(h, w, func(y, x2, ky, kx, iy, ix int) {
					result.v[((ni*filters+fi)*out[0]+y)*out[1]+x2] += x.v[((ni*c+channel)*h+iy)*w+ix] *
						weight.v[((fi*per+ci)*win.kernel[0]+ky)*win.kernel[1]+kx]
				})
			}
		}
	}
	return result
}

// maxPool computes x (N, C, H, W).
func maxPool(x array, win window) array {
	n, c, h, w := x.shape[0], x.shape[1], x.shape[2], x.shape[3]
	out := win.out(h, w)
	result := newArray(n, c, out[0], out[1])
	for i := range result.v {
		result.v[i] = math.Inf(-1)
	}
	for plane := range n * c {
		win.slide(h, w, func(y, x2, _, _, iy, ix int) {
			r := &result.v[(plane*out[0]+y)*out[1]+x2]
			*r = max(*r, x.v[(plane*h+iy)*w+ix])
		})
	}
	return result
}

// gemm computes alpha A' B' + beta C, C (M) for every row.
func gemm(t fail, a, b, c array, alpha, beta float64, transA, transB bool) array {
	t.Helper()
	element := func(a array, transposed bool) (rows, columns int, at func(i, j int) float64) {
		if transposed {
			return a.shape[1], a.shape[0], func(i, j int) float64 { return a.v[j*a.shape[1]+i] }
		}
		return a.shape[0], a.shape[1], func(i, j int) float64 { return a.v[i*a.shape[1]+j] }
	}
	n, d, at := element(a, transA)
	d2, m, bt := element(b, transB)
	if d != d2 || !slices.Equal(c.shape, graph.Shape{m}) {
		t.Fatalf("Gemm: %d columns, %d rows, %d columns, C %v", d, d2, m, c.shape)
	}
	y := newArray(n, m)
	for i := range n {
		for j := range m {
			sum := 0.0
			for k := range d {
				sum += at(i, k) * bt(k, j)
			}
			y.v[i*m+j] = alpha*sum + beta*c.v[j]
		}
	}
	return y
}

// softmax computes x along one axis.
func softmax(x array, axis int) array {
	y := newArray(x.shape...)
	inner, length := x.shape[axis+1:].Size(), x.shape[axis]
	for start := range x.v {
		if start/inner%length != 0 { // not the first of its axis
			continue
		}
		top, sum := math.Inf(-1), 0.0
		for k := range length {
			top = max(top, x.v[start+k*inner])
		}
		for k := range length {
			y.v[start+k*inner] = math.Exp(x.v[start+k*inner] - top)
			sum += y.v[start+k*inner]
		}
		for k := range length {
			y.v[start+k*inner] /= sum
		}
	}
	return y
}
