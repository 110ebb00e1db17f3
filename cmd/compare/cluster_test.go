package main

import (
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestCluster runs the scripts of docs/cluster.md with every index, a shell
// instead of the command: each configuration and seed comes once, into a folder
// of its own, and the command accepts what it is given.
func TestCluster(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	doc := string(read(t, filepath.Join("..", "..", "docs", "cluster.md")))
	section := func(from, to string) string {
		_, rest, ok := strings.Cut(doc, from)
		text, _, ends := strings.Cut(rest, to)
		if !ok || !ends {
			t.Fatalf("docs/cluster.md has nothing from %q to %q", from, to)
		}
		return text
	}
	for _, script := range []struct{ name, text, index string }{
		{"Slurm", section("```bash\n", "```"), "SLURM_ARRAY_TASK_ID"},
		{"Kubernetes", section("            - |\n", "          resources:"), "JOB_COMPLETION_INDEX"},
		{"by hand", section("for index in $(seq 0 19); do\n", "    done"), "index"},
	} {
		var got []string
		var folders []string
		for index := range 20 {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "compare"), []byte("#!/bin/sh\necho \"$@\"\n"))
			c := exec.Command(shell, "-euc", "chmod +x compare\n"+script.text)
			c.Dir = dir
			c.Env = []string{"PATH=/usr/bin:/bin", script.index + "=" + strconv.Itoa(index), "SLURM_CPUS_PER_TASK=2"}
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%s, index %d: %v: %s", script.name, index, err, out)
			}
			o, err := parse(strings.Fields(string(out)), io.Discard)
			if err != nil {
				t.Fatalf("%s, index %d: compare %s: %v", script.name, index, out, err)
			}
			if len(o.only) != 1 || o.seeds != 1 {
				t.Fatalf("%s, index %d: compare %s is not one run", script.name, index, out)
			}
			got = append(got, strconv.Itoa(o.only[0])+"/"+strconv.FormatUint(o.seed, 10))
			folders = append(folders, o.dir)
		}
		var want []string
		for k := 1; k <= 4; k++ {
			for seed := 1; seed <= 5; seed++ {
				want = append(want, strconv.Itoa(k)+"/"+strconv.Itoa(seed))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got runs %v, want each of %v once", script.name, got, want)
		}
		slices.Sort(folders)
		if n := len(slices.Compact(folders)); n != 20 {
			t.Errorf("%s: got %d folders, want 20", script.name, n)
		}
	}
	if !regexp.MustCompile(`(?m)^#SBATCH --array=0-19$`).MatchString(doc) || !regexp.MustCompile(`(?m)^  completions: 20$`).MatchString(doc) {
		t.Error("the indexes don't go from 0 to 19")
	}
}
