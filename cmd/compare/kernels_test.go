package main

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"tapenet/graph"
)

// TestOtherKernels: a command that continues or merges runs of other kernels
// says so, and the report says which runs are whose.
func TestOtherKernels(t *testing.T) {
	data, parts := smallData(t), t.TempDir()
	dir := func(name string) string { return filepath.Join(parts, name) }
	args := func(more ...string) []string {
		return append([]string{"-data", data, "-epochs", "1", "-only", "2"}, more...)
	}
	must(t, args("-o", dir("a"))...)
	change(t, dir("a"), func(f *file) { f.Runs[0].Machine.Kernels = "other" })
	const told = "compare: the runs are of different kernels, and their last digits differ: "

	if _, stderr := must(t, args("-o", dir("a"))...); stderr != "" {
		t.Errorf("nothing is trained, and all runs are of the same kernels: got %q", stderr)
	}
	_, stderr := must(t, args("-o", dir("a"), "-seeds", "2")...)
	first, rest, _ := strings.Cut(stderr, "\n")
	if want := told + "other, " + graph.Level() + " (here)"; first != want || !strings.HasPrefix(rest, "run 1/1: ") {
		t.Errorf("going on: got %q, want %q first", stderr, want)
	}
	must(t, args("-o", dir("b"), "-seed", "3")...)
	names := []string{graph.Level(), "other"} // avx2, avx512 and generic come before other
	_, stderr = must(t, "-data", data, "-epochs", "1", "-merge", parts, "-o", filepath.Join(t.TempDir(), "merged"))
	if want := told + strings.Join(names, ", ") + "\n"; stderr != want {
		t.Errorf("merged: got %q, want %q", stderr, want)
	}
	report := string(read(t, filepath.Join(dir("a"), "report.md")))
	if want := graph.Level() + " trained configuration 2 with seed 2; other trained configuration 2 with seed 1."; !strings.Contains(report, want) {
		t.Errorf("the report does not say %q:\n%s", want, report)
	}

	// The same training, with equal and with other results.
	must(t, args("-o", dir("c"))...)
	must(t, "-data", data, "-epochs", "1", "-merge", parts, "-o", filepath.Join(t.TempDir(), "merged"))
	change(t, dir("c"), func(f *file) { f.Runs[0].Filters.Kernels[0][0] = 0.5 })
	_, stderr, status := compare("-data", data, "-epochs", "1", "-merge", parts, "-o", filepath.Join(t.TempDir(), "merged"))
	if want := ", the first with other kernels and the second with " + graph.Level() + ", which round differently: keep one of them\n"; status != 1 ||
		!strings.Contains(stderr, "is there twice, with different results: filters.kernels[0][0] ") || !strings.HasSuffix(stderr, want) {
		t.Errorf("the same training twice: got exit status %d and %q, want %q", status, stderr, want)
	}
}

// TestPrintable: the control characters in a file of results reach neither the
// terminal nor the report.
func TestPrintable(t *testing.T) {
	const hostile = "\x1b]0;pwn\x07\u009b2J\x7f\r\ncompare: all is well\u202e"
	const shown = `\x1b]0;pwn\a\u009b2J\x7f\r\ncompare: all is well\u202e`
	data, dir := smallData(t), filepath.Join(t.TempDir(), hostile)
	args := []string{"-data", data, "-epochs", "1", "-only", "2", "-o", dir}
	must(t, args...)
	change(t, dir, func(f *file) { f.Runs[0].Machine.Kernels, f.Runs[0].Machine.Processor = hostile, hostile })
	check := func(what, text, want string) {
		t.Helper()
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) }); i >= 0 || !strings.Contains(text, want) {
			t.Errorf("%s: got %q, want %q and no control character", what, text, want)
		}
	}
	stdout, stderr := must(t, append(args, "-seeds", "2")...) // goes on, with other kernels
	check("standard error", stderr, "differ: "+shown)
	check("standard output", stdout, shown+"/report.html says what follows from it.\n")
	check("report.md", strings.ReplaceAll(string(read(t, filepath.Join(dir, "report.md"))), `\\`, `\`), "| "+strings.NewReplacer("]", `\]`).Replace(shown))
	if n := strings.Count(stderr, "\n"); n != 2 {
		t.Errorf("got %d lines, want the notice and the run: %q", n, stderr)
	}
	change(t, dir, func(f *file) { f.Settings.Data = hostile })
	_, stderr, status := compare(args...)
	check("settings", stderr, "data with the SHA-256 "+shown)
	if n := strings.Count(stderr, "\n"); n != 1 || status != 1 {
		t.Errorf("got exit status %d and %d lines: %q", status, n, stderr)
	}
}
