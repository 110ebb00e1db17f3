package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadmeCode: the Go code in README is code that is compiled and tested, its
// Python code is of docs/export.md, whose code a script runs.
func TestReadmeCode(t *testing.T) {
	sources, err := filepath.Glob("../*/*/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var compiled []string
	for _, path := range append(sources, "../models/models.go") {
		compiled = append(compiled, flush(string(read(t, path))))
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(read(t, "../README.md")), -1)
	for _, b := range blocks {
		if !slices.ContainsFunc(compiled, func(s string) bool { return strings.Contains(s, flush(b[1])) }) {
			t.Errorf("no example has this code of README:\n%s", b[1])
		}
	}
	if len(blocks) < 2 {
		t.Errorf("README has %d blocks of Go, want at least 2", len(blocks))
	}
	export := string(read(t, "../docs/export.md"))
	python := regexp.MustCompile("(?s)```python\n.*?```").FindAllString(string(read(t, "../README.md")), -1)
	for _, block := range python {
		if !strings.Contains(export, block) {
			t.Errorf("docs/export.md does not have this code of README:\n%s", block)
		}
	}
	if len(python) < 3 {
		t.Errorf("README has %d blocks of Python, want at least 3", len(python))
	}
}

// flush is a text without the space at the start of its lines.
func flush(s string) string { return regexp.MustCompile(`(?m)^\s+`).ReplaceAllString(s, "") }

// TestAnotherModule: README's lines let a program in another module use the
// packages, and the example that README shows is such a program.
func TestAnotherModule(t *testing.T) {
	_, text, _ := strings.Cut(string(read(t, "../README.md")), "\n## From your own module\n")
	lines := regexp.MustCompile(`(?m)^    (go mod .*)$`).FindAllStringSubmatch(text, -1)
	if len(lines) != 3 {
		t.Fatalf("README has %d lines of go mod, want 3", len(lines))
	}
	parent := t.TempDir()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(parent, "tapenet")); err != nil {
		t.Skip(err)
	}
	dir := filepath.Join(parent, "letters")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	program := string(read(t, "../mnist/idx/example_test.go"))
	program = strings.Replace(program, "package idx_test", "package main", 1)
	program = strings.Replace(program, "func ExampleReadFile()", "func main()", 1)
	write(t, filepath.Join(dir, "main.go"), []byte(program))
	run := func(args ...string) string {
		t.Helper()
		c := exec.Command("go", args...)
		c.Dir, c.Env = dir, append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod") // with the modules that are here
		out, err := c.CombinedOutput()
		if bytes.Contains(out, []byte("module lookup disabled by GOPROXY=off")) {
			t.Skipf("go %s: the module cache lacks a module:\n%s", strings.Join(args, " "), out)
		}
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	for i, line := range lines {
		if i == len(lines)-1 { // tidy asks for the tests of all dependencies, which nobody needs to have
			write(t, filepath.Join(dir, "go.sum"), read(t, "../go.sum"))
			continue
		}
		run(strings.Fields(line[1])[1:]...)
	}
	if got, want := run("run", "."), "accuracy 1, image 19 is a t\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
