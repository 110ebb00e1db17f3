package draw_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"

	"github.com/google/go-cmp/cmp"
)

// widestPool is the side of the largest window that runs as one op with a
// convolution: the number of its winner is a byte.
const widestPool = 16

// runs are the layers of a network that run as one op each.
func runs(net *graph.Network) (all [][]graph.NamedLayer) {
	for i := 0; i < len(net.Layers); {
		end := i + 1
		next := func(kind graph.Kind) bool { return end < len(net.Layers) && net.Layers[end].Kind == kind }
		switch first := net.Layers[i].Kind; {
		case first == graph.KindConv2d:
			if next(graph.KindRectify) {
				end++
			}
			if next(graph.KindMaxPool2D) && net.Layers[end].Pool <= widestPool {
				end++
			}
		case first == graph.KindDense && next(graph.KindRectify):
			end++
		}
		all = append(all, net.Layers[i:end])
		i = end
	}
	return all
}

// The fused drawing has one box for each run of layers, in a chain, and in it
// the layers in their order with what is never stored between them.
func TestFusedIsTheNetwork(t *testing.T) {
	bold := regexp.MustCompile(`<b>(.*?)</b>`)
	unstored := regexp.MustCompile(`>([^<>]*) · never stored<`)
	check := func(t *testing.T, net *graph.Network) {
		t.Helper()
		dot := letters(picture(t, net, draw.Picture{Drawing: draw.Fused}))
		from, shape := "x", net.In
		var want []string
		for _, run := range runs(net) {
			first, last := run[0], run[len(run)-1]
			want = append(want, from+" -> "+first.Name+": "+shape.String())
			from, shape = first.Name, last.Out
			for _, p := range first.Params {
				want = append(want, dotID(p)+" -> "+first.Name)
			}
			box := regexp.MustCompile(`(?m)^  ` + first.Name + ` \[.*$`).FindString(dot)
			var titles, between, wantTitles, wantBetween []string
			for _, m := range bold.FindAllStringSubmatch(box, -1) {
				titles = append(titles, m[1])
			}
			for _, m := range unstored.FindAllStringSubmatch(box, -1) {
				between = append(between, m[1])
			}
			for i, l := range run {
				wantTitles = append(wantTitles, string(l.Kind))
				if i > 0 {
					wantBetween = append(wantBetween, l.In.String())
				}
			}
			if len(run) > 1 {
				titles = titles[1:] // that of the op
				if keeps := "keeps " + last.Out.String(); !strings.Contains(box, ">"+keeps) {
					t.Errorf("%v\n%s does not say that it %s\n%s", net.Layers, first.Name, keeps, box)
				}
			}
			if diff := cmp.Diff(wantTitles, titles); diff != "" {
				t.Errorf("%v\n%s: layers, - want, + got\n%s", net.Layers, first.Name, diff)
			}
			if diff := cmp.Diff(wantBetween, between); diff != "" {
				t.Errorf("%v\n%s: never stored, - want, + got\n%s", net.Layers, first.Name, diff)
			}
		}
		result := "result"
		if net.Layers[len(net.Layers)-1].Kind == graph.KindSoftMax {
			result = "probabilities"
		}
		want = append(want, from+" -> "+result+": "+shape.String())
		slices.Sort(want)
		if diff := cmp.Diff(want, edges(dot)); diff != "" {
			t.Errorf("%v\nedges, - want, + got\n%s", net.Layers, diff)
		}
	}
	for _, layers := range notebook {
		check(t, build(t, layers, 1, 28, 28))
	}
	for _, odd := range oddLists {
		check(t, build(t, odd.layers, odd.in...))
		check(t, build(t, odd.layers[:len(odd.layers)-1], odd.in...)) // may end with any layer
	}
	check(t, build(t, graph.Sequential{graph.Conv2d(2, 1), graph.MaxPool2D(widestPool + 1)}, 1, 40, 40))
	rng := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		check(t, randomNetwork(rng))
	}
}
