package report

import (
	"fmt"
	"math"
	"testing"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
)

// TestRates: of 1,000 fours two runs took 3 and 1 for nines: 1,996 of 2,000 were
// found; of the nines, one of 2,000 was taken for a four, so 2,003 guesses of nine
// were right 1,999 times.
func TestRates(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98, 98}, 3: {98}})
	b.groups[0].Runs[0].Mistakes = wrongs([2]int{4, 9}, [2]int{4, 9}, [2]int{4, 9})
	b.groups[0].Runs[1].Mistakes = wrongs([2]int{4, 9}, [2]int{9, 4})
	tables := b.rates()
	expect(t, "columns", fmt.Sprint(tables[0].Columns[2].Name, tables[0].Columns[3].Name, len(tables[0].Columns)), "134")
	for i, want := range [][2]string{{"[4 1,000 99.80 100.00]", "[9 1,000 99.95 100.00]"}, {"[4 1,000 99.95 100.00]", "[9 1,000 99.80 100.00]"}} {
		expect(t, tables[i].Caption, fmt.Sprint(tables[i].Rows[4]), want[0])
		expect(t, tables[i].Caption, fmt.Sprint(tables[i].Rows[9]), want[1])
		if len(tables[i].Rows) != 10 {
			t.Errorf("%d rows, want 10", len(tables[i].Rows))
		}
	}
}

// TestRatesOfNothing: a class without images has no recall, one that was never
// guessed no precision; of many classes, those with the lowest recall are shown.
func TestRatesOfNothing(t *testing.T) {
	recall, precision := rate([][]int{{0, 3}, {0, 0}}, 0)
	expect(t, "recall", recall, "0.00")
	expect(t, "precision", precision, "–")
	recall, _ = rate([][]int{{0, 3}, {0, 0}}, 1)
	expect(t, "recall of no images", recall, "–")

	b := notebook(t, map[int][]float64{1: {98}})
	other := b.Comparison
	other.Settings = result.Settings{Data: "ab", Train: 60000, Test: images}.Of([]int{1, 28, 28}, 40) // 10 have images
	other.Runs[0].Mistakes = wrongs([2]int{7, 39}, [2]int{7, 39}, [2]int{3, 0})
	o, err := newBuilder(other)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "rated", fmt.Sprint(o.rated()), "[7 3 0 1 2 4 5 6 8 9]")
}

func TestRanges(t *testing.T) {
	for _, test := range []struct {
		numbers []uint64
		want    string
	}{{nil, ""}, {[]uint64{4}, "4"}, {[]uint64{4, 5}, "4 and 5"}, {[]uint64{1, 2, 3, 7}, "1 to 3 and 7"}, {[]uint64{1, 3, 5, 6, 7}, "1, 3 and 5 to 7"}} {
		expect(t, "ranges", ranges(test.numbers), test.want)
	}
}

// TestRecipe: what is needed to get the numbers again is there, and what is not
// known is left out.
func TestRecipe(t *testing.T) {
	b := notebook(t, map[int][]float64{1: {98, 98, 98}, 2: {98}})
	rows := fmt.Sprint(b.recipe().Rows)
	b.Origin = Origin{Command: "compare -o 'a\x1bb'", Date: "today", Program: "tapenet"}
	expect(t, "added", fmt.Sprint(b.recipe().Rows), `[[command line compare -o 'a\x1bb'] [date of the report today] [program tapenet] `+rows[1:])
	expect(t, "seeds", b.recipe().Rows[6][1], "1 to 3; a seed fixes the initial weights and the order of the images")
}

// TestStops: a configuration that is the start of another is compared seed by
// seed, if both have the same seeds.
func TestStops(t *testing.T) {
	b := notebook(t, map[int][]float64{3: {98.10, 98.30}, 4: {98.70, 98.80}})
	// The differences 0.60 and 0.50: t = 11, one degree of freedom, p = 2·atan(1/11)/π.
	d := b.compare(b.of(3), b.of(4))
	if math.Abs(d.P-0.057716) > 1e-5 || d.paired != 2 || d.Verdict != stats.Noise {
		t.Errorf("got %+v", d)
	}
	b = notebook(t, map[int][]float64{3: {98.10, 98.30}, 4: {98.70, 98.80, 98.90}})
	if d := b.compare(b.of(3), b.of(4)); d.paired != 0 {
		t.Errorf("seeds differ, got %+v", d)
	}
	b = notebook(t, map[int][]float64{2: {98.10, 98.30}, 4: {98.70, 98.80}})
	if d := b.compare(b.of(2), b.of(4)); d.paired != 0 {
		t.Errorf("other batches, got %+v", d)
	}
}
