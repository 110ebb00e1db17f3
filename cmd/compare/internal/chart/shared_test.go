package chart

import (
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
)

// TestConfusionsShareAScale: the same number of mistakes has the same shade in all
// matrices, and the most frequent of any of them is the darkest.
func TestConfusionsShareAScale(t *testing.T) {
	labels := make([]uint8, 40)
	wrong := func(config, runs int, times ...int) result.Group {
		var ms []result.Mistake
		for guess, n := range times {
			for range n {
				ms = append(ms, result.Mistake{Image: len(ms), Truth: 0, Guess: guess + 1})
			}
		}
		g := result.Group{Config: result.Configs[config-1]}
		for range runs {
			g.Runs = append(g.Runs, result.Run{Mistakes: ms})
		}
		return g
	}
	groups := []result.Group{wrong(1, 1, 14, 2), wrong(2, 2, 7, 2)}
	set := digits(nil, labels)
	most := MostConfused(groups, set)
	if most != 14 {
		t.Fatalf("the most frequent mistake occurs %v times, want 14", most)
	}
	for i, want := range [][]string{{"p7", "p1"}, {"p4", "p1"}} { // 7 of 14 is level 3.5, 2 is 1
		for _, size := range []Size{Wide, Narrow} {
			root := drawing(Confusion(groups[i], set, most, size)).parse(t)
			var got []string
			for _, r := range root.all("rect", "") {
				if class := r.attr("class"); r.attr("rx") == "3" && class != "p0" {
					got = append(got, class)
				}
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("configuration %d: got shades %v, want %v", i+1, got, want)
			}
			if words := root.words(); !strings.Contains(words, "mistakes a run, 0 to 14, one scale for all") {
				t.Errorf("no legend in %s", words)
			}
		}
	}
}

// TestNarrow: narrow pictures fit into a phone, at most a sixth smaller.
func TestNarrow(t *testing.T) {
	set := testSet(t)
	for what, draw := range narrow(synthetic(3, set.Labels), set.Labels, set.Pixels) {
		if w := draw.parse(t).number("width"); w > 1.2*svg.NarrowWidth {
			t.Errorf("%s is %v wide, want at most %v", what, w, 1.2*svg.NarrowWidth)
		}
	}
}
