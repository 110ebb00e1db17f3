package chart

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
	"tapenet/graph"
)

// otherSet is n noisy images of a shape that are not MNIST's.
func otherSet(n int, shape graph.Shape, names []string) Set {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(len(names))))
	s := Set{Shape: shape, Names: names}
	for i := range n {
		s.Labels = append(s.Labels, uint8(i%len(names)))
	}
	for range n * shape.Size() {
		s.Images = append(s.Images, uint8(rng.IntN(256)))
	}
	return s
}

// numbers are the names of n classes, in a format such as class %d.
func numbers(n int, format string) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf(format, i))
	}
	return names
}

// otherRuns are runs on a set in which each third image is wrong.
func otherRuns(s Set, seeds int) result.Group {
	g := result.Group{Config: result.Configs[3]}
	rng := rand.New(rand.NewPCG(uint64(seeds), 1))
	for seed := range seeds {
		r := result.Run{Config: 4, Seed: uint64(seed), Filters: result.Filters{Side: 3}}
		for i, label := range s.Labels {
			guess := rng.IntN(len(s.Names))
			if rng.IntN(3) == 0 && guess != int(label) {
				r.Mistakes = append(r.Mistakes, result.Mistake{Image: i, Truth: int(label), Guess: guess, PGuess: rng.Float64()})
			}
		}
		for range 16 {
			kernel := make([]float32, s.Shape[0]*9)
			for i := range kernel {
				kernel[i] = float32(rng.NormFloat64())
			}
			r.Filters.Kernels = append(r.Filters.Kernels, kernel)
		}
		g.Runs = append(g.Runs, r)
	}
	return g
}

// otherPictures are those of sets that are not MNIST's.
func otherPictures() map[string]drawing {
	all := map[string]drawing{}
	for name, s := range map[string]Set{
		"two classes":        otherSet(3000, graph.Shape{3, 40, 20}, []string{"no", "yes"}),
		"ten with names":     otherSet(300, graph.Shape{3, 32, 32}, numbers(10, "a long name <%d> & more of it")),
		"letters":            otherSet(2600, graph.Shape{1, 28, 28}, strings.Split("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "")),
		"26 with names":      otherSet(26000, graph.Shape{1, 9, 5}, numbers(26, "%d, a long name of a class")),
		"signs as wide":      otherSet(90, graph.Shape{3, 8, 8}, numbers(9, "手書きの数字の画像 %d")),
		"47 of one letter":   otherSet(900, graph.Shape{1, 64, 64}, strings.Split("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt", "")),
		"100 with names":     otherSet(900, graph.Shape{1, 96, 80}, numbers(100, "n0%d a name that is long")),
		"256":                otherSet(9000, graph.Shape{1, 10, 10}, numbers(256, "%d")),
		"narrower than 0.01": otherSet(30, graph.Shape{3, 5, 700}, numbers(3, "%d")),
	} {
		for _, seeds := range []int{1, 3} {
			g := otherRuns(s, seeds)
			all[fmt.Sprintf("%s, %d seeds, confusion", name, seeds)] = Confusion(g, s, MostConfused([]result.Group{g}, s), Wide)
			all[fmt.Sprintf("%s, %d seeds, mistakes", name, seeds)] = Mistakes(g, s, Wide)
			all[fmt.Sprintf("%s, %d seeds, narrow confusion", name, seeds)] = Confusion(g, s, MostConfused([]result.Group{g}, s), Narrow)
			all[fmt.Sprintf("%s, %d seeds, narrow mistakes", name, seeds)] = Mistakes(g, s, Narrow)
		}
		r := rows(otherRuns(s, 1))
		all[name+", filters"], all[name+", narrow filters"] = Filters(r, "seed 1", Wide), Filters(r, "seed 1", Narrow)
		all[name+", activations"] = Activations(r, s, 1, "seed 1", Wide)
	}
	all["none wrong"] = Confusion(result.Group{Config: result.Configs[0], Runs: make([]result.Run, 1)}, otherSet(100, graph.Shape{1, 10, 10}, numbers(47, "%d")), 0, Wide)
	return all
}

// TestConfusionOfNames: rows and columns have the names of the classes, the cells
// the numbers of what was taken for what.
func TestConfusionOfNames(t *testing.T) {
	s := otherSet(3000, graph.Shape{1, 10, 10}, numbers(26, "class <%d>"))
	g := otherRuns(s, 1)
	root := drawing(Confusion(g, s, MostConfused([]result.Group{g}, s), Wide)).parse(t)
	rows, cols := map[float64]int{}, map[float64]int{}
	for _, e := range root.all("text", "end") {
		rows[e.number("y")] = slices.Index(s.Names, e.words())
	}
	for _, e := range root.all("text", "") {
		if e.attr("transform") != "" {
			b := e.box()
			cols[b.left+0.75*12-4] = slices.Index(s.Names, e.words())
		}
	}
	if len(rows) != 26 || len(cols) != 26 {
		t.Fatalf("got %d rows and %d columns", len(rows), len(cols))
	}
	got := make([][]int, 26)
	for i := range got {
		got[i] = make([]int, 26)
	}
	for _, e := range root.all("text", "mid") {
		if n, err := strconv.Atoi(e.words()); err == nil {
			got[rows[e.number("y")]][cols[e.number("x")]] = n
		}
	}
	if diff := cmp.Diff(result.Confusion(g.Runs, s.Labels, 26), got); diff != "" {
		t.Errorf("cells, - want, + got\n%s", diff)
	}
	if want := "most often class <"; !strings.Contains(root.all("desc", "")[0].words(), want) {
		t.Errorf("described as %q", root.all("desc", "")[0].words())
	}
}

// TestConfusionOfMany: without numbers, each pair has the shade that its number
// says, and the most frequent are listed.
func TestConfusionOfMany(t *testing.T) {
	s := otherSet(9000, graph.Shape{1, 10, 10}, numbers(47, "class %d"))
	g := otherRuns(s, 1)
	for i := range g.Runs[0].Mistakes { // some pairs are frequent
		if m := &g.Runs[0].Mistakes[i]; m.Truth == 7 && m.Guess%2 == 0 {
			m.Guess = 40
		}
	}
	times := result.Confusion(g.Runs, s.Labels, 47)
	pairs := result.Pairs(times)
	root := drawing(Confusion(g, s, MostConfused([]result.Group{g}, s), Wide)).parse(t)
	cells := root.all("g", "cells")[0].Inside
	if cells[0].attr("class") != "zero" || cells[0].attr("d") != "M0 0h47v47h-47z" || cells[1].attr("class") != "right" {
		t.Errorf("got %+v, want the paper and what was right", cells[:2])
	}
	found := 0
	for _, path := range cells[2:] {
		level, _ := strconv.Atoi(strings.TrimPrefix(path.attr("class"), "p"))
		for cell := range strings.SplitSeq(path.attr("d")[1:], "M") {
			var guess, truth int
			if _, err := fmt.Sscanf(cell, "%d %dh1v1h-1z", &guess, &truth); err != nil {
				t.Fatal(err)
			}
			found++
			n := times[truth][guess]
			if want := max(1, math.Round(16*float64(n)/float64(pairs[0].Times))); n == 0 || level != int(want) || guess == truth {
				t.Errorf("%d taken for %d: got level %d for %d times", truth, guess, level, n)
			}
		}
	}
	if found != len(pairs) {
		t.Errorf("got %d cells, want %d", found, len(pairs))
	}
	p := pairs[0]
	if want := fmt.Sprintf("%d × class %d → class %d", p.Times, p.Truth, p.Guess); p.Truth != 7 || !strings.Contains(root.words(), want) {
		t.Errorf("no %q in %s", want, root.words())
	}
}

// TestSmallCells: a cell of many classes has two digits at least, and no more than
// need be.
func TestSmallCells(t *testing.T) {
	for _, row := range []struct {
		classes, runs, times int
		want                 string
	}{{10, 3, 1000, "333.3"}, {11, 3, 1000, "333"}, {26, 3, 1001, "334"}, {26, 3, 30, "10"}, {26, 3, 29, "9.7"}, {26, 1, 7, "7"}, {26, 1, 100000, "100000"}, {2, 3, 1000000, "333333.3"}} {
		m := &confusion{runs: row.runs, times: make([][]int, row.classes)}
		m.times[0] = []int{row.times}
		if got := m.cell(0, 0); got != row.want {
			t.Errorf("%+v: got %s", row, got)
		}
		m.layout()
		if room := svg.Width(row.want, svg.SmallLetter); m.cellWidth < room+8 {
			t.Errorf("%+v: got cells of %v, the number has %v", row, m.cellWidth, room)
		}
	}
}

// TestPhotos: images that are not ink on paper are drawn with their own colours,
// large ones as means.
func TestPhotos(t *testing.T) {
	for _, row := range []struct {
		shape         graph.Shape
		cols, rows    int // of what is drawn
		width, height float64
	}{
		{graph.Shape{3, 32, 32}, 32, 32, 64, 64},
		{graph.Shape{1, 8, 4}, 4, 8, 36, 72},
		{graph.Shape{3, 64, 48}, 48, 64, 48, 64},
		{graph.Shape{3, 65, 3}, 2, 33, 4, 66},
		{graph.Shape{1, 224, 192}, 48, 56, 48, 56},
	} {
		s := otherSet(3, row.shape, numbers(2, "%d"))
		g := result.Group{Config: result.Configs[0], Runs: []result.Run{{Mistakes: []result.Mistake{{Image: 1, Truth: 1, Guess: 0}}}}}
		image := drawing(Mistakes(g, s, Wide)).parse(t).all("image", "photo")[0]
		if w, h := image.number("width"), image.number("height"); w != row.width || h != row.height {
			t.Errorf("%v: got %vx%v, want %vx%v", row.shape, w, h, row.width, row.height)
		}
		file, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(image.attr("href"), "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if size := picture.Bounds().Size(); size.X != row.cols || size.Y != row.rows {
			t.Fatalf("%v: got %v, want %dx%d", row.shape, size, row.cols, row.rows)
		}
		c, h, w := row.shape[0], row.shape[1], row.shape[2]
		k := (h + row.rows - 1) / row.rows
		for y := range row.rows {
			for x := range row.cols {
				r, green, b, a := picture.At(x, y).RGBA()
				for channel, got := range []uint32{r, green, b} {
					channel %= c
					sum, n := 0.0, 0.0
					for i := range k * k {
						if py, px := y*k+i/k, x*k+i%k; py < h && px < w {
							sum, n = sum+float64(s.Images[((c+channel)*h+py)*w+px]), n+1
						}
					}
					if want := sum / n; math.Abs(float64(got>>8)-want) > 0.5 || a != 0xffff {
						t.Fatalf("%v: pixel %d, %d has %d, want %v", row.shape, x, y, got>>8, want)
					}
				}
			}
		}
	}
}

// TestInk: images that are mostly paper are drawn as ink, whatever their size.
func TestInk(t *testing.T) {
	s := otherSet(2, graph.Shape{1, 3, 4}, numbers(2, "%d"))
	clear(s.Images)
	s.Images[12+6] = 255 // row 1, column 2
	g := result.Group{Config: result.Configs[0], Runs: []result.Run{{Mistakes: []result.Mistake{{Image: 1, Truth: 1, Guess: 0}}}}}
	root := drawing(Mistakes(g, s, Wide)).parse(t)
	pixels := root.all("g", "pixels")[0]
	if got := pixels.Inside; len(got) != 1 || got[0].attr("class") != "g8" || got[0].attr("d") != "M2 1h1" || !strings.Contains(pixels.attr("transform"), "scale(18)") {
		t.Errorf("got %+v", pixels)
	}
	s.Shape = graph.Shape{3, 2, 2}
	if len(drawing(Mistakes(g, s, Wide)).parse(t).all("image", "photo")) != 1 {
		t.Error("a colour image is not drawn as a photo")
	}
}

// TestCaptions: what does not fit into a line is in two.
func TestCaptions(t *testing.T) {
	s := otherSet(2, graph.Shape{3, 4, 4}, []string{"a name", "another name of a class"})
	g := result.Group{Config: result.Configs[0], Runs: []result.Run{{Mistakes: []result.Mistake{{Image: 0, Truth: 0, Guess: 1, PGuess: .5}}}}}
	for _, want := range [][]string{{"a name", "→ anothe…ass", "50.00 %", "loss 16.12"}, {"yes → no", "50.00 %", "loss 16.12"}} {
		var got []string
		for _, e := range drawing(Mistakes(g, s, Wide)).parse(t).all("g", "mistake")[0].all("text", "") {
			got = append(got, e.words())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("- want, + got\n%s", diff)
		}
		s.Names = []string{"yes", "no"}
	}
}

// TestFilterChannels: each channel has a square, on one scale.
func TestFilterChannels(t *testing.T) {
	run := result.Run{Config: 1, Filters: result.Filters{Side: 1, Kernels: [][]float32{{0.5, -0.25, 0}, {0.1, 0.2, 0.4}}}}
	root := drawing(Filters([]Row{{"1 OneLayer", "", run.Filters}}, "seed 1", Wide)).parse(t)
	var got []string
	for _, f := range root.all("g", "filter") {
		got = append(got, f.Inside[0].attr("class"), f.attr("transform"))
	}
	want := []string{"p16", "translate(106 72)scale(40)", "n8", "translate(106 116)scale(40)", "p0", "translate(106 160)scale(40)",
		"p3", "translate(150 72)scale(40)", "p6", "translate(150 116)scale(40)", "p13", "translate(150 160)scale(40)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + got\n%s", diff)
	}
	if got := root.all("desc", "")[0].words(); got != "Weights from −0.250 to +0.500, in rows: 1 OneLayer." {
		t.Errorf("described as %q", got)
	}
}
