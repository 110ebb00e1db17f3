package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/data/datatest"
	"tapenet/cmd/internal/runs"
)

// TestMerge: the table of several folders is that of one; a missing run, a damaged
// one, one of another name and a conflict are errors that name them.
func TestMerge(t *testing.T) {
	data, dir := datatest.Folder(t), t.TempDir()
	in := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	args := []string{"-data", data, "-network", "twolayer", "-lr", "0.01,0.02", "-epochs", "1", "-seeds", "2"}
	must(t, append(args, "-o", in("one"))...)
	for i := range 2 {
		must(t, append(args, "-o", in("parts", fmt.Sprint(i)), "-part", fmt.Sprintf("%d/2", i))...)
	}
	must(t, "-merge", in("parts"), "-o", in("merged"))
	if diff := cmp.Diff(rows(t, in("one")), rows(t, in("merged"))); diff != "" {
		t.Errorf("one folder (-), merged (+):\n%s", diff)
	}
	must(t, "-merge", in("one"))

	name := slices.Sorted(func(yield func(string) bool) {
		for name := range files(t, in("parts", "0")) {
			if !yield(name) {
				return
			}
		}
	})[0]
	path := in("parts", "0", "runs", name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fails := func(what string, want ...string) {
		t.Helper()
		stdout, stderr, status := execute(t.Context(), "-merge", in("parts"), "-o", in("failed"))
		for _, w := range want {
			if status != 1 || stdout != "" || !strings.Contains(stderr, w) {
				t.Errorf("%s: got exit status %d, %q and %s, want %s", what, status, stdout, stderr, w)
			}
		}
		if _, err := os.Stat(in("failed")); err == nil {
			t.Errorf("%s: something was written", what)
		}
	}
	change := func(write string, data []byte) {
		t.Helper()
		if err := os.WriteFile(write, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change(path, whole[:len(whole)/2])
	fails("damaged", path+": not a file of the format")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	fails("missing", "sweep: missing: "+name+"\n", "1 of 4 runs are missing; -partial leaves them out")
	stdout, _ := must(t, "-merge", in("parts"), "-o", in("partial"), "-partial")
	if !strings.Contains(stdout, "Not all is there: 1 training is missing.") {
		t.Errorf("got %s", stdout)
	}
	change(in("parts", "0", "runs", "other.json"), whole)
	fails("renamed", "other.json: got the run that is named "+name)
	if err := os.Rename(in("parts", "0", "runs", "other.json"), path); err != nil {
		t.Fatal(err)
	}
	other, err := runs.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	other.Epochs[0].Val.Loss /= 2
	var b bytes.Buffer
	if err := other.Write(&b); err != nil {
		t.Fatal(err)
	}
	change(in("parts", "1", "runs", name), b.Bytes())
	fails("conflict", path+" and "+in("parts", "1", "runs", name)+" are the same run with different results")
}

// rows are the lines of sweep.jsonl without times.
func rows(t *testing.T, dir string) (all []map[string]any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "sweep.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		delete(row, "seconds")
		for _, r := range row["runs"].([]any) {
			delete(r.(map[string]any), "seconds")
		}
		all = append(all, row)
	}
	return all
}
