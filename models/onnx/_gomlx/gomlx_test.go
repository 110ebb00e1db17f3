// Package gomlx runs the models that package onnx writes in GoMLX, a framework
// that shares no code with this one. It is a module of its own, so that GoMLX is
// no dependency of the module it tests:
//
//	go test -C models/onnx/_gomlx
package gomlx

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends/simplego"
	mlgraph "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	mlonnx "github.com/gomlx/onnx-gomlx/onnx"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/onnx"
	"tapenet/models/pretrained"
)

// tolerance is what a result may differ from float64: float32 programs do, by the
// order of their sums, by up to 2.5e-6.
const tolerance = 4e-6

// TestTrained: the trained networks give MNIST's digits the probabilities that
// they should have.
func TestTrained(t *testing.T) {
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	const images = 100
	x := make([]float32, images*28*28)
	for i := range x {
		x[i] = float32(test.Pixels[i]) / 255
	}
	for _, name := range models.Names() {
		net, values, err := pretrained.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		check(t, net, values, x)
	}
}

// TestOthers: networks of other layers, of images with channels and of rows.
func TestOthers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []struct {
		in     []int
		layers graph.Sequential
	}{
		{[]int{3, 12, 11}, graph.Sequential{ // no pooling
			graph.Conv2d(8, 3), graph.Rectify, graph.Conv2d(6, 3), graph.Rectify, graph.Flatten, graph.Dense(20), graph.Rectify, graph.Dense(5), graph.SoftMax,
		}},
		{[]int{2, 9, 11}, graph.Sequential{graph.Conv2d(3, 2), graph.MaxPool2D(3), graph.Rectify, graph.Conv2d(2, 2)}},
		{[]int{6}, graph.Sequential{graph.Flatten, graph.Dense(7), graph.SoftMax, graph.Rectify, graph.Dense(4)}},
		{[]int{1, 1, 1}, graph.Sequential{graph.Conv2d(1, 1), graph.MaxPool2D(1), graph.Flatten, graph.Dense(1), graph.SoftMax}},
	} {
		net, err := n.layers.Build(n.in...)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, 20*net.In.Size())
		for i := range x {
			x[i] = rng.Float32()
		}
		check(t, net, models.Init(net, 1), x)
	}
}

// check compares what GoMLX gives for images x (N, ...) with the float64 loops.
func check(t *testing.T, net *graph.Network, values, x []float32) {
	t.Helper()
	d, m := net.In.Size(), net.Out().Size()
	n := len(x) / d
	want := graphtest.Run(net, float64s(values), float64s(x), slices.Repeat([]int{-1}, n)).Outputs
	got, err := run(net, values, x, n)
	if err != nil {
		t.Fatalf("%v: %+v", net.Sequential(), err)
	}
	largest := 0.0
	for i := range n {
		image := 0.0
		for j := i * m; j < (i+1)*m; j++ {
			image = max(image, math.Abs(float64(got[j])-want[j]))
		}
		g, w := got[i*m:(i+1)*m], want[i*m:(i+1)*m]
		if !(image <= tolerance) || slices.Index(g, slices.Max(g)) != slices.Index(w, slices.Max(w)) {
			t.Errorf("%v: image %d: got %v, want %v", net.Sequential(), i, g, w)
		}
		largest = max(largest, image)
	}
	t.Logf("%v: largest difference %.2g", net.Sequential(), largest)
}

// run gives the results of the network for n images, as GoMLX computes them.
func run(net *graph.Network, values, x []float32, n int) ([]float32, error) {
	var file bytes.Buffer
	if err := onnx.Write(&file, net, values, onnx.About{}); err != nil {
		return nil, err
	}
	model, err := mlonnx.Parse(file.Bytes())
	if err != nil {
		return nil, err
	}
	backend, err := simplego.New("")
	if err != nil {
		return nil, err
	}
	ctx := context.New()
	if err := model.VariablesToContext(ctx); err != nil {
		return nil, err
	}
	input := tensors.FromFlatDataAndDimensions(x, append([]int{n}, net.In...)...)
	result, err := context.ExecOnce(backend, ctx, func(ctx *context.Context, image *mlgraph.Node) *mlgraph.Node {
		return model.CallGraph(ctx, image.Graph(), map[string]*mlgraph.Node{"image": image})[0]
	}, input)
	if err != nil {
		return nil, err
	}
	if got, want := result.Shape().Dimensions, append([]int{n}, net.Out()...); !slices.Equal(got, want) {
		return nil, fmt.Errorf("got shape %v, want %v", got, want)
	}
	return tensors.CopyFlatData[float32](result)
}

func float64s(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
