package train_test

import (
	"math"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/train"
)

// TestLists trains networks with padding, strides and Dropout on some of MNIST, and
// then holds each lowering against float64 loops with the trained weights: the
// probabilities, and every gradient of a step that drops.
func TestLists(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	learn, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	part := func(s mnist.Set, n int) train.Data {
		return train.Data{Pixels: s.Pixels[:n*784], Labels: s.Labels[:n]}
	}
	for _, list := range graphtest.Lists()[:3] {
		t.Run(list.Name, func(t *testing.T) {
			tr := newTrainer(t, list.Layers, 28, train.Config{Batch: 50, Epochs: 3, LearningRate: 0.003, Seed: 1})
			h := fit(t, tr, part(learn, 600), part(test, 200))
			t.Log(h[2])
			if accuracy := h[2].Val.Accuracy(); accuracy < 0.6 { // by chance it is 0.1
				t.Errorf("got an accuracy of %v, want at least 0.6", accuracy)
			}
			net, err := list.Layers.Build(list.In...)
			if err != nil {
				t.Fatal(err)
			}
			compareWithFloat64(t, net, weightsOf(t, tr), part(test, 2))
		})
	}
}

// compareWithFloat64 is an error if results or gradients of the images are not those
// of float64 loops, in any lowering.
func compareWithFloat64(t *testing.T, net *graph.Network, weights []float32, d train.Data) {
	t.Helper()
	n := len(d.Labels)
	x, classes, y := make([]float32, len(d.Pixels)), make([]int, n), make([]float32, n*net.Out().Size())
	graph.ScaleBytes(x, d.Pixels)
	for i, l := range d.Labels {
		classes[i] = int(l)
		y[i*net.Out().Size()+int(l)] = 1
	}
	mask := graph.Mask{Seed: 5, Step: 6, Image: 7}
	evaluated := graphtest.Outputs(net, weights, x)
	trained := graphtest.RunDropping(net, float64s(weights), float64s(x), classes, mask.Keeps)
	for _, lowering := range graph.Lowerings() {
		packed, err := net.Pack(lowering, weights)
		if err != nil {
			t.Fatal(err)
		}
		grad := make([]float32, len(packed))
		for mode, want := range map[graph.Mode][]float64{graph.Forward: evaluated, graph.Training: trained.Outputs} {
			m, err := net.Compile(lowering, n, packed, mode)
			if err != nil {
				t.Fatal(err)
			}
			copy(m.X, x)
			copy(m.Y, y)
			m.Mask = mask
			if _, err := m.Run(grad, false); err != nil {
				t.Fatal(err)
			}
			out, err := m.Outputs()
			if err != nil {
				t.Fatal(err)
			}
			if far := distance(out, want); far > 1e-5 {
				t.Errorf("%s, mode %d: results are off by %.2g of their length", lowering, mode, far)
			}
		}
		if grad, err = net.Unpack(lowering, grad); err != nil {
			t.Fatal(err)
		}
		for _, p := range net.Params {
			// A value so near a kink of Rectify or MaxPool2D that float32 takes the other
			// side has about this share of a gradient.
			if far := distance(p.Of(grad), trained.Grad[p.Offset:p.Offset+p.Size]); far > 1e-3 {
				t.Errorf("%s: gradient of %s is off by %.2g of its length", lowering, p.Name, far)
			}
		}
	}
}

// distance is |got - want| / |want|.
func distance(got []float32, want []float64) float64 {
	var d, w float64
	for i := range want {
		d += (float64(got[i]) - want[i]) * (float64(got[i]) - want[i])
		w += want[i] * want[i]
	}
	return math.Sqrt(d / w)
}
