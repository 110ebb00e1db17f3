package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLinksStay: if the folder of -o, or one above it, is a link to nowhere, that
// is an error and the link stays.
func TestLinksStay(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "o")
	if err := os.Symlink(filepath.Join(dir, "not", "there"), link); err != nil {
		t.Skip(err)
	}
	for _, o := range []string{link, filepath.Join(link, "below")} {
		_, stderr, status := compare("-data", smallData(t), "-o", o)
		if status != 1 || !strings.HasPrefix(stderr, "compare: -o "+o+": ") {
			t.Errorf("%s: got exit status %d and %q", o, status, stderr)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s: the link is gone (%v)", o, err)
		}
	}
}

// TestReportIsNotTheResults: a file of the report that is a link to the results
// does not replace them.
func TestReportIsNotTheResults(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-o", dir, "-only", "1", "-epochs", "1"}
	must(t, args...)
	results := filepath.Join(dir, "results.json")
	before := read(t, results)
	for _, name := range []string{"report.md", "report.html"} {
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("results.json", path); err != nil {
			t.Skip(err)
		}
		_, stderr, status := compare(args...)
		if status != 1 || !strings.Contains(stderr, name+" and results.json are one file") {
			t.Errorf("%s: got exit status %d and %q", name, status, stderr)
		}
		if !bytes.Equal(read(t, results), before) {
			t.Errorf("%s: the results are others", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		must(t, args...)
	}
}
