package graph_test

import (
	"math/rand/v2"
	"testing"

	"tapenet/graph"

	"pgregory.net/rapid"
)

// maxDropoutScale bounds the dropoutScale of drawn layers: values of that size are
// off by 1e-5, less than how near a kink they may be, 1e-4.
const maxDropoutScale = 20.5

// drawLayers draws a list of layers that fit images of a drawn shape, in any
// order that is legal.
func drawLayers(r *rapid.T) (layers graph.Sequential, in graph.Shape) {
	in = graph.Shape{rapid.IntRange(1, 3).Draw(r, "C"), rapid.IntRange(1, 9).Draw(r, "H"), rapid.IntRange(1, 9).Draw(r, "W")}
	if rapid.IntRange(0, 7).Draw(r, "row") == 0 {
		in = in[:1]
	}
	shape := in
	for range rapid.IntRange(1, 8).Draw(r, "depth") {
		var l graph.Layer
		drop := graph.Dropout(rapid.SampledFrom([]float64{0, 0.25, 0.5, 0.9}).Draw(r, "rate"))
		if dropoutScale(append(layers, drop)) > maxDropoutScale {
			drop.Rate = 0
		}
		if image := len(shape) == 3; image {
			filters := rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(15, 18)).Draw(r, "F")
			side, with := drawWindow(r, min(shape[1], shape[2]))
			l = rapid.SampledFrom([]graph.Layer{with(graph.Conv2d(filters, side)), with(graph.MaxPool2D(side)), graph.Rectify, drop, graph.Flatten}).Draw(r, "layer")
		} else {
			units := rapid.OneOf(rapid.IntRange(1, 9), rapid.IntRange(31, 33), rapid.Just(62)).Draw(r, "M")
			l = rapid.SampledFrom([]graph.Layer{graph.Dense(units), graph.Rectify, drop, graph.Flatten, graph.SoftMax}).Draw(r, "layer")
		}
		layers = append(layers, l)
		net, err := layers.Build(in...)
		if err != nil {
			r.Fatal(err)
		}
		shape = net.Out()
	}
	return layers, in
}

// drawWindow draws the side of a window that fits images of a number of pixels, and
// what gives it its padding and stride; half of them have none.
func drawWindow(r *rapid.T, pixels int) (side int, with func(graph.Layer) graph.Layer) {
	if rapid.Bool().Draw(r, "plain") {
		return rapid.IntRange(1, min(4, pixels)).Draw(r, "side"), func(l graph.Layer) graph.Layer { return l }
	}
	stride := rapid.IntRange(0, 4).Draw(r, "stride")
	if rapid.Bool().Draw(r, "same") {
		return rapid.IntRange(1, 4).Draw(r, "side"), func(l graph.Layer) graph.Layer { return l.Same().Stride(stride) }
	}
	pad := rapid.IntRange(0, 3).Draw(r, "padding")
	return rapid.IntRange(pad+1, min(4, pixels+2*pad)).Draw(r, "side"), func(l graph.Layer) graph.Layer { return l.Pad(pad).Stride(stride) }
}

// TestRandomLists holds each lowering against float64 loops, for layers in any
// order, as they are and as a network that can be trained.
func TestRandomLists(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			layers, in := drawLayers(r)
			if rapid.Bool().Draw(r, "trained") {
				if net, err := layers.Build(in...); err != nil || len(net.Out()) == 3 {
					layers = append(layers, graph.Flatten)
				}
				layers = append(layers, graph.Dense(rapid.OneOf(rapid.IntRange(1, 5), rapid.Just(62)).Draw(r, "classes")), graph.SoftMax)
			}
			r.Log(in, layers)
			n := rapid.IntRange(1, 4).Draw(r, "N")
			c := newSample(t, rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1)), layers, n, in...)
			// At a kink float32 and float64 may take different sides, rightly.
			if min(c.reference().Margin, c.dropping().Margin) < 1e-4 {
				r.Skip("the network sits on a kink")
			}
			for _, lowering := range graph.Lowerings() {
				c.check(r, lowering)
			}
		})
	})
}
