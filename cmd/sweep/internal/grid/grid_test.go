package grid

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tapenet/cmd/internal/runs/training"
)

var images = training.Images{Data: strings.Repeat("ab", 32), Train: 5, Test: 4, Classes: 10}

// parse returns the grid of a command line.
func parse(t *testing.T, line string) (*Grid, error) {
	t.Helper()
	var g Grid
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	g.Flags(fs)
	err := fs.Parse(strings.Fields(line))
	return &g, err
}

// list returns the runs of a command line.
func list(t *testing.T, line string) []training.Settings {
	t.Helper()
	g, err := parse(t, line)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := g.List(images)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func described(runs []training.Settings) (all []string) {
	for _, r := range runs {
		all = append(all, fmt.Sprint(r.Network[:3], " ", r.Batch, " ", r.LR, " ", r.Epochs, " ", r.Seed))
	}
	return all
}

// TestList: all combinations, one seed after the other, in the order that was given.
func TestList(t *testing.T) {
	got := described(list(t, "-network twolayer,onelayer -batch 1024,200 -lr 0.01 -epochs 2 -seeds 2 -seed 7"))
	want := []string{
		"two 1024 0.01 2 7", "two 200 0.01 2 7", "one 1024 0.01 2 7", "one 200 0.01 2 7",
		"two 1024 0.01 2 8", "two 200 0.01 2 8", "one 1024 0.01 2 8", "one 200 0.01 2 8",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
	for _, r := range list(t, "") {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
}

// TestErrors: one thing is wrong in each row.
func TestErrors(t *testing.T) {
	for line, want := range map[string]string{
		"-network threelayer":                    "want different ones of onelayer, twolayer",
		"-network onelayer,onelayer":             "want different ones of",
		"-batch 0":                               "want whole numbers, at least 1",
		"-batch 200,":                            "want whole numbers, at least 1",
		"-batch 200,200":                         "different ones",
		"-lr 0.001,0.0010":                       "different ones",
		"-lr NaN":                                "want finite numbers above 0",
		"-lr 0.1:0.01":                           "a range such as LOW:HIGH",
		"-lr 0.1:0.2:0.3":                        "a range such as LOW:HIGH",
		"-lr 0.001:0.01":                         "-lr: a range needs -sample N",
		"-batch 1:5 -sample 6 -network onelayer": "found only 5 different configurations",
		"-seed 18446744073709551615 -seeds 2":    "want at most 18446744073709551614",
		"-seeds 50001":                           "want at most 100000 trainings",
	} {
		g, err := parse(t, line)
		if err == nil {
			_, err = g.List(images)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", line, err, want)
		}
	}
}

// TestParts: parts are equally large but for one, and together they are the runs, in
// order.
func TestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runs := make([]training.Settings, rapid.IntRange(0, 60).Draw(t, "runs"))
		for i := range runs {
			runs[i].Seed = uint64(i)
		}
		parts := rapid.IntRange(1, 20).Draw(t, "parts")
		var all []training.Settings
		for i := range parts {
			part := Part(runs, i, parts)
			if n := len(part); n < len(runs)/parts || n > len(runs)/parts+1 {
				t.Errorf("part %d/%d of %d has %d", i, parts, len(runs), n)
			}
			if !slices.IsSortedFunc(part, func(a, b training.Settings) int { return int(a.Seed) - int(b.Seed) }) {
				t.Errorf("part %d/%d is not in order: %v", i, parts, described(part))
			}
			all = append(all, part...)
		}
		slices.SortFunc(all, func(a, b training.Settings) int { return int(a.Seed) - int(b.Seed) })
		if !slices.Equal(all, runs) {
			t.Errorf("%d parts of %d runs are together %d", parts, len(runs), len(all))
		}
	})
}

// TestPartsAreAlike: no part gets the slow configurations of all seeds, whatever the
// number of parts.
func TestPartsAreAlike(t *testing.T) {
	runs := list(t, "-network twolayer -epochs 1,25 -batch 200,1024 -seeds 40")
	for parts := 2; parts <= 8; parts++ {
		for i := range parts {
			slow, part := 0, Part(runs, i, parts)
			for _, r := range part {
				if r.Epochs == 25 {
					slow++
				}
			}
			if share := float64(slow) / float64(len(part)); share < 0.25 || share > 0.75 {
				t.Errorf("part %d/%d has %d slow ones of %d", i, parts, slow, len(part))
			}
		}
	}
}

// TestSample: a sample lies in its ranges, is the same each time, has no run twice,
// and a larger one begins with it.
func TestSample(t *testing.T) {
	const line = "-lr 0.0001:0.01 -batch 50:1000 -epochs 2,3 -sample "
	small, large := list(t, line+"20"), list(t, line+"30")
	if diff := cmp.Diff(small, large[:20]); diff != "" {
		t.Errorf("20 (-) and the first of 30 (+):\n%s", diff)
	}
	if cmp.Equal(small, list(t, line+"20 -sample-seed 2")) {
		t.Error("another seed draws the same")
	}
	for i, r := range large {
		if r.LR < 0.0001 || r.LR > 0.01 || r.Batch < 50 || r.Batch > 1000 || r.Epochs < 2 || r.Epochs > 3 || slices.Contains(large[:i], r) {
			t.Errorf("got %v", described(large[i:i+1]))
		}
		if len(fmt.Sprint(r.LR)) > len("0.000123") {
			t.Errorf("learning rate %v has more than three digits", r.LR)
		}
	}
	below, many := 0, list(t, line+"400")
	for _, r := range many {
		if r.LR < 0.001 { // half of the range, on a logarithmic scale
			below++
		}
	}
	if below < 160 || below > 240 { // within four standard deviations
		t.Errorf("%d of 400 learning rates are below 0.001", below)
	}
	if got := len(list(t, "-network onelayer -batch 1:5 -sample 5")); got != 5 {
		t.Errorf("got %d of 5", got)
	}
}

// TestValues: a grid comes back from its values.
func TestValues(t *testing.T) {
	for _, line := range []string{"", "-network twolayer -batch 50:1000 -lr 1e-05:0.01 -epochs 2,3 -sample 30 -sample-seed 9 -seed 4 -seeds 2 -ops gorgonia"} {
		g, err := parse(t, line)
		if err != nil {
			t.Fatal(err)
		}
		again, err := FromValues(g.Values())
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(*again) != fmt.Sprint(*g) {
			t.Errorf("%s: got %v, want %v", line, *again, *g)
		}
	}
	if _, err := FromValues(map[string]string{"lr": "x"}); err == nil {
		t.Error("a wrong value was taken")
	}
}

// TestFile: a file sets what the command line does not.
func TestFile(t *testing.T) {
	read := func(text string) (*Grid, error) {
		g := new(Grid)
		fs := flag.NewFlagSet("", flag.ContinueOnError)
		g.Flags(fs)
		if err := fs.Parse([]string{"-seeds", "3"}); err != nil {
			t.Fatal(err)
		}
		return g, Read(strings.NewReader(text), fs, map[string]bool{"seeds": true})
	}
	g, err := read(`{"network": "twolayer", "batch": [200, "1024"], "lr": "0.0001:0.01", "epochs": 5, "seeds": 9, "sample": 20}`)
	want, _ := parse(t, "-network twolayer -batch 200,1024 -lr 0.0001:0.01 -epochs 5 -seeds 3 -sample 20")
	if err != nil || fmt.Sprint(*g) != fmt.Sprint(*want) {
		t.Errorf("error %v; got %v, want %v", err, *g, *want)
	}
	for text, want := range map[string]string{
		``:                             "want a JSON object",
		`[]`:                           "want a JSON object",
		`{"lr": 0.1`:                   "not JSON",
		`{"lr": 0.1} {}`:               "got more after the object",
		`{"rate": 0.1}`:                `got the key "rate", want one of batch, epochs, lr,`,
		`{"lr": 0.1, "lr": 0.2}`:       `got the key "lr", want one of`,
		`{"lr": [[0.1]]}`:              `"lr": got a list in a list`,
		`{"lr": null}`:                 `"lr": got <nil>, want a number`,
		`{"lr": {}}`:                   `"lr": got map[], want a number`,
		`{"lr": true}`:                 `"lr": got true, want a number`,
		`{"batch": 1.5}`:               `"batch": got "1.5": want whole numbers`,
		`{"batch": []}`:                `"batch": got "": want whole numbers`,
		`{"network": ["twolayer", 3]}`: `"network": got "twolayer,3": want different ones of`,
	} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", text, err, want)
		}
	}
}
