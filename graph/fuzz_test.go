package graph_test

import (
	"io"
	"math"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"
)

// FuzzLayers reads a list of layers from bytes, four each: the kind, two numbers,
// and the padding and stride. Whatever it is, Build gives an
// error or a network whose shapes fit; and a small one is probed, compiles, runs and
// is drawn in every lowering, or cannot be trained and says why.
func FuzzLayers(f *testing.F) {
	f.Add(1, 28, 28, []byte{0, 4, 5, 0, 1, 0, 0, 0, 2, 2, 0, 0, 3, 0, 0, 0, 4, 10, 0, 0, 5, 0, 0, 0})
	f.Add(3, 5, 7, []byte{2, 3, 0, 0, 3, 0, 0, 0, 5, 0, 0, 0})
	f.Add(0, 0, 0, []byte{})
	f.Add(math.MaxInt, math.MaxInt, 2, []byte{0, 255, 255, 0})
	f.Add(1, 9, 9, []byte{4, 1, 0, 0})
	f.Add(1, 28, 28, []byte{3, 0, 0, 0})
	f.Add(2, 3, 3, []byte{3, 0, 0, 0, 5, 0, 0, 0})
	f.Add(1, 9, 9, []byte{0, 3, 4, 0b10_01_1, 2, 3, 0, 0b01_10_0, 3, 0, 0, 0, 6, 64, 0, 0, 4, 2, 0, 0, 5, 0, 0, 0}) // Same, Pad, Stride, Dropout
	kinds := []graph.Kind{graph.KindConv2d, graph.KindRectify, graph.KindMaxPool2D, graph.KindFlatten, graph.KindDense, graph.KindSoftMax, graph.KindDropout, "", "Conv3d"}
	f.Fuzz(func(t *testing.T, c, h, w int, list []byte) {
		var layers graph.Sequential
		for i := 0; i+3 < len(list) && len(layers) < 8; i += 4 {
			a, b, c := int(int8(list[i+1])), int(int8(list[i+2])), int(int8(list[i+3]))
			layers = append(layers, graph.Layer{
				Kind: kinds[int(list[i])%len(kinds)], Filters: a, Kernel: b, Pool: a, Units: a, Rate: float64(a) / 128,
				SamePadding: c&1 != 0, Padding: c >> 1 & 3, Step: c >> 3,
			})
		}
		net, err := layers.Build(c, h, w)
		if err != nil {
			return
		}
		size := net.NumParams()
		for _, l := range net.Layers {
			if l.Out.Size() < 1 {
				t.Fatalf("%v: result of shape %v", l.Layer, l.Out)
			}
			size = max(size, l.Out.Size())
		}
		if max(size, net.In.Size()) > 1e4 {
			return
		}
		last := net.Layers[len(net.Layers)-1]
		trains := last.Kind == graph.KindSoftMax && len(net.Params) > 0
		p, err := net.Probe(make([]float32, net.NumParams()))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(nil); err != nil {
			t.Fatalf("%v on (%d, %d, %d), a probe: %v", layers, c, h, w, err)
		}
		for _, lowering := range graph.Lowerings() {
			weights, err := net.Pack(lowering, make([]float32, net.NumParams()))
			if err != nil {
				t.Fatal(err)
			}
			for _, mode := range []graph.Mode{graph.Forward, graph.Training} {
				m, err := net.Compile(lowering, 2, weights, mode)
				if want := mode == graph.Forward || trains; want != (err == nil) {
					t.Fatalf("%v on (%d, %d, %d), %s, mode %d: got error %v, want one: %t", layers, c, h, w, lowering, mode, err, !want)
				}
				if err != nil {
					if !strings.HasPrefix(err.Error(), "training needs ") {
						t.Fatalf("%v on (%d, %d, %d), %s: %v", layers, c, h, w, lowering, err)
					}
					continue
				}
				if _, err := m.Run(make([]float32, len(weights)), false); err != nil {
					t.Fatalf("%v on (%d, %d, %d), %s: %v", layers, c, h, w, lowering, err)
				}
			}
			for _, drawing := range draw.Drawings() {
				p := draw.Picture{Drawing: drawing, Lowering: lowering}
				want := drawing == draw.Forward || drawing == draw.Fused || trains
				for _, err := range []error{draw.DOT(io.Discard, net, p), draw.SVG(io.Discard, net, p)} {
					if want != (err == nil) {
						t.Fatalf("%v on (%d, %d, %d), %s, %s: got error %v, want one: %t", layers, c, h, w, lowering, drawing, err, !want)
					}
				}
			}
		}
	})
}
