package chart

import (
	"math"
	"slices"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
	"tapenet/graph"
	"tapenet/models"
)

// TestActivation: a filter makes of an image what the network's own layers do.
func TestActivation(t *testing.T) {
	for name, shape := range map[string]graph.Shape{"digits": {1, 28, 28}, "colours": {3, 20, 24}} {
		net, err := models.TwoLayer(10).Build(shape...)
		if err != nil {
			t.Fatal(err)
		}
		weights := models.Init(net, 3)
		kernels, biases := net.Params[0], net.Params[1] // (F, C, K, K), (F)
		for i := range biases.Of(weights) {
			biases.Of(weights)[i] = float32(i)/10 - 0.8
		}
		s := otherSet(1, shape, numbers(10, "%d"))
		probe, err := net.Probe(weights)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range s.Images {
			probe.X[i] = float32(p) / 255
		}
		if err := probe.Run(nil); err != nil {
			t.Fatal(err)
		}
		f := result.Filters{Side: 5, Kernels: slices.Collect(slices.Chunk(kernels.Of(weights), kernels.Size/16)), Biases: biases.Of(weights)}
		want := probe.Result("relu1")
		for filter := range 16 {
			got := activation(f, filter, s.Images, shape)
			for i, v := range got {
				// Sums of 25 or 75 products of at most 0.3, rounded to float32.
				if w := want[filter*len(got)+i]; math.Abs(v-float64(w)) > 1e-5 {
					t.Fatalf("%s, filter %d: value %d is %v, want %v", name, filter+1, i, v, w)
				}
			}
		}
	}
}

// TestActivationsScale: paper is 0, the greatest of all maps is the darkest ink.
func TestActivationsScale(t *testing.T) {
	s := Set{Images: []uint8{255, 0, 51, 0}, Shape: graph.Shape{1, 2, 2}, Labels: []uint8{3}, Names: numbers(10, "%d"), Digits: true}
	row := func(weight float32) Row {
		return Row{Name: "1 OneLayer", Filters: result.Filters{Side: 1, Kernels: [][]float32{{weight}}, Biases: []float32{0}}}
	}
	root := drawing(Activations([]Row{row(2), row(1), row(-1)}, s, 0, "seed 1", Wide)).parse(t)
	var got []string
	for _, g := range root.all("g", "pixels")[:3] {
		shades := ""
		for _, p := range g.Inside {
			shades += p.attr("class") + " " + p.attr("d") + " "
		}
		got = append(got, shades)
	}
	// 51 is a fifth of 255: g2 of 8, and of half the weight g1.
	want := []string{"g2 M0 1h1 g8 M0 0h1 ", "g1 M0 1h1 g4 M0 0h1 ", ""}
	if !slices.Equal(got, want) || !strings.Contains(root.words(), "0 to 2.000, one scale") {
		t.Errorf("got %q, want %q; %s", got, want, root.words())
	}
}

// TestRowsAreNamed: each row has its name and its note before its filters.
func TestRowsAreNamed(t *testing.T) {
	f := result.Filters{Side: 1, Kernels: [][]float32{{1}, {-1}}}
	for _, size := range []Size{Wide, Narrow} {
		words := strings.Join(strings.Fields(drawing(Filters([]Row{{"TwoLayer", "before", f}, {"3 TwoLayer", "after", f}}, "seed 1", size)).parse(t).words()), " ")
		if i, j := strings.Index(words, "TwoLayer before"), strings.Index(words, "3 TwoLayer after"); i < 0 || j < i {
			t.Errorf("size %d: got %q", size, words)
		}
	}
}
