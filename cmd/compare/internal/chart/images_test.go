package chart

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/compare/internal/result"
)

// three has three mistakes in the first run and one in the second, on the
// labels 0 1 2 3 4.
func three() (runs []result.Run, labels []uint8) {
	return []result.Run{
		{Config: 2, Seed: 1, Mistakes: []result.Mistake{
			{Image: 0, Truth: 0, Guess: 6, PGuess: 0.9, PTruth: 0.1}, {Image: 2, Truth: 2, Guess: 7, PGuess: 0.6, PTruth: 0.4}, {Image: 3, Truth: 3, Guess: 5, PGuess: 1},
		}},
		{Config: 2, Seed: 2, Mistakes: []result.Mistake{{Image: 2, Truth: 2, Guess: 7, PGuess: 0.8, PTruth: 0.2}}},
	}, []uint8{0, 1, 2, 3, 4}
}

// cells are the numbers of a confusion matrix by truth and guess.
func cells(t *testing.T, root element) (cells [10][10]string) {
	t.Helper()
	rows, cols := map[float64]int{}, map[float64]int{}
	for _, e := range root.all("text", "") {
		if d, err := strconv.Atoi(e.words()); err == nil && e.has("end") {
			rows[e.number("y")] = d
		}
	}
	for _, e := range root.all("text", "mid")[1:11] {
		d, err := strconv.Atoi(e.words())
		if err != nil {
			t.Fatal(err)
		}
		cols[e.number("x")] = d
	}
	if len(rows) != 10 || len(cols) != 10 {
		t.Fatalf("%d rows, %d columns", len(rows), len(cols))
	}
	for _, e := range root.all("text", "mid")[11:] {
		cells[rows[e.number("y")]][cols[e.number("x")]] = e.words()
	}
	return cells
}

func TestConfusionCounts(t *testing.T) {
	runs, labels := three()
	root := drawing(Confusion(groups(runs)[0], digits(nil, labels), 1, Wide)).parse(t)
	var want [10][10]string
	want[0][0], want[0][6] = "0.5", "0.5"
	want[1][1] = "1.0"
	want[2][7] = "1.0"
	want[3][3], want[3][5] = "0.5", "0.5"
	want[4][4] = "1.0"
	if diff := cmp.Diff(want, cells(t, root)); diff != "" {
		t.Errorf("cells, - want, + got\n%s", diff)
	}
	if got, want := root.all("desc", "")[0].words(), "2 TwoLayer, batch 200 got 2.0 of 5 images wrong, most often a 2 taken for a 7, 1.0 times."; got != want {
		t.Errorf("described as %q, want %q", got, want)
	}
}

// Rows must add up to the images of their digit; only mistakes have a colour.
func TestConfusionOfAllTestImages(t *testing.T) {
	set := testSet(t)
	runs := synthetic(1, set.Labels)[:1]
	group := groups(runs)
	all := digits(nil, set.Labels)
	root := drawing(Confusion(group[0], all, MostConfused(group, all), Wide)).parse(t)
	cells := cells(t, root)
	for d := range 10 {
		sum := 0
		for _, cell := range cells[d] {
			n, _ := strconv.Atoi(cell)
			sum += n
		}
		if want := bytes.Count(set.Labels, []byte{byte(d)}); sum != want {
			t.Errorf("row %d has %d images, want %d", d, sum, want)
		}
	}
	rects := slices.DeleteFunc(root.all("rect", "")[1:], func(e element) bool { return e.attr("rx") == "" }) // without the legend
	if len(rects) != 90 {
		t.Errorf("%d coloured cells, want the 90 off the diagonal", len(rects))
	}
	for _, r := range rects {
		w, h := r.number("width")/2, r.number("height")/2
		mid := box{r.number("x") + w - 1, r.number("y"), r.number("x") + w + 1, r.number("y") + 2*h}
		inside := slices.ContainsFunc(root.all("text", "mid"), func(e element) bool { return mid.overlaps(e.box()) })
		if coloured := r.attr("class") != "p0"; coloured != inside {
			t.Errorf("the cell at %v is coloured: %v, has a number: %v", mid, coloured, inside)
		}
	}
}

func TestMistakesAreTheWorst(t *testing.T) {
	runs, _ := three()
	runs[1].Mistakes = append([]result.Mistake{{Image: 0, Truth: 0, Guess: 8, PGuess: 0.8}}, runs[1].Mistakes...) // image 0 again, not as bad
	root := drawing(Mistakes(groups(runs)[0], digits(make([]uint8, 5*28*28), nil), Wide)).parse(t)
	var got []string
	for _, g := range root.all("g", "mistake") {
		got = append(got, strings.Join(strings.Fields(g.words()), " "))
	}
	// −ln 1e-7 = 16.12, and of 0.2 and 0.4 the mean of 1.609 and 0.916.
	want := []string{"2 → 7 70.00 % loss 1.26", "3 → 5 50.00 % loss 16.12", "0 → 6 45.00 % loss 2.30"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("- want, + got\n%s", diff)
	}
}

// Of ninety-nine mistakes the sheet shows the forty surest.
func TestMistakesSheetIsFull(t *testing.T) {
	r := result.Run{Config: 1}
	for i := range 99 {
		r.Mistakes = append(r.Mistakes, result.Mistake{Image: i, Truth: 3, Guess: 5, PGuess: 0.5 + float64(i*37%99)/200})
	}
	root := drawing(Mistakes(groups([]result.Run{r})[0], digits(make([]uint8, 99*28*28), nil), Wide)).parse(t)
	sheet := root.all("g", "mistake")
	if len(sheet) != 40 {
		t.Fatalf("%d mistakes, want 40", len(sheet))
	}
	for i, g := range sheet {
		if want := fmt.Sprintf("%.2f %%", 100*(0.5+float64(98-i)/200)); !strings.Contains(g.words(), want) {
			t.Errorf("mistake %d is %q, want %s", i+1, g.words(), want)
		}
	}
}

// The pixels on the sheet must be those of the images, to half a step of grey,
// and the forty images that take most bytes must not make it large.
func TestMistakesShowTheImages(t *testing.T) {
	set := testSet(t)
	image := func(i int) []uint8 { return set.Pixels[i*28*28:][:28*28] }
	var order []int
	changes := make([]int, set.Len()) // from a pixel to the next
	for i := range changes {
		order = append(order, i)
		for p, v := range image(i)[1:] {
			if v != image(i)[p] {
				changes[i]++
			}
		}
	}
	slices.SortFunc(order, func(a, b int) int { return changes[b] - changes[a] })
	r := result.Run{Config: 1}
	for n, i := range order[:40] {
		truth := int(set.Labels[i])
		r.Mistakes = append(r.Mistakes, result.Mistake{Image: i, Truth: truth, Guess: (truth + 1) % 10, PGuess: 1 - float64(n)/100})
	}
	draw := drawing(Mistakes(groups([]result.Run{r})[0], digits(set.Pixels, nil), Wide))
	if n := len(draw); n > 60<<10 {
		t.Errorf("%d bytes, want at most 60 KB", n)
	}
	for n, g := range draw.parse(t).all("g", "pixels") {
		var got [28 * 28]float64
		for _, path := range g.all("path", "") {
			grey, _ := strconv.Atoi(strings.TrimPrefix(path.attr("class"), "g"))
			for run := range strings.SplitSeq(path.attr("d")[1:], "M") {
				var x, y, long int
				if _, err := fmt.Sscanf(run, "%d %dh%d", &x, &y, &long); err != nil {
					t.Fatal(run, err)
				}
				for i := range long {
					got[y*28+x+i] += 255 * float64(grey) / greys
				}
			}
		}
		for i, v := range image(order[n]) {
			if math.Abs(got[i]-float64(v)) > 255./greys/2+0.5 {
				t.Fatalf("image %d: pixel %d is %v, want %d", order[n], i, got[i], v)
			}
		}
	}
}

func TestFiltersShowTheWeights(t *testing.T) {
	run := result.Run{Config: 3, Filters: result.Filters{Side: 2, Kernels: [][]float32{{0.5, -0.25, 0, 0.001}, {-0.5, 0.1, 0.2, 0.4}}}}
	root := drawing(Filters([]Row{{"3 TwoLayer", "", run.Filters}}, "seed 1", Wide)).parse(t)
	filters := root.all("g", "filter")
	if len(filters) != 2 {
		t.Fatalf("%d filters, want 2", len(filters))
	}
	want := [][]string{{"p16 M0 0h1v1h-1z", "n8 M1 0h1v1h-1z", "p0 M0 1h1v1h-1z", "p0 M1 1h1v1h-1z"},
		{"n16 M0 0h1v1h-1z", "p3 M1 0h1v1h-1z", "p6 M0 1h1v1h-1z", "p13 M1 1h1v1h-1z"}}
	for i, f := range filters {
		var got []string
		for _, p := range f.all("path", "") {
			got = append(got, p.attr("class")+" "+p.attr("d"))
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("filter %d, - want, + got\n%s", i+1, diff)
		}
	}
	var legend []string
	for _, e := range root.all("text", "mid") {
		legend = append(legend, e.words())
	}
	if diff := cmp.Diff([]string{"1", "2", "−0.500", "0", "+0.500"}, legend); diff != "" {
		t.Errorf("legend, - want, + got\n%s", diff)
	}
}

// The ends and the middle of the legend must be under their colours.
func TestFiltersLegend(t *testing.T) {
	root := drawing(Filters(rows(groups(synthetic(1, nil))[0]), "seed 1", Wide)).parse(t)
	bars, numbers := root.all("g", "scale")[0].Inside, root.all("text", "mid")[16:]
	for i, class := range []string{"n16", "p0", "p16"} {
		bar := slices.IndexFunc(bars, func(e element) bool { return e.has(class) })
		if mid := bars[bar].number("x") + bars[bar].number("width")/2; mid != numbers[i].number("x") {
			t.Errorf("%s is at %v, %q at %v", class, mid, numbers[i].words(), numbers[i].number("x"))
		}
	}
}
