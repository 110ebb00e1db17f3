package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCluster runs the commands of docs/cluster.md that train a part, with every
// index and a shell instead of the program: all parts together are the sweep, and
// the command accepts what it is given.
func TestCluster(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "cluster.md"))
	if err != nil {
		t.Fatal(err)
	}
	find := func(pattern string) string {
		m := regexp.MustCompile("(?m)" + pattern).FindSubmatch(text)
		if m == nil {
			t.Fatalf("docs/cluster.md has nothing like %s", pattern)
		}
		return string(m[1])
	}
	dir, data := t.TempDir(), smallData(t)
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("grid.json", find("^(\\{\"network.*\\})$"), 0o666)
	write("sweep", "#!/bin/sh\necho \"$@\"\n", 0o777)
	t.Chdir(dir)
	for _, script := range []struct {
		name, text, index string
		parts             int
	}{
		{"Slurm", find("^(exec ./sweep .*)$"), "SLURM_ARRAY_TASK_ID", 8},
		{"Kubernetes", find("^ +- (exec ./sweep .*)$"), "JOB_COMPLETION_INDEX", 8},
		{"parallel", strings.ReplaceAll(find("^    parallel --line-buffer (.*) :::"), "{}", "$index"), "index", 8},
		{"xargs", strings.ReplaceAll(find("xargs -P 2 -I {} (.*)$"), "{}", "$index"), "index", 8},
		{"GitHub", "./sweep " + strings.ReplaceAll(find("go run ./cmd/sweep (-grid .*)$"), "${{ matrix.part }}", "$index"), "index", 4},
	} {
		var got []string
		for index := range script.parts {
			c := exec.Command(shell, "-euc", script.text)
			c.Env = []string{"PATH=/usr/bin:/bin", script.index + "=" + strconv.Itoa(index), "SLURM_CPUS_PER_TASK=2"}
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%s, index %d: %v: %s", script.name, index, err, out)
			}
			o, err := parse(strings.Fields(string(out)), io.Discard)
			if err != nil {
				t.Fatalf("%s, index %d: sweep %s: %v", script.name, index, out, err)
			}
			if want := (part{index, script.parts}); o.part != want || o.dir != "results" || o.gridFile != "grid.json" {
				t.Errorf("%s, index %d: got %s", script.name, index, out)
			}
			mine, _ := must(t, append(strings.Fields(string(out)), "-data", data, "-list")...)
			got = append(got, strings.Fields(mine)...)
		}
		all, _ := must(t, "-grid", "grid.json", "-data", data, "-list")
		want := strings.Fields(all)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || len(want) != 80 {
			t.Errorf("%s: %d runs; want (-) got (+):\n%s", script.name, len(want), diff)
		}
	}
	find("^(#SBATCH --array=0-7)$")
}
