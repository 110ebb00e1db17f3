package cmd

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDefaultWorkers: by default a command uses the cores that it is given,
// which a container or GOMAXPROCS may limit, not those that the machine has.
func TestDefaultWorkers(t *testing.T) {
	workers := regexp.MustCompile(`\n  -workers N\n(?:      .*\n)*?      .*\(default (\d+)\)`)
	commands, err := os.ReadDir(bin)
	if err != nil {
		t.Fatal(err)
	}
	for _, cores := range []string{"1", "3"} {
		var have []string
		for _, c := range commands {
			help := exec.Command(filepath.Join(bin, c.Name()), "-h")
			help.Env = append(os.Environ(), "GOMAXPROCS="+cores)
			out, err := help.Output()
			if err != nil {
				t.Fatalf("%s: %v", c.Name(), err)
			}
			m := workers.FindSubmatch(out)
			if m == nil {
				if bytes.Contains(out, []byte("-workers")) {
					t.Errorf("%s -h does not say how many workers are the default", c.Name())
				}
				continue
			}
			have = append(have, c.Name())
			if got := string(m[1]); got != cores {
				t.Errorf("%s: got %s workers with GOMAXPROCS=%s", c.Name(), got, cores)
			}
		}
		for _, name := range []string{"bench", "compare", "onelayer", "sweep", "twolayer"} {
			if !slices.Contains(have, name) {
				t.Errorf("%s has no -workers", name)
			}
		}
	}
}

// TestNoNumCPU: nothing asks for the cores of the machine, since only
// GOMAXPROCS knows how many of them a container may use.
func TestNoNumCPU(t *testing.T) {
	var files, found []string
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files = append(files, path)
		if bytes.Contains(read(t, path), []byte("runtime.NumCPU")) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), found); diff != "" {
		t.Errorf("files with runtime.NumCPU: want (-) got (+):\n%s", diff)
	}
	if !slices.Contains(files, filepath.Join("..", "cmd", "bench", "options.go")) {
		t.Errorf("looked at %d files, cmd/bench/options.go is not one of them", len(files))
	}
}
