package onnx

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"
	"pgregory.net/rapid"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/models"
)

func build(t testing.TB, layers graph.Sequential, in ...int) *graph.Network {
	t.Helper()
	net, err := layers.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func write(t fail, net *graph.Network, values []float32, about About) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, net, values, about); err != nil {
		t.Fatalf("%v: %v", net.Sequential(), err)
	}
	return b.Bytes()
}

// TestFile: a model of all kinds of layers is, field by field, what ONNX says.
func TestFile(t *testing.T) {
	net := build(t, graph.Sequential{
		graph.Conv2d(4, 3).Same().Stride(2), graph.Rectify, graph.Dropout(0.5), graph.MaxPool2D(2).Pad(1), graph.Conv2d(2, 1), graph.Flatten, graph.Dense(5), graph.Rectify, graph.Dense(2), graph.SoftMax, graph.Dropout(0.1),
	}, 3, 7, 8)
	values := make([]float32, net.NumParams())
	for i := range values {
		values[i] = float32(i)
	}
	negativeZero := float32(math.Copysign(0, -1))
	values[0], values[1], values[2] = negativeZero, math.SmallestNonzeroFloat32, -math.MaxFloat32
	got := parse(t, write(t, net, values, About{Classes: []string{"é & \"<,", ""}, Accuracy: 0.98765}))

	conv := func(k, stride int, pads ...int) map[string]any {
		return map[string]any{
			"kernel_shape": []int{k, k}, "strides": []int{stride, stride}, "pads": pads, "dilations": []int{1, 1}, "group": 1,
		}
	}
	pool := map[string]any{
		"kernel_shape": []int{2, 2}, "strides": []int{2, 2}, "pads": []int{1, 1, 1, 1}, "ceil_mode": 0, "storage_order": 0,
	}
	dense := map[string]any{"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 1}
	axis := map[string]any{"axis": 1}
	want := file{
		ir: 8, producer: "tapenet", version: "1", graph: "network",
		opsets:   map[string]int{"": 13},
		metadata: map[string]string{"accuracy": "0.98765", "classes": `["é \u0026 \"\u003c,",""]`},
		nodes: []node{
			{"conv1", "Conv", []string{"image", "conv1.weight", "conv1.bias"}, []string{"conv1"}, conv(3, 2, 1, 0, 1, 1)}, // 7 rows get 1 and 1 more, 8 columns 0 and 1
			{"relu1", "Relu", []string{"conv1"}, []string{"relu1"}, map[string]any{}},
			{"pool1", "MaxPool", []string{"relu1"}, []string{"pool1"}, pool},
			{"conv2", "Conv", []string{"pool1", "conv2.weight", "conv2.bias"}, []string{"conv2"}, conv(1, 1, 0, 0, 0, 0)},
			{"flatten1", "Flatten", []string{"conv2"}, []string{"flatten1"}, axis},
			{"dense1", "Gemm", []string{"flatten1", "dense1.weight", "dense1.bias"}, []string{"dense1"}, dense},
			{"relu2", "Relu", []string{"dense1"}, []string{"relu2"}, map[string]any{}},
			{"dense2", "Gemm", []string{"relu2", "dense2.weight", "dense2.bias"}, []string{"dense2"}, dense},
			{"softmax1", "Softmax", []string{"dense2"}, []string{"probabilities"}, axis},
		},
		inputs:  []value{{"image", 1, []any{"batch", 3, 7, 8}}},
		outputs: []value{{"probabilities", 1, []any{"batch", 2}}},
	}
	next := values
	for _, p := range []struct {
		name  string
		shape graph.Shape
	}{
		{"conv1.weight", graph.Shape{4, 3, 3, 3}}, {"conv1.bias", graph.Shape{4}},
		{"conv2.weight", graph.Shape{2, 4, 1, 1}}, {"conv2.bias", graph.Shape{2}},
		{"dense1.weight", graph.Shape{5, 18}}, {"dense1.bias", graph.Shape{5}},
		{"dense2.weight", graph.Shape{2, 5}}, {"dense2.bias", graph.Shape{2}},
	} {
		n := p.shape.Size()
		want.parameters = append(want.parameters, parameter{p.name, p.shape, next[:n]})
		next = next[n:]
	}
	exported := cmp.Exporter(func(reflect.Type) bool { return true })
	if diff := cmp.Diff(want, got, exported, cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })); diff != "" {
		t.Error(diff)
	}
}

// TestOddNetworks: what comes in and out of networks that are not classifiers of
// images, or hardly a network.
func TestOddNetworks(t *testing.T) {
	for _, test := range []struct {
		layers  graph.Sequential
		in      []int
		output  string
		shape   []any
		classes []string
	}{
		{graph.Sequential{graph.Rectify}, []int{7}, "result", []any{"batch", 7}, nil},
		{graph.Sequential{graph.Flatten}, []int{7}, "result", []any{"batch", 7}, nil},
		{graph.Sequential{graph.Flatten}, []int{2, 1, 3}, "result", []any{"batch", 6}, nil},
		{graph.Sequential{graph.MaxPool2D(2)}, []int{2, 5, 3}, "result", []any{"batch", 2, 2, 1}, nil},
		{graph.Sequential{graph.Conv2d(1, 1)}, []int{1, 1, 1}, "result", []any{"batch", 1, 1, 1}, nil},
		{graph.Sequential{graph.Dropout(0.5), graph.Dropout(0.5)}, []int{2}, "result", []any{"batch", 2}, nil},
		{graph.Sequential{graph.SoftMax}, []int{1}, "probabilities", []any{"batch", 1}, []string{"all"}},
		{graph.Sequential{graph.SoftMax, graph.Dense(2)}, []int{3}, "result", []any{"batch", 2}, []string{"a", "b"}},
	} {
		net := build(t, test.layers, test.in...)
		f := parse(t, write(t, net, models.Init(net, 1), About{Classes: test.classes}))
		in := []any{"batch"}
		for _, d := range test.in {
			in = append(in, d)
		}
		if want := []value{{"image", 1, in}}; !reflect.DeepEqual(f.inputs, want) {
			t.Errorf("%v: got inputs %v, want %v", test.layers, f.inputs, want)
		}
		if want := []value{{test.output, 1, test.shape}}; !reflect.DeepEqual(f.outputs, want) {
			t.Errorf("%v: got outputs %v, want %v", test.layers, f.outputs, want)
		}
		if got, want := len(f.metadata) > 0, test.classes != nil; got != want {
			t.Errorf("%v: got metadata %v", test.layers, f.metadata)
		}
	}
}

// drawNetwork draws a network of layers in any order that is legal.
func drawNetwork(r *rapid.T) *graph.Network {
	in := []int{rapid.IntRange(1, 3).Draw(r, "C"), rapid.IntRange(1, 9).Draw(r, "H"), rapid.IntRange(1, 9).Draw(r, "W")}
	if rapid.IntRange(0, 3).Draw(r, "row") == 0 {
		in = in[:1]
	}
	var layers graph.Sequential
	var net *graph.Network
	shape := graph.Shape(in)
	for range rapid.IntRange(1, 9).Draw(r, "depth") {
		kinds := []graph.Layer{graph.Rectify, graph.Flatten, graph.Dropout(0.5)}
		if len(shape) == 3 {
			stride, pad := rapid.IntRange(0, 3).Draw(r, "stride"), rapid.IntRange(0, 2).Draw(r, "padding")
			side := rapid.IntRange(pad+1, min(shape[1], shape[2])+2*pad).Draw(r, "side")
			conv, pool := graph.Conv2d(rapid.IntRange(1, 4).Draw(r, "F"), side).Stride(stride), graph.MaxPool2D(side).Stride(stride)
			kinds = append(kinds, conv.Pad(pad), pool.Pad(pad), conv.Same(), pool.Same())
		} else {
			kinds = append(kinds, graph.Dense(rapid.IntRange(1, 9).Draw(r, "M")), graph.SoftMax)
		}
		layers = append(layers, rapid.SampledFrom(kinds).Draw(r, "layer"))
		var err error
		if net, err = layers.Build(in...); err != nil {
			r.Fatal(err)
		}
		shape = net.Out()
	}
	return net
}

// TestRandomNetworks runs models as ONNX says that they run, and holds what they
// give against the float64 loops that define a network.
func TestRandomNetworks(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		net := drawNetwork(r)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		values := make([]float32, net.NumParams())
		weights := make([]float64, len(values))
		for i := range values {
			values[i] = float32(rng.NormFloat64() / 4)
			weights[i] = float64(values[i])
		}
		n := rapid.IntRange(1, 3).Draw(r, "N")
		x := newArray(append([]int{n}, net.In...)...)
		for i := range x.v {
			x.v[i] = rng.NormFloat64()
		}
		want := graphtest.Run(net, weights, x.v, slices.Repeat([]int{-1}, n)).Outputs

		data := write(r, net, values, About{})
		got := parse(r, data).run(r, x)
		if !slices.Equal(got.shape, append(graph.Shape{n}, net.Out()...)) {
			r.Fatalf("%v: got shape %v, want %d of %v", net.Sequential(), got.shape, n, net.Out())
		}
		for i := range want {
			if d := math.Abs(got.v[i] - want[i]); !(d <= 1e-12*max(1, math.Abs(want[i]))) { // float64 rounds at 1e-16
				r.Fatalf("%v: result %d is %v, want %v", net.Sequential(), i, got.v[i], want[i])
			}
		}
		if !bytes.Equal(data, write(r, net, values, About{})) {
			r.Fatalf("%v: other bytes the second time", net.Sequential())
		}
	})
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestErrors: what cannot be written is an error that says why, and nothing is
// written.
func TestErrors(t *testing.T) {
	net := build(t, graph.Sequential{graph.Conv2d(2, 1), graph.Flatten, graph.Dense(3)}, 1, 1, 1)
	image := build(t, graph.Sequential{graph.Conv2d(2, 1)}, 1, 1, 1)
	big := build(t, graph.Sequential{graph.Dense(1 << 13), graph.Dense(1 << 15), graph.Dense(1 << 13)}, 1<<13)
	unknown := *net
	unknown.Layers = slices.Clone(net.Layers)
	unknown.Layers[1].Kind = "Tanh"
	with := func(i int, v float64) []float32 {
		values := make([]float32, net.NumParams())
		values[i] = float32(v)
		return values
	}
	good := with(0, 1)
	for _, test := range []struct {
		net    *graph.Network
		values []float32
		about  About
		want   string
	}{
		{net, good[1:], About{}, "got 12 values, want one for each of 13 parameters"},
		{net, with(5, math.NaN()), About{}, "dense1.weight: value 1 is NaN, want a finite number"},
		{net, with(12, math.Inf(-1)), About{}, "dense1.bias: value 2 is -Inf, want a finite number"},
		{net, good, About{Classes: []string{"a", "b"}}, "got 2 names of classes, want one for each of 3 results"},
		{net, good, About{Classes: []string{}}, "got 0 names of classes, want one for each of 3 results"},
		{image, good[:4], About{Classes: []string{"a", "b"}}, "got 2 names of classes, want one for each of 2×1×1 results"},
		{net, good, About{Classes: []string{"a", "b", "\xff"}}, `the name of class 2, "\xff", is not UTF-8`},
		{net, good, About{Accuracy: 98.9}, "accuracy: got 98.9, want a number from 0 to 1"},
		{net, good, About{Accuracy: -0.1}, "accuracy: got -0.1, want a number from 0 to 1"},
		{net, good, About{Accuracy: math.NaN()}, "accuracy: got NaN, want a number from 0 to 1"},
		{&unknown, good, About{}, `flatten1: ONNX has no operator for a layer of kind "Tanh"`},
		{big, nil, About{}, "the network has 604028928 parameters, want at most 536608768 in an ONNX file"},
	} {
		var b bytes.Buffer
		err := Write(&b, test.net, test.values, test.about)
		if err == nil || err.Error() != test.want || b.Len() > 0 {
			t.Errorf("got %v and %d bytes, want %s", err, b.Len(), test.want)
		}
	}
	if err := Write(full{}, net, good, About{}); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("got %v, want disk full", err)
	}
}
