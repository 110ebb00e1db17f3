package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/runs"
)

// TestMissing: what is there is not trained again, and configurations that are one
// training are trained once.
func TestMissing(t *testing.T) {
	done := func(configs ...int) (runs []result.Run) {
		for _, k := range configs {
			runs = append(runs, result.Run{Config: k, Seed: 5})
		}
		return runs
	}
	const one, two, three, four = "onelayer, batch 200, lr 0.001, epochs 10", "twolayer, batch 200, lr 0.001, epochs 10",
		"twolayer, batch 1024, lr 0.001, epochs 10", "twolayer, batch 1024, lr 0.001, epochs 25"
	for _, test := range []struct {
		args string
		runs []result.Run
		want []string // with seed 5 if they name none
	}{
		{"", nil, []string{one, two, three, four}},
		{"-only 3", nil, []string{three}},
		{"-only 2,4", nil, []string{two, four}},
		{"", done(4), []string{one, two, three}},
		{"", done(1, 2, 3, 4), nil},
		{"-epochs 10", nil, []string{one, two, three}},
		{"-epochs 10", done(3), []string{one, two, three}}, // for 4
		{"-only 3,4 -seeds 2", done(3), []string{four, three + " 6", four + " 6"}},
	} {
		o, err := parse(append(strings.Fields(test.args), "-seed", "5"), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		c := &comparison{options: *o, runs: test.runs, settings: result.Settings{Epochs: o.epochs}}
		var got []string
		for _, s := range c.missing() {
			got = append(got, strings.TrimSuffix(fmt.Sprint(s, " ", s.Seed), " 5"))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q with %d runs: want (-) got (+):\n%s", test.args, len(test.runs), diff)
		}
	}
}

// writer is a function as an io.Writer.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestInterrupt: a command that is interrupted, in configuration 4 after its stop 3,
// exits with 130 and says how to go on; the same command then does what is missing,
// and only that, and ends with the results of one that was never stopped.
func TestInterrupt(t *testing.T) {
	data, dir, whole := smallData(t), t.TempDir(), t.TempDir()
	args := []string{"-data", data, "-seeds", "2", "-epochs", "12", "-only", "2,3,4", "-o"}
	must(t, append(args, whole)...)

	ctx, signal := context.WithCancel(context.Background())
	var stdout, stderr bytes.Buffer
	status := command.Status("compare", &stderr, run(ctx, append(args, dir), &stdout, writer(func(line []byte) (int, error) {
		if bytes.HasPrefix(line, []byte("run 5/6")) {
			signal()
		}
		return stderr.Write(line)
	})))
	last := "compare: interrupted; runs still missing: 1; those done are kept in " + dir + ", and the same command goes on\n"
	if status != command.Interrupted || !strings.HasSuffix(stderr.String(), "\n"+last) || stdout.Len() > 0 {
		t.Errorf("got exit status %d, standard output %q, standard error %q, want at its end %q", status, &stdout, &stderr, last)
	}
	if _, err := os.Stat(filepath.Join(dir, resultsName)); !os.IsNotExist(err) {
		t.Errorf("%s is there before all runs are (%v)", resultsName, err)
	}
	before := snapshot(t, filepath.Join(dir, runs.Folder))

	_, errs := must(t, append(args, dir)...)
	if !strings.HasPrefix(errs, "run 1/1: twolayer, batch 1024, lr 0.001, epochs 12, seed 2: ") || strings.Count(errs, "\n") != 1 {
		t.Errorf("going on: got %s", errs)
	}
	if diff := cmp.Diff(results(t, whole), results(t, dir), untimed); diff != "" {
		t.Errorf("never stopped (-), stopped (+):\n%s", diff)
	}
	after := snapshot(t, filepath.Join(dir, runs.Folder))
	for path, text := range before {
		if after[path] != text {
			t.Errorf("%s was written again", path)
		}
	}
	if _, errs := must(t, append(args, dir)...); errs != "" {
		t.Errorf("all was done, and still: %s", errs)
	}
}

// TestStop: the run of configuration 3 equals the same training by itself.
func TestStop(t *testing.T) {
	data, alone, both := smallData(t), t.TempDir(), t.TempDir()
	args := []string{"-data", data, "-epochs", "12", "-o"}
	must(t, append(args, alone, "-only", "3")...)
	must(t, append(args, both, "-only", "3,4")...)
	if diff := cmp.Diff(results(t, alone), results(t, both)[:1], untimed); diff != "" {
		t.Errorf("alone (-), on the way (+):\n%s", diff)
	}
	if r := results(t, both); len(r) != 2 || len(r[0].Epochs) != 10 || len(r[1].Epochs) != 12 || !cmp.Equal(r[0].Epochs, r[1].Epochs[:10]) {
		t.Errorf("the shorter run is not the start of the longer one")
	}
}

// TestOlder: the runs of a results.json from before there were files for each count,
// and are not trained again.
func TestOlder(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-epochs", "2", "-only", "1,2", "-o", dir}
	must(t, args...)
	before := results(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, runs.Folder)); err != nil {
		t.Fatal(err)
	}
	if _, stderr := must(t, args...); stderr != "" {
		t.Errorf("trained again: %s", stderr)
	}
	if diff := cmp.Diff(before, results(t, dir)); diff != "" {
		t.Errorf("before (-) and after (+):\n%s", diff)
	}
	if _, stderr := must(t, append(args, "-seeds", "2")...); strings.Count(stderr, "run ") != 2 || strings.Contains(stderr, "seed 1:") {
		t.Errorf("one more seed: got %s", stderr)
	}
	if after := results(t, dir); len(after) != 4 || !cmp.Equal(after[0], before[0]) || !cmp.Equal(after[2], before[1]) {
		t.Errorf("one more seed: got %d runs, want 4, the first and third as before", len(after))
	}
}

// TestKilled: runs are enough. After a command that was killed at its end the next one
// writes the same results, whatever it is to train, and -merge finds them.
func TestKilled(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-epochs", "2", "-only", "1,3,4"}
	must(t, append(args, "-o", filepath.Join(dir, "a"))...)
	results := filepath.Join(dir, "a", resultsName)
	want := read(t, results)
	if err := os.Remove(results); err != nil {
		t.Fatal(err)
	}
	if _, stderr := must(t, "-data", data, "-epochs", "2", "-merge", dir, "-o", filepath.Join(dir, "b")); stderr != "" {
		t.Errorf("-merge: got %s", stderr)
	}
	if _, stderr := must(t, append(args, "-o", filepath.Join(dir, "a"), "-only", "3")...); stderr != "" {
		t.Errorf("trained again: %s", stderr)
	}
	for _, name := range []string{"a", "b"} {
		if got := read(t, filepath.Join(dir, name, resultsName)); !bytes.Equal(got, want) {
			t.Errorf("%s: got other results:\n%s", name, cmp.Diff(string(want), string(got)))
		}
	}
}

// TestJobs: more trainings at once change no bit, and are said, since times of others
// do not compare.
func TestJobs(t *testing.T) {
	data, one, three := smallData(t), t.TempDir(), t.TempDir()
	args := []string{"-data", data, "-epochs", "2", "-seeds", "2", "-workers", "3", "-o"}
	must(t, append(args, one)...)
	must(t, append(args, three, "-jobs", "3")...)
	if diff := cmp.Diff(results(t, one), results(t, three), untimed, cmpopts.IgnoreFields(result.Run{}, "Machine")); diff != "" {
		t.Errorf("one at a time (-), three at once (+):\n%s", diff)
	}
	for dir, jobs := range map[string]int{one: 0, three: 3} {
		if got := results(t, dir)[0].Machine.Jobs; got != jobs {
			t.Errorf("got %d jobs, want %d", got, jobs)
		}
		if strings.Contains(string(read(t, filepath.Join(dir, "report.md"))), "1, of 3 at once") != (jobs == 3) {
			t.Errorf("%d jobs: the report says other", jobs)
		}
	}
}

// TestWithoutDetails: a run of another command that kept no mistakes and filters is
// refused, and stays; runs of other settings are left out.
func TestWithoutDetails(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-epochs", "2", "-only", "2", "-o", dir}
	o, err := parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c := &comparison{options: *o, stdout: io.Discard, stderr: io.Discard}
	if err := c.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := c.missing()
	for i := range other {
		other[i].LR = 0.002
	}
	sweep := runs.Config{Dir: dir, Sets: c.sets, Workers: 1, Stderr: io.Discard}
	if err := sweep.Train(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if _, stderr := must(t, args...); !strings.HasPrefix(stderr, "run 1/1: ") || len(results(t, dir)) != 1 {
		t.Errorf("got %s", stderr)
	}
	if _, stderr := must(t, "-data", data, "-epochs", "2", "-merge", dir, "-o", t.TempDir()); stderr != "compare: -merge "+dir+": runs of other settings, which are left out: 1\n" {
		t.Errorf("-merge: got %s", stderr)
	}

	sweep.Dir = t.TempDir()
	if err := sweep.Train(t.Context(), c.missing()); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, sweep.Dir)
	_, stderr, status := compare("-data", data, "-epochs", "2", "-only", "2", "-o", sweep.Dir)
	want := "compare: " + runs.Path(sweep.Dir, c.missing()[0]) + ": the run is without the mistakes and filters that the report shows: move the file away to train it again\n"
	if status != 1 || stderr != want {
		t.Errorf("got exit status %d and %q, want %q", status, stderr, want)
	}
	if diff := cmp.Diff(before, snapshot(t, sweep.Dir)); diff != "" {
		t.Errorf("files before (-) and after (+):\n%s", diff)
	}
}
