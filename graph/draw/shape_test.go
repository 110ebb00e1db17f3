package draw_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"

	"github.com/google/go-cmp/cmp"
)

var edgeLine = regexp.MustCompile(`(?m)^  (\w+) -> (\w+)(?: \[(?:label=<\x{a0}?(.*?)>)?(?:, )?(?:weight=0)?\])?;$`)

// edges are the edges of a picture as "from -> to: label", sorted. Those in
// subgraphs, which are hidden, do not count.
func edges(dot string) []string {
	var all []string
	for _, m := range edgeLine.FindAllStringSubmatch(letters(dot), -1) {
		all = append(all, strings.TrimSuffix(fmt.Sprintf("%s -> %s: %s", m[1], m[2], m[3]), ": "))
	}
	slices.Sort(all)
	return all
}

// dotID is a parameter's name in a picture.
func dotID(p graph.Param) string { return strings.ReplaceAll(p.Name, ".", "_") }

// chain are the edges from x through all layers.
func chain(net *graph.Network) (want []string) {
	from, shape := "x", net.In
	for _, l := range net.Layers {
		want = append(want, fmt.Sprintf("%s -> %s: %v", from, l.Name, shape))
		from, shape = l.Name, l.Out
	}
	return want
}

// forwardEdges are the edges that the forward drawing of a network must have.
func forwardEdges(net *graph.Network) []string {
	last := net.Layers[len(net.Layers)-1]
	result := "result"
	if last.Kind == graph.KindSoftMax {
		result = "probabilities"
	}
	want := append(chain(net), fmt.Sprintf("%s -> %s: %v", last.Name, result, last.Out))
	for _, l := range net.Layers {
		for _, p := range l.Params {
			want = append(want, dotID(p)+" -> "+l.Name)
		}
	}
	slices.Sort(want)
	return want
}

// trainingEdges are the edges that the training drawing of a network of
// Gorgonia's ops must have: gradients go back to the first layer with
// parameters.
func trainingEdges(net *graph.Network) []string {
	first := slices.IndexFunc(net.Layers, func(l graph.NamedLayer) bool { return len(l.Params) > 0 })
	last := net.Layers[len(net.Layers)-1].Name
	want := append(chain(net), "y -> "+last, last+" -> loss: sum over the batch")
	from, label := "d_1", ""
	for _, l := range slices.Backward(net.Layers[first:]) {
		want = append(want, from+" -> d_"+l.Name+label)
		from, label = "d_"+l.Name, fmt.Sprintf(": ∂ %v", l.In)
		keeps := map[graph.Kind]string{
			graph.KindConv2d: "input", graph.KindDense: "input", graph.KindRectify: "where &gt; 0",
			graph.KindMaxPool2D: "who won", graph.KindSoftMax: "output",
		}[l.Kind]
		if l.Name == last {
			keeps = "log p, y"
		}
		if keeps != "" {
			want = append(want, fmt.Sprintf("%s -> d_%s: keeps<br/>%s", l.Name, l.Name, keeps))
		}
		if len(l.Params) > 0 {
			want = append(want, fmt.Sprintf("%s_p -> %s", l.Name, l.Name), fmt.Sprintf("d_%s -> %s_g", l.Name, l.Name))
		}
	}
	slices.Sort(want)
	return want
}

// oddLists are lists that Build accepts and no notebook has.
var oddLists = []struct {
	name   string
	in     []int
	layers graph.Sequential
}{
	{"no pooling", []int{1, 28, 28}, graph.Sequential{graph.Conv2d(3, 5), graph.Rectify, graph.Flatten, graph.Dense(37), graph.SoftMax}},
	{"Rectify first", []int{2, 5, 5}, graph.Sequential{graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(3), graph.SoftMax}},
	{"Dense only", []int{5}, graph.Sequential{graph.Dense(3), graph.SoftMax}},
	{"a row of 100000", []int{6}, graph.Sequential{graph.Dense(100000), graph.Rectify, graph.Dense(2), graph.SoftMax}},
	{"SoftMax inside", []int{5}, graph.Sequential{graph.Dense(4), graph.SoftMax, graph.Rectify, graph.Dense(3), graph.SoftMax, graph.SoftMax}},
	{"equal layers", []int{4}, graph.Sequential{graph.Dense(4), graph.Dense(4), graph.Rectify, graph.Rectify, graph.Dense(4), graph.SoftMax}},
	{"one filter, edges dropped", []int{1, 9, 8}, graph.Sequential{graph.Conv2d(1, 1), graph.MaxPool2D(3), graph.MaxPool2D(1), graph.Flatten, graph.SoftMax}},
	{"no Dense", []int{1, 6, 6}, graph.Sequential{graph.Conv2d(4, 3), graph.Flatten, graph.SoftMax}},
	{"twelve layers", []int{3, 32, 32}, graph.Sequential{
		graph.Conv2d(8, 3), graph.Rectify, graph.Conv2d(8, 3), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(16, 3),
		graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(1000), graph.Rectify, graph.SoftMax,
	}},
}

func TestForwardIsTheNetwork(t *testing.T) {
	check := func(t *testing.T, net *graph.Network) {
		t.Helper()
		got := picture(t, net, draw.Picture{})
		if diff := cmp.Diff(forwardEdges(net), edges(got)); diff != "" {
			t.Errorf("%v\n- want, + got\n%s", net.Layers, diff)
		}
	}
	for _, layers := range notebook {
		check(t, build(t, layers, 1, 28, 28))
	}
	for _, odd := range oddLists {
		check(t, build(t, odd.layers, odd.in...))
		check(t, build(t, odd.layers[:len(odd.layers)-1], odd.in...)) // may end with any layer
	}
	check(t, build(t, graph.Sequential{graph.Rectify}, 1, 2, 2))
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		check(t, randomNetwork(rng))
	}
}

func TestTrainingIsTheNetworkAndBack(t *testing.T) {
	check := func(t *testing.T, net *graph.Network) {
		t.Helper()
		got := picture(t, net, draw.Picture{Drawing: draw.Training, Lowering: graph.Gorgonia})
		if diff := cmp.Diff(trainingEdges(net), edges(got)); diff != "" {
			t.Errorf("%v\n- want, + got\n%s", net.Layers, diff)
		}
		for _, p := range net.Params {
			for _, name := range []string{p.Name, "∂ " + p.Name} {
				if n := strings.Count(letters(got), "<b>"+name+"</b>"); n != 1 {
					t.Errorf("%v\n%s is drawn %d times, want once", net.Layers, name, n)
				}
			}
		}
	}
	for _, layers := range notebook {
		check(t, build(t, layers, 1, 28, 28))
	}
	for _, odd := range oddLists {
		if net := build(t, odd.layers, odd.in...); len(net.Params) > 0 {
			check(t, net)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		check(t, randomNetwork(rng))
	}
}

// TestTrainingIsOneLoop: in every lowering, whatever layers its ops cover, one way
// leads down from x to the loss, and one back up from the start of the gradient,
// through the same ops, as far as there are parameters.
func TestTrainingIsOneLoop(t *testing.T) {
	check := func(t *testing.T, net *graph.Network, lowering graph.Lowering) {
		t.Helper()
		dot := picture(t, net, draw.Picture{Drawing: draw.Training, Lowering: lowering})
		all := edges(dot)
		down, up := follow(t, all, "x"), follow(t, all, "d_1")
		if len(down) < 3 || down[len(down)-1] != "loss" {
			t.Fatalf("%v\n%s: x leads to %q, want the loss", net.Layers, lowering, down)
		}
		down = down[1 : len(down)-1]
		for _, l := range net.Layers {
			if len(l.Params) > 0 && !slices.Contains(down, l.Name) {
				t.Errorf("%v\n%s: x leads to %q, want %s among them", net.Layers, lowering, down, l.Name)
			}
		}
		first := slices.IndexFunc(down, func(name string) bool { return slices.Contains(all, name+"_p -> "+name) })
		if first < 0 {
			t.Fatalf("%v\n%s: no op reads parameters", net.Layers, lowering)
		}
		var want []string
		for _, name := range slices.Backward(down[first:]) {
			want = append(want, "d_"+name)
		}
		if diff := cmp.Diff(want, up[1:]); diff != "" {
			t.Errorf("%v\n%s: gradients, - want, + got\n%s", net.Layers, lowering, diff)
		}
		for _, e := range all {
			for _, end := range strings.Split(strings.Split(e, ":")[0], " -> ") {
				if strings.Count(dot, "\n  "+end+" [") != 1 {
					t.Errorf("%v\n%s: %q joins a box that is not drawn once", net.Layers, lowering, e)
				}
			}
		}
	}
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for _, layers := range notebook {
			check(t, build(t, layers, 1, 28, 28), lowering)
		}
		for _, odd := range oddLists {
			if net := build(t, odd.layers, odd.in...); len(net.Params) > 0 {
				check(t, net, lowering)
			}
		}
		rng := rand.New(rand.NewPCG(5, 6))
		for range 100 {
			check(t, randomNetwork(rng), lowering)
		}
	})
}

// follow goes along the only way of labelled values or gradients from a box.
func follow(t *testing.T, edges []string, from string) []string {
	t.Helper()
	way := []string{from}
	for {
		var next []string
		for _, e := range edges {
			if ends, label, _ := strings.Cut(e, ": "); !strings.HasPrefix(label, "keeps") && strings.HasPrefix(ends, from+" -> ") && !strings.HasSuffix(ends, "_g") {
				next = append(next, strings.TrimPrefix(ends, from+" -> "))
			}
		}
		if len(next) > 1 || len(way) > len(edges) {
			t.Fatalf("%s leads to %q, want one way\n%s", from, next, strings.Join(edges, "\n"))
		}
		if len(next) == 0 {
			return way
		}
		from = next[0]
		way = append(way, from)
	}
}

// randomNetwork can be trained: it has parameters and ends with SoftMax.
func randomNetwork(rng *rand.Rand) *graph.Network {
	in := []int{1 + rng.IntN(3), 1 + rng.IntN(20), 1 + rng.IntN(20)}
	var layers graph.Sequential
	for range rng.IntN(9) {
		l := []graph.Layer{
			graph.Conv2d(1+rng.IntN(9), 1+rng.IntN(5)), graph.MaxPool2D(1 + rng.IntN(3)),
			graph.Rectify, graph.Flatten, graph.Dense(1 + rng.IntN(999)), graph.SoftMax,
		}[rng.IntN(6)]
		if more := append(slices.Clip(layers), l); fits(more, in) {
			layers = more
		}
	}
	net, err := append(layers, graph.Flatten, graph.Dense(1+rng.IntN(10)), graph.SoftMax).Build(in...)
	if err != nil {
		panic(err)
	}
	return net
}

func fits(layers graph.Sequential, in []int) bool {
	_, err := layers.Build(in...)
	return err == nil
}

// TestWindowsInWords: a box says the stride and the padding of its layer, and a
// Dropout's rate, which is an op in a training step alone.
func TestWindowsInWords(t *testing.T) {
	net, err := graph.Sequential{
		graph.Conv2d(16, 3).Pad(1).Stride(2), graph.Rectify, graph.MaxPool2D(3).Same().Stride(2), graph.Dropout(0.25), graph.Conv2d(1, 2).Pad(1),
		graph.MaxPool2D(2).Pad(1), graph.MaxPool2D(4).Stride(2), graph.Flatten, graph.Dense(3), graph.SoftMax,
	}.Build(1, 28, 27)
	if err != nil {
		t.Fatal(err)
	}
	for drawing, wants := range map[draw.Drawing][]string{
		draw.Forward:  {"16 filters 3×3, stride 2, pad 1", "3×3, stride 2, same<", "rate 0.25<br/>no op", "1 filter 2×2, pad 1", "2×2, pad 1<", "4×4, stride 2, edge dropped"},
		draw.Fused:    {"3×3, stride 2, pad 1", "rate 0.25<br/>no op"},
		draw.Training: {"Conv2d 16×3×3, stride 2, pad 1 + bias", "rate 0.25<", "mask"},
	} {
		var b strings.Builder
		if err := draw.DOT(&b, net, draw.Picture{Drawing: drawing}); err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(letters(b.String()), want) {
				t.Errorf("%s: no %q in\n%s", drawing, want, b.String())
			}
		}
	}
}
