package graph_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tapenet/graph"
)

// dropout is a Dropout of a network by itself, on images of shape in.
func dropout(t *testing.T, rate float64, in ...int) graph.NamedLayer {
	t.Helper()
	net, err := graph.Sequential{graph.Dropout(rate)}.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	return net.Layers[0]
}

// TestMaskMoments: a mask keeps as many values as its rate says, in all and of each
// image, as if each were drawn by itself: the counts of images have the variance of a
// binomial distribution.
func TestMaskMoments(t *testing.T) {
	const images, values = 2000, 400
	for _, rate := range []float64{0, 0.01, 0.25, 0.5, 0.9} {
		l := dropout(t, rate, values)
		m := graph.Mask{Seed: 7, Step: 11}
		var sum, squares float64
		for i := range images {
			kept := 0
			for j := range values {
				if m.Keeps(l, i, j) {
					kept++
				}
			}
			d := float64(kept) - (1-rate)*values
			sum += d
			squares += d * d
		}
		// Five standard deviations of the sum, and of the variance, which a count of
		// 2000 images tells to √(2/2000) = 3.2 %.
		variance := rate * (1 - rate) * values
		if most := 5 * math.Sqrt(variance*images); math.Abs(sum) > most {
			t.Errorf("rate %v: %v values more than expected are kept, want at most %.0f", rate, sum, most)
		}
		if got := squares / images; math.Abs(got-variance) > 5*0.032*variance+variance/values {
			t.Errorf("rate %v: the variance of what is kept of an image is %.1f, want %.1f", rate, got, variance)
		}
	}
}

// TestMaskNeighbours: what is dropped at one place says nothing about another: the
// next values, the next image, step, layer or seed.
func TestMaskNeighbours(t *testing.T) {
	const images, values = 500, 400
	l := dropout(t, 0.5, values)
	next := l
	next.Index++
	m := graph.Mask{Seed: 1, Step: 2, Image: 3}
	for name, other := range map[string]func(i, j int) bool{
		"the next value":       func(i, j int) bool { return m.Keeps(l, i, j+1) },
		"two values on":        func(i, j int) bool { return m.Keeps(l, i, j+2) },
		"28 values on":         func(i, j int) bool { return m.Keeps(l, i, j+28) },
		"256 values on":        func(i, j int) bool { return m.Keeps(l, i, j+256) },
		"the next image":       func(i, j int) bool { return m.Keeps(l, i+1, j) },
		"the image's value on": func(i, j int) bool { return m.Keeps(l, i+1, j+1) },
		"the next layer":       func(i, j int) bool { return m.Keeps(next, i, j) },
		"the next step":        func(i, j int) bool { return graph.Mask{Seed: 1, Step: 3, Image: 3}.Keeps(l, i, j) },
		"the next seed":        func(i, j int) bool { return graph.Mask{Seed: 2, Step: 2, Image: 3}.Keeps(l, i, j) },
		"seed and step":        func(i, j int) bool { return graph.Mask{Seed: 2, Step: 1, Image: 3}.Keeps(l, i, j) },
		"step and image":       func(i, j int) bool { return graph.Mask{Seed: 1, Step: 3, Image: 2}.Keeps(l, i, j) },
		"layer and image":      func(i, j int) bool { return m.Keeps(next, i-1, j) },
	} {
		equal := 0
		for i := range images {
			for j := range values {
				if m.Keeps(l, i, j) == other(i, j) {
					equal++
				}
			}
		}
		const n = images * values
		if d := math.Abs(float64(equal) - n/2); d > 5*math.Sqrt(n)/2 {
			t.Errorf("%s: %d of %d places are alike, want about half", name, equal, n)
		}
	}
}

// TestMaskPlaces: an image has the same bits in whatever run it is, in any lowering,
// and other ones under another mask.
func TestMaskPlaces(t *testing.T) {
	layers := graph.Sequential{
		graph.Conv2d(3, 2), graph.Dropout(0.5), graph.Rectify, graph.Flatten, graph.Dropout(0.25), graph.Dense(6), graph.Dropout(0.3), graph.Dense(3), graph.SoftMax,
	}
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), layers, 6, 2, 4, 5)
		outputs := func(first, n int, step uint64) []float32 {
			part := c
			part.x, part.classes = c.x[first*40:(first+n)*40], []int{0, 1, 2, 0, 1, 2}[first:first+n]
			m, packed := part.compile(t, lowering, graph.Training)
			m.Mask = graph.Mask{Seed: 9, Step: step, Image: first}
			if _, err := m.Run(make([]float32, len(packed)), false); err != nil {
				t.Fatal(err)
			}
			out, err := m.Outputs()
			if err != nil {
				t.Fatal(err)
			}
			return slices.Clone(out)
		}
		all := outputs(0, 6, 1)
		if parts := slices.Concat(outputs(0, 4, 1), outputs(4, 1, 1), outputs(5, 1, 1)); !slices.Equal(all, parts) {
			t.Errorf("in parts: got %v, want %v", parts, all)
		}
		if other := outputs(0, 6, 2); slices.Equal(all, other) {
			t.Error("the next step drops the same")
		}
	})
}

// TestDropoutOfInfinity: what is dropped is 0, whatever it was.
func TestDropoutOfInfinity(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Dropout(0.5), graph.Dense(2), graph.SoftMax}, 1, 8)
		c.classes = []int{0}
		l := c.net.Layers[0]
		for j := range c.x {
			if !c.mask.Keeps(l, 0, j) {
				c.x[j] = float32(math.Inf(1))
			}
		}
		if !slices.Contains(c.x, float32(math.Inf(1))) {
			t.Fatal("nothing is dropped")
		}
		_, grad := c.run(t, lowering)
		if far, d := apart(grad, c.dropping().Grad, 1e-5); far {
			t.Errorf("gradients are off by %g", d)
		}
	})
}
