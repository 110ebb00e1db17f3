package cmd

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/data/datatest"
)

// bin is the folder of the built commands.
var bin string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if bin, err = os.MkdirTemp("", "tapenet"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(bin)
		build := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "./...")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v: %s\n", err, out)
			return 1
		}
		return m.Run()
	}())
}

// lookAtSources lets a test depend on what the commands are built from: go test
// takes an old result for a new one unless a file or folder has changed that the
// test has opened, and of the builds it knows nothing.
func lookAtSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && len(d.Name()) > 2 && d.Name()[0] == '.' {
			return fs.SkipDir // changes with every commit
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// run executes a built command and returns what it wrote and its exit status.
func run(t *testing.T, name string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	lookAtSources(t)
	var out, errs bytes.Buffer
	c := exec.Command(filepath.Join(bin, name), args...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// must is run for a command line that has to succeed.
func must(t *testing.T, name string, args ...string) string {
	t.Helper()
	stdout, stderr, status := run(t, name, args...)
	if status != 0 || stderr != "" {
		t.Fatalf("%s %q: exit status %d, standard error %q", name, args, status, stderr)
	}
	return stdout
}

// smallData is a folder of four IDX files: 40 images to train on, 20 to test
// on, each a bright square where its digit says.
func smallData(t *testing.T) string {
	t.Helper()
	lookAtSources(t)
	return datatest.Folder(t)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
