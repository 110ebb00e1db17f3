package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
)

// TestTasks: what a longer training passes through is not trained by itself, unless
// the longer one is there or not asked for.
func TestTasks(t *testing.T) {
	done := func(configs ...int) (runs []result.Run) {
		for _, k := range configs {
			runs = append(runs, result.Run{Config: k, Seed: 5})
		}
		return runs
	}
	for _, test := range []struct {
		args string
		runs []result.Run
		want string
	}{
		{"", nil, "1; 2; 3 then 4"},
		{"-only 3", nil, "3"},
		{"-only 2,4", nil, "2; 4"},
		{"", done(4), "1; 2; 3"},
		{"", done(1, 3), "2; 4"},
		{"-epochs 10", nil, "1; 2; 3 then 4"}, // both have ten
		{"-only 3,4 -seeds 2", done(3), "4; 3 then 4"},
	} {
		o, err := parse(append(strings.Fields(test.args), "-seed", "5"), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		c := &comparison{options: *o, runs: test.runs, settings: result.Settings{Epochs: o.epochs}}
		var got []string
		for _, task := range c.tasks() {
			words := ""
			for _, s := range task.stops {
				words += fmt.Sprint(s.K, " then ")
			}
			got = append(got, words+fmt.Sprint(task.K))
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%q with %d runs: got %s, want %s", test.args, len(test.runs), got, test.want)
		}
	}
}

// TestStop: a run that is a stop of a longer training equals the same training by
// itself, is kept as soon as the training passes it, and is not trained again.
func TestStop(t *testing.T) {
	data, alone, both := smallData(t), t.TempDir(), t.TempDir()
	args := []string{"-data", data, "-epochs", "12", "-o"}
	must(t, append(args, alone, "-only", "3")...)

	ctx, signal := context.WithCancel(context.Background())
	var stderr bytes.Buffer
	status := command.Status("compare", &stderr, run(ctx, append(args, both, "-only", "3,4"), io.Discard, writer(func(line []byte) (int, error) {
		signal() // after the first run
		return stderr.Write(line)
	})))
	if want := "1 of 2 runs are kept in " + filepath.Join(both, resultsName); status != command.Interrupted || !strings.Contains(stderr.String(), want) {
		t.Errorf("got exit status %d and %q, want %q", status, &stderr, want)
	}
	if diff := cmp.Diff(results(t, alone), results(t, both), untimed); diff != "" {
		t.Errorf("alone (-), on the way (+):\n%s", diff)
	}
	if _, errs := must(t, append(args, both, "-only", "3,4")...); strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "run 1/1: TwoLayer, batch 1024, seed 1: 12 epochs") {
		t.Errorf("going on: got %q, want the longer run alone", errs)
	}
	if r := results(t, both); len(r) != 2 || len(r[0].Epochs) != 10 || len(r[1].Epochs) != 12 || !cmp.Equal(r[0].Epochs, r[1].Epochs[:10], untimed) {
		t.Errorf("the shorter run is not the start of the longer one")
	}
}
