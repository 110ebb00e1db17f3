package live

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist/scan"
	"tapenet/train"
)

// seven is a digit as a pen draws it, and as a question has it.
var seven = [][]scan.Point{{{X: 0.3, Y: 0.2}, {X: 0.7, Y: 0.22}, {X: 0.45, Y: 0.8}}, {{X: 0.4, Y: 0.5}, {X: 0.65, Y: 0.5}}}

const sevenStrokes = `"strokes":[[0.3,0.2,0.7,0.22,0.45,0.8],[0.4,0.5,0.65,0.5]]`

// lists are networks of every form: the pretrained ones, and edited lists.
var lists = []string{
	"onelayer", "twolayer",
	"list:1:Conv2d(3, 5), Rectify, Flatten, Dense(37), Rectify, Dense(10), SoftMax",
	"list:2:Flatten, Dense(10), SoftMax",
	"list:3:Conv2d(2, 3), MaxPool2D(3), Rectify, Conv2d(4, 2), MaxPool2D(2), Flatten, Dense(5)",
	"list:4:Flatten, SoftMax, Dense(12), Rectify, Dense(11), SoftMax",
	"list:5:MaxPool2D(5), Rectify",
	"list:6:Flatten, SoftMax",
}

// image is a drawing as a network sees it.
func image(t testing.TB, lines [][]scan.Point) []float32 {
	t.Helper()
	pixels, _, err := scan.Strokes(lines)
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, len(pixels))
	for i, p := range pixels {
		x[i] = float32(p) / 255
	}
	return x
}

// opened is a network with its last weights.
func opened(t testing.TB, l *Live, key string) (*networks.Network, []float32) {
	t.Helper()
	n, err := l.nets.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := epochOf(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	values, err := n.After(epoch)
	if err != nil {
		t.Fatal(err)
	}
	return n, values
}

// near fails the test if got is not want, to the digits that float32 sums leave.
func near(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %d values, want %d", what, len(got), len(want))
	}
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(w))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w) <= 1e-5*max(largest, 1e-3)) {
			t.Fatalf("%s: value %d: got %v, want %v", what, i, got[i], w)
		}
	}
}

// TestValues: the results of all layers are those of float64 loops, the winners those
// of a loop over each window, and the header says where the page is.
func TestValues(t *testing.T) {
	l, h := server(t)
	x := image(t, seven)
	for _, key := range lists {
		n, values := opened(t, l, key)
		d := describe(t, h, key)
		r := look(t, h, d, fmt.Sprintf(`{"net":%q,"seq":12,%s}`, key, sevenStrokes))
		_, page, err := scan.Strokes(seven)
		if err != nil {
			t.Fatal(err)
		}
		if r.seq != 12 || r.flags != 0 || r.label != -1 || (scan.Place{Scale: float64(r.scale), DX: float64(r.dx), DY: float64(r.dy)} != scan.Place{Scale: float64(float32(page.Scale)), DX: float64(float32(page.DX)), DY: float64(float32(page.DY))}) {
			t.Errorf("%s: got header %+v, want page %v", key, r, page)
		}
		if got := find(t, d.Values, r.values, "x"); !slices.Equal(got, x) {
			t.Errorf("%s: got another image", key)
		}
		for i, layer := range n.Layers {
			prefix, err := n.Sequential()[:i+1].Build(n.In...)
			if err != nil {
				t.Fatal(err)
			}
			near(t, key+" "+layer.Name, find(t, d.Values, r.values, layer.Name), graphtest.Outputs(prefix, values[:prefix.NumParams()], x))
			if layer.Kind == graph.KindMaxPool2D {
				before := "x"
				if i > 0 {
					before = n.Layers[i-1].Name
				}
				sameWinners(t, layer, find(t, d.Values, r.values, before), find(t, d.Winners, r.values, layer.Name))
			}
		}
		// The reference's own rounding is the only difference of two float32 sums.
		if !(r.difference >= 0 && r.difference < 1e-4) {
			t.Errorf("%s: the lowerings differ by %v", key, r.difference)
		}
	}
}

// sameWinners holds winners against plain loops over the input x of the layer.
func sameWinners(t *testing.T, l graph.NamedLayer, x, winners []float32) {
	t.Helper()
	rows, cols := l.In[1], l.In[2]
	for o, got := range winners {
		c, oy, ox := o/(l.Out[1]*l.Out[2]), o/l.Out[2]%l.Out[1], o%l.Out[2]
		best, want := float32(math.Inf(-1)), 0
		for y := oy * l.Pool; y < (oy+1)*l.Pool; y++ {
			for col := ox * l.Pool; col < (ox+1)*l.Pool; col++ {
				if v := x[(c*rows+y)*cols+col]; v > best {
					best, want = v, y*cols+col
				}
			}
		}
		if int(got) != want {
			t.Fatalf("%s: winner %d: got %v, want %d", l.Name, o, got, want)
		}
	}
}

// TestPages: an empty page, with or without strokes, and a test image.
func TestPages(t *testing.T) {
	l, h := server(t)
	d := describe(t, h, "twolayer")
	for _, empty := range []string{``, `,"strokes":[]`, `,"strokes":[[],[]]`} {
		r := look(t, h, d, `{"net":"twolayer"`+empty+`}`)
		if x := find(t, d.Values, r.values, "x"); !slices.Equal(x, make([]float32, 784)) || r.label != -1 || r.scale != 28 || r.dx != 0 || r.dy != 0 {
			t.Errorf("%q: got image %v, label %d, scale %v", empty, x, r.label, r.scale)
		}
	}
	r := look(t, h, d, `{"net":"twolayer","example":8}`)
	for i, got := range find(t, d.Values, r.values, "x") {
		if want := float32(l.test.Pixels[8*784+i]) / 255; got != want {
			t.Fatalf("pixel %d: got %v, want %v", i, got, want)
		}
	}
	if r.label != int32(l.test.Labels[8]) || r.scale != 28 || r.dx != 0 || r.dy != 0 {
		t.Errorf("got label %d, page at %v %v %v", r.label, r.scale, r.dx, r.dy)
	}
}

// TestGradients: the gradients of one class's score and of the difference of two are
// the probe's; those by the parameters are those of float64 loops.
func TestGradients(t *testing.T) {
	l, h := server(t)
	x := image(t, seven)
	for _, key := range lists {
		n, values := opened(t, l, key)
		d := describe(t, h, key)
		p, err := n.Probe(values)
		if err != nil {
			t.Fatal(err)
		}
		copy(p.X, x)
		for explain, classes := range map[string][]int{"[4]": {4, -1}, "[4,1]": {4, 1}} {
			r := look(t, h, d, fmt.Sprintf(`{"net":%q,%s,"explain":%s,"heavy":true}`, key, sevenStrokes, explain))
			selector := make([]float32, n.Out().Size())
			selector[classes[0]] = 1
			if classes[1] >= 0 {
				selector[classes[1]] = -1
			}
			if err := p.Run(selector); err != nil {
				t.Fatal(err)
			}
			if r.flags != 3 || len(d.Grads)+len(d.Heavy) != 1+len(n.Layers)+len(n.Params)-softMaxes(n.Network) {
				t.Fatalf("%s: got flags %d, gradients of %v and %v", key, r.flags, d.Grads, d.Heavy)
			}
			for _, g := range d.Grads {
				if got := find(t, d.Grads, r.grads, g.Name); !slices.Equal(got, p.Gradient(g.Name)) {
					t.Errorf("%s %s: ∂ %s is not the probe's", key, explain, g.Name)
				}
			}
			for _, g := range d.Heavy {
				if got := find(t, d.Heavy, r.heavy, g.Name); !slices.Equal(got, p.Gradient(g.Name)) || g.Size <= 20000 {
					t.Errorf("%s %s: ∂ %s is not the probe's", key, explain, g.Name)
				}
			}
			want := scoreGradient(t, n.Network, values, x, classes)
			for _, param := range n.Params {
				list, block := d.Grads, r.grads
				if param.Size > 20000 {
					list, block = d.Heavy, r.heavy
				}
				near(t, key+" "+explain+" ∂ "+param.Name, find(t, list, block, param.Name), want[param.Offset:param.Offset+param.Size])
			}
		}
	}
}

// softMaxes is 1 if the network ends with SoftMax: there is no gradient by its result.
func softMaxes(net *graph.Network) int {
	if net.Layers[len(net.Layers)-1].Kind == graph.KindSoftMax {
		return 1
	}
	return 0
}

// scoreGradient is the gradient, by all parameters, of the logit of the first class,
// less that of the second unless it is -1, in float64.
//
// The reference has gradients of losses, log Σ exp(logits) - logit. The difference of
// two of them is that of two logits. For one alone, a Dense after the logits copies
// them and adds one that is always 0.
func scoreGradient(t *testing.T, net *graph.Network, values, x []float32, classes []int) []float64 {
	t.Helper()
	logits := net.Sequential()
	logits = logits[:len(logits)-softMaxes(net)]
	m := net.Out().Size()
	if len(net.Out()) == 3 {
		logits = append(logits, graph.Flatten)
	}
	wide, err := append(logits, graph.Dense(m+1), graph.SoftMax).Build(net.In...)
	if err != nil {
		t.Fatal(err)
	}
	weights := make([]float64, wide.NumParams())
	for i, v := range values {
		weights[i] = float64(v)
	}
	for i := range m {
		weights[len(values)+i*m+i] = 1
	}
	pixels := make([]float64, len(x))
	for i, v := range x {
		pixels[i] = float64(v)
	}
	second := classes[1]
	if second < 0 {
		second = m
	}
	first := graphtest.Run(wide, weights, pixels, []int{classes[0]}).Grad
	grad := graphtest.Run(wide, weights, pixels, []int{second}).Grad
	for i := range grad {
		grad[i] -= first[i]
	}
	return grad[:len(values)]
}

// TestTape: an instruction that has run says how long and between what its result
// lies, one that has not says NaN.
func TestTape(t *testing.T) {
	_, h := server(t)
	for _, key := range lists {
		d := describe(t, h, key)
		for _, explain := range []bool{false, true} {
			body := fmt.Sprintf(`{"net":%q,%s`, key, sevenStrokes)
			if explain {
				body += `,"explain":[4]`
			}
			r := look(t, h, d, body+`}`)
			completed := 0
			for i, instruction := range d.Tape {
				micros, least, most := r.tape[3*i], r.tape[3*i+1], r.tape[3*i+2]
				if ran := !instruction.Grad || explain; !ran {
					if micros == micros || least == least || most == most {
						t.Errorf("%s: instruction %d did not run, got %v µs, %v to %v", key, i, micros, least, most)
					}
					continue
				}
				if !(micros >= 0 && micros < 1e7 && least <= most) {
					t.Errorf("%s: instruction %d: got %v µs, %v to %v", key, i, micros, least, most)
				}
				list, block := d.Values, r.values
				if instruction.Grad {
					list, block = d.Grads, r.grads
				}
				if instruction.Value == "" || !slices.ContainsFunc(list, func(p tensor) bool { return p.Name == instruction.Value }) {
					continue
				}
				completed++
				if v := find(t, list, block, instruction.Value); least != slices.Min(v) || most != slices.Max(v) {
					t.Errorf("%s: instruction %d, %s: got %v to %v, want %v to %v", key, i, instruction.Value, least, most, slices.Min(v), slices.Max(v))
				}
			}
			if want := len(d.Values) - 1; completed < want {
				t.Errorf("%s: the tape completes %d values, want %d", key, completed, want)
			}
		}
	}
}

// TestNode: the values of any node that has run.
func TestNode(t *testing.T) {
	l, h := server(t)
	const key = "twolayer"
	n, values := opened(t, l, key)
	d := describe(t, h, key)
	p, err := n.Probe(values)
	if err != nil {
		t.Fatal(err)
	}
	copy(p.X, image(t, seven))
	for explain, selector := range map[string][]float32{``: nil, `,"explain":[3]`: {0, 0, 0, 1, 0, 0, 0, 0, 0, 0}} {
		if err := p.Run(selector); err != nil {
			t.Fatal(err)
		}
		for id := range p.Nodes() {
			want := p.Value(id)
			r := look(t, h, d, fmt.Sprintf(`{"net":%q,%s,"node":%d%s}`, key, sevenStrokes, id, explain))
			if has := r.flags&4 != 0; has != (want != nil) || !slices.Equal(r.node, want) {
				t.Errorf("node %d%s: got %d values, want %d", id, explain, len(r.node), len(want))
			}
		}
	}
}

// TestStep: the weights after steps on an image are, to the bit, those of a training
// on it alone with the same ops. The next look has the weights of before again.
func TestStep(t *testing.T) {
	l, h := server(t)
	for _, key := range []string{"twolayer", "list:1:Conv2d(3, 5), Rectify, Flatten, Dense(37), Rectify, Dense(10), SoftMax"} {
		n, values := opened(t, l, key)
		d := describe(t, h, key)
		before := look(t, h, d, fmt.Sprintf(`{"net":%q,"example":5}`, key))
		for _, times := range []int{1, 7} {
			trainer, err := train.New(n.Network, values, train.Config{Batch: 1, Epochs: times, Lowering: graph.Gorgonia})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := trainer.Fit(t.Context(), train.Data{Pixels: l.test.Pixels[5*784 : 6*784], Labels: []uint8{4}}, train.Data{}); err != nil {
				t.Fatal(err)
			}
			want, err := trainer.Weights()
			if err != nil {
				t.Fatal(err)
			}
			r := look(t, h, d, fmt.Sprintf(`{"net":%q,"example":5,"explain":[4],"step":{"as":4,"times":%d}}`, key, times))
			different, most := 0, 0.0
			for i, w := range want {
				if w != r.weights[i] {
					different++
					most = max(most, math.Abs(float64(w)-float64(r.weights[i])))
				}
			}
			if r.flags != 9 || different > 0 {
				t.Errorf("%s: %d steps: flags %d, %d of %d weights differ, by up to %v", key, times, r.flags, different, len(want), most)
			}
			if probability := find(t, d.Values, r.values, n.Layers[len(n.Layers)-1].Name)[4]; probability <= find(t, d.Values, before.values, n.Layers[len(n.Layers)-1].Name)[4] {
				t.Errorf("%s: after %d steps as a 4 it is one with probability %v", key, times, probability)
			}
			if after := look(t, h, d, fmt.Sprintf(`{"net":%q,"example":5}`, key)); !slices.Equal(after.values, before.values) || after.difference != before.difference {
				t.Errorf("%s: the steps changed the next look", key)
			}
		}
	}
}
