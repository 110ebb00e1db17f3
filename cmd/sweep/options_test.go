package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"tapenet/cmd/internal/data/datatest"
)

// TestList: what is listed is what is trained, and -dry-run lists what is missing.
func TestList(t *testing.T) {
	data, dir := datatest.Folder(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-batch", "20,40", "-epochs", "1", "-seeds", "2", "-o", dir}
	list := func(more ...string) []string {
		t.Helper()
		stdout, _ := must(t, append(slices.Clone(args), more...)...)
		return strings.Fields(stdout)
	}
	all := list("-list")
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("-list wrote %v", entries)
	}
	if got := list("-dry-run"); !slices.Equal(got, all) || len(all) != 4 {
		t.Errorf("got %q, want 4: %q", got, all)
	}
	mine := list("-list", "-part", "1/2")
	must(t, append(args, "-part", "1/2")...)
	for _, name := range mine {
		if _, ok := files(t, dir)[name]; !ok {
			t.Errorf("%s is not there", name)
		}
	}
	if got := list("-dry-run"); len(got) != 2 || slices.Contains(got, mine[0]) {
		t.Errorf("got %q, want all of %q but %q", got, all, mine)
	}
	if got := list("-dry-run", "-part", "1/2"); len(got) != 0 {
		t.Errorf("got %q, want none", got)
	}
}

// TestUsage: one thing is wrong in each row.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for line, want := range map[string]struct {
		status int
		text   string
	}{
		"-part 4/4":                  {2, "want I/N, with I from 0 to N-1"},
		"-part 1":                    {2, "want I/N"},
		"-part -1/4":                 {2, "want I/N"},
		"-partial":                   {2, "-partial: needs -merge FOLDER"},
		"-list -dry-run":             {2, "-list: not with -dry-run"},
		"-merge x -lr 0.1":           {2, "-lr: with -merge, the files say what was trained"},
		"-merge " + dir:              {1, "no run is there"},
		"-merge " + dir + "/missing": {1, "got no folder"},
		"-grid " + dir + "/missing":  {1, "-grid: open "},
		"-limit 70000":               {2, "-limit 70000: there are 60000 training images"},
		"-lr 0.1:0.2":                {2, "-lr: a range needs -sample N"},
	} {
		stdout, stderr, status := execute(t.Context(), strings.Fields(line)...)
		if status != want.status || !strings.Contains(stderr, want.text) || stdout != "" || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: got exit status %d, %q and %q, want %d and %q", line, status, stdout, stderr, want.status, want.text)
		}
	}
}
