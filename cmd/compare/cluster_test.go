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

// TestCluster runs the command of docs/cluster.md with every index, a shell
// function instead of the program: each configuration and seed comes once, into a
// folder of its own, and the command accepts what it is given.
func TestCluster(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	doc := string(read(t, filepath.Join("..", "..", "docs", "cluster.md")))
	m := regexp.MustCompile(`(?m)^    (compare -only .*)$`).FindStringSubmatch(doc)
	if m == nil {
		t.Fatal("docs/cluster.md has no compare -only")
	}
	var got, folders []string
	for index := range 20 {
		c := exec.Command(shell, "-euc", `compare() { echo "$@"; }`+"\n"+m[1])
		c.Env = []string{"index=" + strconv.Itoa(index)}
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("index %d: %v: %s", index, err, out)
		}
		o, err := parse(strings.Fields(string(out)), io.Discard)
		if err != nil {
			t.Fatalf("index %d: compare %s: %v", index, out, err)
		}
		if len(o.only) != 1 || o.seeds != 1 {
			t.Fatalf("index %d: compare %s is not one run", index, out)
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
		t.Errorf("got runs %v, want each of %v once", got, want)
	}
	slices.Sort(folders)
	if n := len(slices.Compact(folders)); n != 20 {
		t.Errorf("got %d folders, want 20", n)
	}
}
