package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"

	"pgregory.net/rapid"
)

// sample is a network with random weights, images and classes.
type sample struct {
	net     *graph.Network
	weights []float32
	x       []float32
	classes []int
	mask    graph.Mask // of a run in mode Training
}

func newSample(t rapid.TB, rng *rand.Rand, s graph.Sequential, n int, in ...int) sample {
	t.Helper()
	net, err := s.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	c := sample{net: net, weights: make([]float32, net.NumParams()), x: make([]float32, n*net.In.Size()), classes: make([]int, n)}
	for _, p := range net.Params {
		scale := 0.3
		if p.FanIn > 0 {
			scale = 1 / math.Sqrt(float64(p.FanIn))
		}
		for i := range p.Of(c.weights) {
			p.Of(c.weights)[i] = float32(rng.NormFloat64() * scale)
		}
	}
	for i := range c.x {
		c.x[i] = float32(rng.NormFloat64())
	}
	scored := s[len(s)-1].Kind == graph.KindSoftMax
	for i := range c.classes {
		if c.classes[i] = -1; scored {
			c.classes[i] = rng.IntN(net.Out().Size()+1) - 1
		}
	}
	c.mask = graph.Mask{Seed: rng.Uint64(), Step: rng.Uint64(), Image: rng.IntN(1000)}
	return c
}

func wide(v []float32) []float64 {
	w := make([]float64, len(v))
	for i := range v {
		w[i] = float64(v[i])
	}
	return w
}

// reference is what float64 loops give.
func (c sample) reference() graphtest.Result {
	return graphtest.Run(c.net, wide(c.weights), wide(c.x), c.classes)
}

// dropping is the same in mode Training.
func (c sample) dropping() graphtest.Result {
	return graphtest.RunDropping(c.net, wide(c.weights), wide(c.x), c.classes, c.mask.Keeps)
}

// dropout is whether the network has a Dropout.
func (c sample) dropout() bool {
	return slices.ContainsFunc(c.net.Layers, func(l graph.NamedLayer) bool { return l.Kind == graph.KindDropout })
}

// dropoutScale is what the Dropouts of the layers multiply a value by that all of
// them keep.
func dropoutScale(layers graph.Sequential) float64 {
	scale := 1.0
	for _, l := range layers {
		scale /= 1 - l.Rate
	}
	return scale
}

// gradRoundings is roundings for a gradient in mode Training that has values up to
// size when each image is of its least likely class. Where a SoftMax gives almost 1,
// the gradient of its logit cancels to almost 0 and keeps the rounding of the 1. A
// parameter's gradient multiplies that as it does the gradient for an unlikely class,
// which is almost 1: so it is off by roundings of size. For a dropoutScale of s the
// logits and their roundings, which are relative errors of probabilities, are s times
// as large. A SoftMax inside the network has this too, where size does not show it: the
// way back from it multiplies by up to s.
func (c sample) gradRoundings(size float64) float64 {
	s := dropoutScale(c.net.Sequential())
	return s * max(s, size) * roundings
}

// unlikely is the sample with the least likely class for each image of r that has one.
func (c sample) unlikely(r graphtest.Result) sample {
	classes, m := slices.Clone(c.classes), c.net.Out().Size()
	for i := range classes {
		if probs := r.Outputs[i*m:][:m]; classes[i] >= 0 {
			classes[i] = slices.Index(probs, slices.Min(probs))
		}
	}
	c.classes = classes
	return c
}

// fill sets the inputs of a machine.
func (c sample) fill(m *graph.Machine) {
	m.Mask = c.mask
	copy(m.X, c.x)
	clear(m.Y)
	for i, class := range c.classes {
		if class >= 0 {
			m.Y[i*c.net.Out().Size()+class] = 1
		}
	}
}

// compile lowers the sample's network.
func (c sample) compile(t rapid.TB, lowering graph.Lowering, mode graph.Mode) (m *graph.Machine, packed []float32) {
	t.Helper()
	packed, err := c.net.Pack(lowering, c.weights)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = c.net.Compile(lowering, len(c.classes), packed, mode); err != nil {
		t.Fatal(err)
	}
	c.fill(m)
	return m, packed
}

// run is one run in mode Training; the gradient comes back in PyTorch's layout.
func (c sample) run(t rapid.TB, lowering graph.Lowering) (graph.Score, []float32) {
	t.Helper()
	m, packed := c.compile(t, lowering, graph.Training)
	grad := make([]float32, len(packed))
	var score graph.Score
	var err error
	for i := range 2 { // the second run must not remember the first
		if score, err = m.Run(grad, false); err != nil {
			t.Fatalf("run %d: %v", i+1, err)
		}
	}
	if grad, err = c.net.Unpack(lowering, grad); err != nil {
		t.Fatal(err)
	}
	return score, grad
}

// roundings is what a sum of terms of size up to about 1 may be off by when they
// cancel: a few float32 roundings (6e-8 each) stay however small the sum.
const roundings = 5e-7

// apart is whether a value of got differs from want by more than tol of the
// largest |want| and some roundings, and the largest difference.
func apart(got []float32, want []float64, tol float64) (bool, float64) {
	return apartBy(got, want, tol, roundings)
}

// apartBy is apart where cancelled terms may leave a given difference.
func apartBy(got []float32, want []float64, tol, roundings float64) (bool, float64) {
	var most, top float64
	for i, w := range want {
		d := math.Abs(float64(got[i]) - w)
		if math.IsNaN(d) {
			return true, d
		}
		most, top = max(most, d), max(top, math.Abs(w))
	}
	return most > tol*top+roundings, most
}

// check holds a lowering against the float64 loops: the results, and what
// else the network has, a score and a gradient.
func (c sample) check(t rapid.TB, lowering graph.Lowering) {
	t.Helper()
	// Some hundred float32 roundings (6e-8 each) accumulate along a path
	// through the small networks of these tests.
	const tol = 2e-5
	want := c.reference()
	m, _ := c.compile(t, lowering, graph.Forward)
	forward, err := m.Run(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := m.Outputs()
	if err != nil {
		t.Fatal(err)
	}
	if far, d := apart(outputs, want.Outputs, tol); far {
		t.Errorf("%s: outputs: off by %.2g\ngot  %v\nwant %v", lowering, d, outputs, want.Outputs)
	}
	if math.Abs(forward.Loss-want.Loss) > tol*(1+want.Loss) {
		t.Errorf("%s: loss: got %.8g, want %.8g", lowering, forward.Loss, want.Loss)
	}
	if forward.Correct != want.Correct {
		t.Errorf("%s: correct: got %d, want %d", lowering, forward.Correct, want.Correct)
	}
	if last := c.net.Layers[len(c.net.Layers)-1]; last.Kind != graph.KindSoftMax || len(c.weights) == 0 {
		return
	}
	score, grad := c.run(t, lowering)
	if !c.dropout() && forward != score {
		t.Errorf("%s: score of mode Forward: got %+v, in mode Training %+v", lowering, forward, score)
	}
	if want = c.dropping(); math.Abs(score.Loss-want.Loss) > tol*(1+want.Loss) {
		t.Errorf("%s: loss in mode Training: got %.8g, want %.8g", lowering, score.Loss, want.Loss)
	}
	unlikely := c.unlikely(want).dropping().Grad
	for _, p := range c.net.Params {
		size := 0.0
		for _, v := range unlikely[p.Offset : p.Offset+p.Size] {
			size = max(size, math.Abs(v))
		}
		if far, d := apartBy(p.Of(grad), want.Grad[p.Offset:p.Offset+p.Size], tol, c.gradRoundings(size)); far {
			t.Errorf("%s: gradient of %s: off by %.2g\ngot  %.6v\nwant %.6v", lowering, p.Name, d,
				p.Of(grad)[:min(8, p.Size)], want.Grad[p.Offset:p.Offset+min(8, p.Size)])
		}
	}
}

// TestMatchesFloat64 holds every lowering against float64 loops, for lists
// that put every layer beside every other.
func TestMatchesFloat64(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	tests := []struct {
		name   string
		n      int
		in     []int
		layers graph.Sequential
	}{
		{"OneLayer, small", 5, []int{1, 9, 9}, graph.Sequential{graph.Conv2d(4, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(7), graph.Rectify, graph.Dense(4), graph.SoftMax}},
		{"TwoLayer, small", 4, []int{1, 13, 13}, graph.Sequential{graph.Conv2d(4, 3), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(7), graph.Rectify, graph.Dense(4), graph.SoftMax}},
		{"convolution alone", 3, []int{2, 5, 6}, graph.Sequential{graph.Conv2d(3, 2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"no hidden layer", 3, []int{6}, graph.Sequential{graph.Dense(3), graph.SoftMax}},
		{"one image", 1, []int{1, 6, 6}, graph.Sequential{graph.Conv2d(2, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"one class", 3, []int{4}, graph.Sequential{graph.Dense(2), graph.Rectify, graph.Dense(1), graph.SoftMax}},
		{"one filter, one unit", 3, []int{1, 4, 4}, graph.Sequential{graph.Conv2d(1, 1), graph.MaxPool2D(2), graph.Flatten, graph.Dense(1), graph.Rectify, graph.Dense(2), graph.SoftMax}},
		{"filter as large as the image", 2, []int{3, 4, 4}, graph.Sequential{graph.Conv2d(5, 4), graph.Rectify, graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"three convolutions", 2, []int{2, 8, 7}, graph.Sequential{graph.Conv2d(3, 3), graph.Conv2d(4, 1), graph.Rectify, graph.Conv2d(2, 3), graph.Flatten, graph.SoftMax}},
		{"pool first", 3, []int{2, 7, 6}, graph.Sequential{graph.MaxPool2D(2), graph.Conv2d(3, 2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"pool of 3, remainder dropped", 2, []int{1, 10, 9}, graph.Sequential{graph.Conv2d(2, 2), graph.MaxPool2D(3), graph.Rectify, graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"pool of 1", 2, []int{1, 4, 4}, graph.Sequential{graph.Conv2d(2, 2), graph.MaxPool2D(1), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"pool wider than the kernels'", 2, []int{2, 40, 37}, graph.Sequential{graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(18), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"two pools", 2, []int{1, 9, 9}, graph.Sequential{graph.Conv2d(2, 2), graph.MaxPool2D(2), graph.MaxPool2D(2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"Rectify twice", 2, []int{5}, graph.Sequential{graph.Dense(6), graph.Rectify, graph.Rectify, graph.Dense(3), graph.SoftMax}},
		{"Rectify after Flatten", 3, []int{1, 5, 5}, graph.Sequential{graph.Conv2d(2, 2), graph.Flatten, graph.Rectify, graph.Dense(3), graph.SoftMax}},
		{"Rectify first", 3, []int{1, 5, 5}, graph.Sequential{graph.Rectify, graph.Conv2d(2, 2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"Rectify, Flatten first", 3, []int{1, 5, 5}, graph.Sequential{graph.Flatten, graph.Rectify, graph.Dense(3), graph.SoftMax}},
		{"Flatten of rows", 3, []int{5}, graph.Sequential{graph.Flatten, graph.Dense(3), graph.Flatten, graph.SoftMax}},
		{"SoftMax inside", 3, []int{5}, graph.Sequential{graph.Dense(4), graph.SoftMax, graph.Dense(3), graph.SoftMax}},
		{"SoftMax, Rectify inside", 3, []int{5}, graph.Sequential{graph.Dense(4), graph.SoftMax, graph.Rectify, graph.Dense(3), graph.SoftMax, graph.SoftMax}},
		{"equal layers", 3, []int{4}, graph.Sequential{graph.Dense(4), graph.Dense(4), graph.Rectify, graph.Dense(4), graph.SoftMax}},
		{"LeNet-5, small", 3, []int{1, 12, 12}, graph.Sequential{graph.Conv2d(3, 5).Pad(2), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(4, 5), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(9), graph.Rectify, graph.Dense(4), graph.SoftMax}},
		{"VGG, small", 3, []int{2, 8, 7}, graph.Sequential{graph.Conv2d(4, 3).Same(), graph.Rectify, graph.Conv2d(4, 3).Same(), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(5, 3).Same(), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(9), graph.Rectify, graph.Dense(4), graph.SoftMax}},
		{"strided", 3, []int{1, 9, 8}, graph.Sequential{graph.Conv2d(4, 3).Pad(1).Stride(2), graph.Rectify, graph.Conv2d(4, 3).Pad(1).Stride(2), graph.Rectify, graph.Flatten, graph.Dense(4), graph.SoftMax}},
		{"Same of an even filter", 2, []int{2, 5, 6}, graph.Sequential{graph.Conv2d(3, 2).Same(), graph.Conv2d(3, 4).Same().Stride(3), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"filter larger than the image", 2, []int{2, 3, 2}, graph.Sequential{graph.Conv2d(3, 5).Pad(2), graph.Conv2d(2, 7).Same(), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"padding wider than the filter", 2, []int{1, 3, 4}, graph.Sequential{graph.Conv2d(3, 1).Pad(2), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"stride wider than the filter", 2, []int{2, 9, 8}, graph.Sequential{graph.Conv2d(3, 2).Stride(3), graph.MaxPool2D(1).Stride(2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"pools that overlap", 2, []int{2, 9, 8}, graph.Sequential{graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(3).Stride(2), graph.MaxPool2D(3).Pad(1).Stride(1), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"Same of a pool", 2, []int{2, 9, 8}, graph.Sequential{graph.Conv2d(3, 1), graph.MaxPool2D(3).Same().Stride(2), graph.MaxPool2D(2).Same(), graph.MaxPool2D(4).Same().Stride(1), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"Same of a pool wider than the kernels'", 2, []int{2, 9, 8}, graph.Sequential{graph.Conv2d(3, 2), graph.MaxPool2D(17).Same().Stride(4), graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"Dropout", 3, []int{2, 6, 5}, graph.Sequential{graph.Conv2d(4, 2), graph.Rectify, graph.Dropout(0.25), graph.Conv2d(3, 2), graph.Dropout(0.5), graph.Flatten, graph.Dropout(0.1), graph.Dense(9), graph.Rectify, graph.Dropout(0.5), graph.Dense(4), graph.SoftMax}},
		{"Dropout first and last", 3, []int{2, 3, 4}, graph.Sequential{graph.Dropout(0.2), graph.Flatten, graph.Dense(4), graph.Dropout(0.5), graph.SoftMax}},
		{"Dropout of nothing", 3, []int{5}, graph.Sequential{graph.Dropout(0), graph.Dense(4), graph.Dropout(0), graph.SoftMax}},
		{"Dropout of images and SoftMax", 3, []int{2, 3, 4}, graph.Sequential{graph.Conv2d(3, 2), graph.Flatten, graph.Dropout(0.5), graph.SoftMax, graph.Dropout(0.3), graph.Dense(3), graph.SoftMax}},
		{"equal convolutions", 2, []int{2, 5, 5}, graph.Sequential{graph.Conv2d(2, 2), graph.Rectify, graph.Conv2d(2, 2), graph.Rectify, graph.Flatten, graph.Dense(3), graph.SoftMax}},
		{"Dropouts before SoftMax", 4, []int{9}, graph.Sequential{graph.Rectify, graph.Dense(33), graph.Dense(62), graph.Dropout(0.9), graph.Dropout(0.5), graph.SoftMax, graph.Dense(2), graph.SoftMax}},
	}
	atEveryLevel(t, func(t *testing.T) {
		for _, test := range tests {
			for _, lowering := range graph.Lowerings() {
				t.Run(fmt.Sprint(test.name, " ", lowering), func(t *testing.T) {
					newSample(t, rng, test.layers, test.n, test.in...).check(t, lowering)
				})
			}
		}
	})
}
