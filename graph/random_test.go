package graph_test

import (
	"math/rand/v2"
	"testing"

	"tapenet/graph"

	"pgregory.net/rapid"
)

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
		if image := len(shape) == 3; image {
			side := min(shape[1], shape[2])
			l = rapid.OneOf(
				rapid.Just(graph.Conv2d(rapid.OneOf(rapid.IntRange(1, 5), rapid.IntRange(15, 18)).Draw(r, "F"), rapid.IntRange(1, min(4, side)).Draw(r, "K"))),
				rapid.Just(graph.MaxPool2D(rapid.IntRange(1, min(3, side)).Draw(r, "P"))),
				rapid.Just(graph.Rectify),
				rapid.Just(graph.Flatten),
			).Draw(r, "layer")
		} else {
			units := rapid.OneOf(rapid.IntRange(1, 9), rapid.IntRange(31, 33), rapid.Just(62)).Draw(r, "M")
			l = rapid.SampledFrom([]graph.Layer{graph.Dense(units), graph.Rectify, graph.Flatten, graph.SoftMax}).Draw(r, "layer")
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
			if c.reference().Margin < 1e-4 {
				r.Skip("the network sits on a kink")
			}
			for _, lowering := range graph.Lowerings() {
				c.check(r, lowering)
			}
		})
	})
}
