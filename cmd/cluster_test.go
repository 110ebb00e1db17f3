package cmd

import (
	"encoding/json"
	"fmt"
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

// inCluster returns what the first group of a pattern matches in docs/cluster.md.
func inCluster(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile("(?m)" + pattern).FindSubmatch(read(t, filepath.Join("..", "docs", "cluster.md")))
	if m == nil {
		t.Fatalf("docs/cluster.md has nothing like %s", pattern)
	}
	return string(m[1])
}

// words returns the arguments that a line of docs/cluster.md gives a program, of
// which dir has one that prints them. index is a variable with the number of the part.
func words(t *testing.T, dir, line, index string, part int) []string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	c := exec.Command(shell, "-euc", line)
	c.Dir = dir
	c.Env = []string{"PATH=" + dir + ":/usr/bin:/bin", index + "=" + strconv.Itoa(part), "SLURM_CPUS_PER_TASK=2"}
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s, part %d: %v: %s", line, part, err, out)
	}
	return strings.Fields(string(out))
}

// TestSweepInParts: the commands of docs/cluster.md that train a part of a sweep,
// with every index, are all runs together, and the command takes what it is given.
func TestSweepInParts(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	printer(t, filepath.Join(dir, "sweep"))
	grid := filepath.Join(dir, "grid.json")
	write(t, grid, []byte(inCluster(t, "^(\\{\"network.*\\})$")))
	list := func(args ...string) []string {
		for i := range args {
			args[i] = strings.ReplaceAll(args[i], "grid.json", grid)
		}
		return strings.Fields(must(t, "sweep", append(args, "-data", data, "-list")...))
	}
	want := list("-grid", "grid.json")
	slices.Sort(want)
	for _, script := range []struct {
		name, text, index string
		parts             int
	}{
		{"Slurm", inCluster(t, "^(exec ./sweep .*)$"), "SLURM_ARRAY_TASK_ID", 8},
		{"Kubernetes", inCluster(t, "^ +- (exec ./sweep .*)$"), "JOB_COMPLETION_INDEX", 8},
		{"parallel", strings.ReplaceAll(inCluster(t, "^    parallel --line-buffer (.*) :::"), "{}", "$index"), "index", 8},
		{"xargs", strings.ReplaceAll(inCluster(t, "xargs -P 2 -I {} (.*)$"), "{}", "$index"), "index", 8},
		{"GitHub", "./sweep " + strings.ReplaceAll(inCluster(t, "go run ./cmd/sweep (-grid .*)$"), "${{ matrix.part }}", "$index"), "index", 4},
	} {
		var got []string
		for part := range script.parts {
			args := words(t, dir, script.text, script.index, part)
			line := strings.Join(args, " ")
			for _, want := range []string{fmt.Sprintf(" -part %d/%d ", part, script.parts), " -o results ", " -grid grid.json "} {
				if !strings.Contains(" "+line+" ", want) {
					t.Errorf("%s, part %d: got %s, want%s", script.name, part, line, want)
				}
			}
			got = append(got, list(args...)...)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" || len(want) != 80 {
			t.Errorf("%s: %d runs; want (-) got (+):\n%s", script.name, len(want), diff)
		}
	}
	inCluster(t, "^(#SBATCH --array=0-7)$")
}

// TestCompareInParts: the command of docs/cluster.md that trains a part of a
// comparison, with every index, and the merge give each configuration with each seed.
func TestCompareInParts(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	printer(t, filepath.Join(dir, "compare"))
	train, merge := inCluster(t, "^    (compare -only .*)$"), inCluster(t, "`(compare -merge [^`]*)`")
	more := []string{"-data", data, "-limit", "10", "-epochs", "11"}
	var folders []string
	for index := range 20 {
		args := words(t, dir, train, "index", index)
		at := slices.Index(args, "-o") + 1
		folders = append(folders, args[at])
		args[at] = filepath.Join(dir, args[at])
		if _, stderr, status := run(t, "compare", append(args, more...)...); status != 0 || strings.Count(stderr, "run ") != 1 {
			t.Fatalf("compare %q: exit status %d, %s, want one run", args, status, stderr)
		}
	}
	slices.Sort(folders)
	if n := len(slices.Compact(folders)); n != 20 {
		t.Errorf("got %d folders, want 20", n)
	}
	args := words(t, dir, merge, "index", 0)
	at := slices.Index(args, "-merge") + 1
	args[at] = filepath.Join(dir, args[at])
	all := filepath.Join(dir, "all")
	if stdout := must(t, "compare", slices.Concat(args, more, []string{"-o", all})...); strings.Contains(stdout, "missing") {
		t.Errorf("got %s", stdout)
	}
	var file struct {
		Runs []struct {
			Config int
			Seed   uint64
		}
	}
	if err := json.Unmarshal(read(t, filepath.Join(all, "results.json")), &file); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, r := range file.Runs {
		got = append(got, fmt.Sprint(r.Config, "/", r.Seed))
	}
	for k := 1; k <= 4; k++ {
		for seed := 1; seed <= 5; seed++ {
			want = append(want, fmt.Sprint(k, "/", seed))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
}

// printer writes a program that prints its arguments.
func printer(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho \"$@\"\n"), 0o777); err != nil {
		t.Fatal(err)
	}
}

// TestSharedFolder: sweep takes the runs of a compare for its own, and compare says
// which run of a sweep has less than it needs.
func TestSharedFolder(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	compare := []string{"-data", data, "-epochs", "11", "-o", filepath.Join(dir, "a")}
	if _, stderr, status := run(t, "compare", compare...); status != 0 || strings.Count(stderr, "run ") != 4 {
		t.Fatalf("compare: exit status %d, %s", status, stderr)
	}
	sweep := []string{"-data", data, "-network", "twolayer", "-batch", "1024", "-epochs", "5,10,11", "-o", filepath.Join(dir, "a")}
	stdout, stderr, status := run(t, "sweep", sweep...)
	if status != 0 || !strings.HasPrefix(stderr, "run 1/1: twolayer, batch 1024, lr 0.001, epochs 5, seed 1: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stdout, "sweep.html") {
		t.Errorf("sweep: exit status %d, %s and %s", status, stdout, stderr)
	}
	if got := must(t, "sweep", "-merge", filepath.Join(dir, "a"), "-o", filepath.Join(dir, "table")); !strings.Contains(got, "sweep.html") {
		t.Errorf("sweep -merge: got %s", got)
	}
	must(t, "compare", compare...)

	sweep[len(sweep)-1] = filepath.Join(dir, "b")
	if _, stderr, status := run(t, "sweep", sweep...); status != 0 {
		t.Fatalf("sweep: exit status %d, %s", status, stderr)
	}
	compare[len(compare)-1] = filepath.Join(dir, "b")
	_, stderr, status = run(t, "compare", compare...)
	if want := regexp.MustCompile(`^compare: \S+/b/runs/twolayer_batch1024_lr0.001_epochs1[01]_seed1_\w+\.json: the run is without the mistakes and filters that the report shows: [^\n]*\n$`); status != 1 || !want.MatchString(stderr) {
		t.Errorf("compare: exit status %d, %s", status, stderr)
	}
}
