package graph_test

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
)

func ExampleSequential_Build() {
	net, err := graph.Sequential{
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten,
		graph.Dense(10), graph.SoftMax,
	}.Build(1, 28, 28)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range net.Layers {
		fmt.Printf("%-9s %-13v %v\n", l.Name, l.Layer, l.Out)
	}
	for _, p := range net.Params {
		fmt.Println(p.Name, p.Shape, p.Size)
	}
	fmt.Println(net.NumParams(), "parameters in all")
	_, err = append(net.Sequential(), graph.MaxPool2D(2)).Build(1, 28, 28)
	fmt.Println(err)
	// Output:
	// conv1     Conv2d(16, 5) 16×24×24
	// relu1     Rectify       16×24×24
	// pool1     MaxPool2D(2)  16×12×12
	// flatten1  Flatten       2304
	// dense1    Dense(10)     10
	// softmax1  SoftMax       10
	// conv1.weight 16×1×5×5 400
	// conv1.bias 16 16
	// dense1.weight 10×2304 23040
	// dense1.bias 10 10
	// 23466 parameters in all
	// layer 7, MaxPool2D(2): want images (C, H, W), got (10)
}

// A network of one's own: the larger of two pixels wins.
func ExampleNetwork_Compile() {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	weights, err := net.Pack(graph.Fused, []float32{1, -1, -1, 1, 0, 0}) // weight (2, 2), bias (2)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := net.Compile(graph.Fused, 2, weights, graph.Forward)
	if err != nil {
		fmt.Println(err)
		return
	}
	copy(m.X, []float32{1, 0, 0.25, 0.5}) // two images
	copy(m.Y, []float32{1, 0, 1, 0})      // both of class 0
	score, err := m.Run(nil, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	probabilities, err := m.Outputs()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, %d of 2 right\n", probabilities, score.Correct)
	// Output: [0.88 0.12 0.38 0.62], 1 of 2 right
}

// TestBuildShapes: remainders that fill no window are dropped, a window or
// filter may be as large as its input.
func TestBuildShapes(t *testing.T) {
	tests := []struct {
		in     []int
		layers graph.Sequential
		want   string
	}{
		{[]int{1, 28, 28}, graph.Sequential{graph.Conv2d(8, 2)}, "8×27×27"},
		{[]int{16, 11, 11}, graph.Sequential{graph.MaxPool2D(2)}, "16×5×5"},
		{[]int{3, 7, 9}, graph.Sequential{graph.MaxPool2D(7)}, "3×1×1"},
		{[]int{3, 7, 9}, graph.Sequential{graph.Conv2d(2, 7)}, "2×1×3"},
		{[]int{3, 7, 9}, graph.Sequential{graph.Flatten}, "189"},
		{[]int{5}, graph.Sequential{graph.Flatten, graph.Dense(3), graph.Rectify, graph.SoftMax}, "3"},
	}
	for _, test := range tests {
		net, err := test.layers.Build(test.in...)
		if err != nil {
			t.Errorf("%v on %v: %v", test.layers, test.in, err)
		} else if got := net.Out().String(); got != test.want {
			t.Errorf("%v on %v: got %s, want %s", test.layers, test.in, got, test.want)
		}
	}
}

func TestBuildErrors(t *testing.T) {
	image := []int{1, 28, 28}
	tests := []struct {
		name   string
		in     []int
		layers graph.Sequential
		want   string
	}{
		{"no layers", image, nil, "at least one layer"},
		{"no input", nil, graph.Sequential{graph.Flatten}, "input: got shape ()"},
		{"two axes", []int{28, 28}, graph.Sequential{graph.Flatten}, "input: got shape (28, 28), want (C, H, W) or (D)"},
		{"empty input", []int{1, 0, 28}, graph.Sequential{graph.Flatten}, "all at least 1"},
		{"huge input", []int{1 << 40, 1 << 40, 1 << 40}, graph.Sequential{graph.Flatten}, "input: got shape"},
		{"filter too large", image, graph.Sequential{graph.Conv2d(4, 29)}, "layer 1, Conv2d(4, 29): a filter of 29x29 does not fit into 28x28 pixels"},
		{"no filters", image, graph.Sequential{graph.Conv2d(0, 3)}, "layer 1, Conv2d(0, 3): got 0, want at least 1"},
		{"negative kernel", image, graph.Sequential{graph.Conv2d(3, -1)}, "layer 1, Conv2d(3, -1): got -1, want at least 1"},
		{"huge filters", image, graph.Sequential{graph.Conv2d(1<<60, 3)}, "too large"},
		{"window too large", image, graph.Sequential{graph.Conv2d(4, 25), graph.MaxPool2D(5)}, "layer 2, MaxPool2D(5): a window of 5x5 does not fit into 4x4 pixels"},
		{"no window", image, graph.Sequential{graph.MaxPool2D(0)}, "layer 1, MaxPool2D(0): got 0, want at least 1"},
		{"dense on images", image, graph.Sequential{graph.Dense(10)}, "layer 1, Dense(10): want rows (D), got (1, 28, 28): put Flatten before it"},
		{"softmax on images", image, graph.Sequential{graph.SoftMax}, "layer 1, SoftMax: want rows (D), got (1, 28, 28)"},
		{"convolution on rows", image, graph.Sequential{graph.Flatten, graph.Conv2d(2, 2)}, "layer 2, Conv2d(2, 2): want images (C, H, W), got (784)"},
		{"pool on rows", image, graph.Sequential{graph.Flatten, graph.MaxPool2D(2)}, "layer 2, MaxPool2D(2): want images"},
		{"no units", image, graph.Sequential{graph.Flatten, graph.Dense(0)}, "layer 2, Dense(0): got 0, want at least 1"},
		{"huge units", image, graph.Sequential{graph.Flatten, graph.Dense(1 << 62)}, "too large"},
		{"filter too large for a padding", image, graph.Sequential{graph.Conv2d(4, 31).Pad(1)}, "layer 1, Conv2d(4, 31).Pad(1): a filter of 31x31 does not fit into 30x30 pixels"},
		{"negative padding", image, graph.Sequential{graph.Conv2d(4, 3).Pad(-1)}, "layer 1, Conv2d(4, 3).Pad(-1): got -1, want at least 0"},
		{"negative stride", image, graph.Sequential{graph.MaxPool2D(3).Stride(-2)}, "layer 1, MaxPool2D(3).Stride(-2): got -2, want at least 0"},
		{"two paddings", image, graph.Sequential{graph.Conv2d(4, 3).Pad(1).Same()}, "layer 1, Conv2d(4, 3).Pad(1).Same(): got Pad and Same, want one of them"},
		{"window in the padding", image, graph.Sequential{graph.MaxPool2D(2).Pad(2)}, "layer 1, MaxPool2D(2).Pad(2): got a padding of 2, want less than the window's 2"},
		{"padding of rows", image, graph.Sequential{graph.Flatten, graph.Dense(3).Pad(1)}, "layer 2, Dense(3).Pad(1): only Conv2d and MaxPool2D have a padding and a stride"},
		{"stride of Flatten", image, graph.Sequential{graph.Flatten.Stride(2)}, "only Conv2d and MaxPool2D"},
		{"huge padding", image, graph.Sequential{graph.Conv2d(4, 3).Pad(math.MaxInt)}, "too large"},
		{"large padding", image, graph.Sequential{graph.Conv2d(4, 3).Pad(1 << 14)}, "too large"},
		{"huge Same", image, graph.Sequential{graph.Conv2d(4, math.MaxInt).Same()}, "too large"},
		{"large Same", image, graph.Sequential{graph.MaxPool2D(1 << 15).Same()}, "too large"},
		{"huge stride", image, graph.Sequential{graph.Conv2d(4, 3).Stride(math.MaxInt)}, "too large"},
		{"rate of 1", image, graph.Sequential{graph.Dropout(1)}, "layer 1, Dropout(1): got a rate of 1, want 0 to less than 1"},
		{"negative rate", image, graph.Sequential{graph.Dropout(-0.1)}, "layer 1, Dropout(-0.1): got a rate of -0.1"},
		{"no rate", image, graph.Sequential{graph.Dropout(math.NaN())}, "got a rate of NaN"},
		{"zero layer", image, graph.Sequential{{}}, `unknown kind of layer ""`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := test.layers.Build(test.in...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
			checkLayerError(t, err)
		})
	}
}

var namesLayer = regexp.MustCompile(`layer (\d+)[:,]`)

// checkLayerError: an error that names a layer has its number, whatever its callers
// add.
func checkLayerError(t *testing.T, err error) {
	t.Helper()
	want, got := "", ""
	if named := namesLayer.FindStringSubmatch(err.Error()); named != nil {
		want = named[1]
	}
	var l *graph.LayerError
	if errors.As(fmt.Errorf("net: %w", err), &l) {
		got = fmt.Sprint(l.Layer)
	}
	if got != want {
		t.Errorf("%v: got layer %q", err, got)
	}
}

func TestCompileErrors(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		tests := []struct {
			name   string
			layers graph.Sequential
			n      int
			extra  int // weights too many
			want   string
		}{
			{"no SoftMax", graph.Sequential{graph.Dense(3)}, 1, 0, "training needs SoftMax as the last layer, got Dense(3)"},
			{"no parameters", graph.Sequential{graph.SoftMax}, 1, 0, "training needs a layer with parameters"},
			{"no images", graph.Sequential{graph.Dense(3), graph.SoftMax}, 0, 0, "got 0 images at a time, want 1 to 536870911"}, // 2³¹ - 1 values in rows of 4
			{"too many images", graph.Sequential{graph.Dense(3), graph.SoftMax}, math.MaxInt, 0, "want 1 to 536870911"},
			{"too many results", graph.Sequential{graph.Dense(8), graph.SoftMax}, 1 << 28, 0, "want 1 to 268435455"},
			{"weights", graph.Sequential{graph.Dense(3), graph.SoftMax}, 1, 1, "weights, want"},
		}
		for _, test := range tests {
			net, err := test.layers.Build(4)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := net.Pack(lowering, make([]float32, net.NumParams()))
			if err != nil {
				t.Fatal(err)
			}
			_, err = net.Compile(lowering, test.n, append(packed, make([]float32, test.extra)...), graph.Training)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
			}
		}
	})
}

// TestDefaultLowering: "" is the default wherever a lowering is asked for.
func TestDefaultLowering(t *testing.T) {
	net, err := graph.Sequential{graph.Flatten, graph.Dense(3), graph.SoftMax}.Build(2, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	v := make([]float32, net.NumParams())
	for i := range v {
		v[i] = float32(i)
	}
	want, err := net.Pack(graph.DefaultLowering, v)
	if err != nil {
		t.Fatal(err)
	}
	got, err := net.Pack("", v)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, error %v, want %v", got, err, want)
	}
	if m, err := net.Compile("", 1, got, graph.Training); err != nil || m.Nodes()[1].Shape.String() != "8×3" {
		t.Errorf("got a machine with other nodes, error %v", err)
	}
}

// TestPackRoundTrip: Unpack undoes Pack, and every value has a place of its own.
func TestPackRoundTrip(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		net, err := graph.Sequential{
			graph.Conv2d(3, 2), graph.Conv2d(5, 3), graph.Flatten, graph.Dense(7), graph.Dense(2), graph.SoftMax,
		}.Build(2, 6, 7)
		if err != nil {
			t.Fatal(err)
		}
		v := make([]float32, net.NumParams())
		for i := range v {
			v[i] = float32(i + 1)
		}
		packed, err := net.Pack(lowering, v)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[float32]int{}
		for _, x := range packed {
			seen[x]++
		}
		for _, x := range v {
			if seen[x] != 1 {
				t.Fatalf("value %v is packed %d times", x, seen[x])
			}
		}
		back, err := net.Unpack(lowering, packed)
		if err != nil {
			t.Fatal(err)
		}
		for i := range v {
			if back[i] != v[i] {
				t.Fatalf("value %d: got %v, want %v", i, back[i], v[i])
			}
		}
		if _, err := net.Pack(lowering, v[1:]); err == nil {
			t.Error("Pack took a vector that is too short")
		}
		if _, err := net.Unpack(lowering, packed[1:]); err == nil {
			t.Error("Unpack took a vector that is too short")
		}
	})
}
