package graph_test

import (
	"testing"

	"tapenet/graph"
)

// TestWindow: where windows lie, by hand. Of Keras's "same" the odd pixel is after
// the image; what is left over at the end of an image is dropped.
func TestWindow(t *testing.T) {
	for _, test := range []struct {
		layer graph.Layer
		in    graph.Shape
		want  graph.Window
		out   string
	}{
		{graph.Conv2d(4, 5), graph.Shape{3, 28, 28}, graph.Window{Side: 5, Stride: 1}, "4×24×24"},
		{graph.Conv2d(4, 5).Pad(2), graph.Shape{1, 28, 20}, graph.Window{Side: 5, Stride: 1, Top: 2, Bottom: 2, Left: 2, Right: 2}, "4×28×20"},
		{graph.Conv2d(4, 3).Pad(1).Stride(2), graph.Shape{1, 28, 27}, graph.Window{Side: 3, Stride: 2, Top: 1, Bottom: 1, Left: 1, Right: 1}, "4×14×14"},
		{graph.Conv2d(4, 5).Same(), graph.Shape{1, 28, 28}, graph.Window{Side: 5, Stride: 1, Top: 2, Bottom: 2, Left: 2, Right: 2}, "4×28×28"},
		{graph.Conv2d(4, 4).Same(), graph.Shape{1, 9, 9}, graph.Window{Side: 4, Stride: 1, Top: 1, Bottom: 2, Left: 1, Right: 2}, "4×9×9"},
		{graph.Conv2d(4, 3).Same().Stride(2), graph.Shape{1, 28, 27}, graph.Window{Side: 3, Stride: 2, Bottom: 1, Left: 1, Right: 1}, "4×14×14"},
		{graph.Conv2d(4, 1).Same().Stride(3), graph.Shape{1, 7, 6}, graph.Window{Side: 1, Stride: 3}, "4×3×2"},
		{graph.Conv2d(4, 7).Same(), graph.Shape{1, 2, 1}, graph.Window{Side: 7, Stride: 1, Top: 3, Bottom: 3, Left: 3, Right: 3}, "4×2×1"},
		{graph.MaxPool2D(2), graph.Shape{3, 7, 9}, graph.Window{Side: 2, Stride: 2}, "3×3×4"},
		{graph.MaxPool2D(3).Stride(2), graph.Shape{3, 7, 8}, graph.Window{Side: 3, Stride: 2}, "3×3×3"},
		{graph.MaxPool2D(3).Pad(1), graph.Shape{3, 7, 8}, graph.Window{Side: 3, Stride: 3, Top: 1, Bottom: 1, Left: 1, Right: 1}, "3×3×3"},
		{graph.MaxPool2D(2).Same(), graph.Shape{3, 7, 8}, graph.Window{Side: 2, Stride: 2, Bottom: 1}, "3×4×4"},
		{graph.MaxPool2D(3).Same().Stride(2), graph.Shape{3, 28, 27}, graph.Window{Side: 3, Stride: 2, Bottom: 1, Left: 1, Right: 1}, "3×14×14"},
	} {
		net, err := graph.Sequential{test.layer}.Build(test.in...)
		if err != nil {
			t.Errorf("%v on %v: %v", test.layer, test.in, err)
			continue
		}
		if got := net.Layers[0].Window(); got != test.want {
			t.Errorf("%v on %v: got %+v, want %+v", test.layer, test.in, got, test.want)
		}
		if got := net.Out().String(); got != test.out {
			t.Errorf("%v on %v: got %s, want %s", test.layer, test.in, got, test.out)
		}
	}
}

// TestDefaultStride: a stride that is the default makes no other layer.
func TestDefaultStride(t *testing.T) {
	for _, l := range []graph.Layer{graph.Conv2d(2, 3), graph.MaxPool2D(3)} {
		if got := l.Stride(2); got == l {
			t.Errorf("%v: a stride of 2 is lost", l)
		}
		for _, n := range []int{0, map[graph.Kind]int{graph.KindConv2d: 1, graph.KindMaxPool2D: 3}[l.Kind]} {
			if got := l.Stride(2).Stride(n); got != l {
				t.Errorf("a stride of %d: got %v, want %v", n, got, l)
			}
		}
	}
}
