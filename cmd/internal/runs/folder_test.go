package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"
)

// TestRead: a run is read under its own name alone.
func TestRead(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 1}
	s := seeds(1)[0]
	fill(t, c, s)
	path := Path(c.Dir, s)
	if r, err := Read(path); err != nil || r.Settings != s {
		t.Errorf("got %+v, error %v", r, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]struct {
		text, want string
	}{
		"other.json": {string(whole), "other.json: got the run that is named " + s.Name()},
		s.Name():     {string(whole[:len(whole)/2]), s.Name() + ": not a file of the format"},
		"no.json":    {"", "no.json: not a file of the format"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), text.want) {
			t.Errorf("%s: got error %v, want %s", name, err, text.want)
		}
	}
	if _, err := Read(filepath.Join(c.Dir, "none")); err == nil {
		t.Error("read a file that is not there")
	}
}

// TestMissing: without a folder all are missing.
func TestMissing(t *testing.T) {
	dir, all := t.TempDir(), seeds(3)
	missing := func() string {
		left, err := Missing(dir, all)
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, s := range left {
			text = append(text, fmt.Sprint(s.Seed))
		}
		return strings.Join(text, " ")
	}
	if got := missing(); got != "1 2 3" {
		t.Errorf("in an empty folder: got %s", got)
	}
	fill(t, Config{Dir: dir, Workers: 1}, all[1])
	if got := missing(); got != "1 3" {
		t.Errorf("got %s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Missing(filepath.Join(dir, "file"), all); err == nil || !strings.HasPrefix(err.Error(), "-o: ") {
		t.Errorf("a file for the folder: got error %v", err)
	}
}

// TestWalk: runs are the .json files of folders named runs, however deep; hidden files
// are being written.
func TestWalk(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"runs/a.json", "runs/.b.json", "runs/.a.json.lock", "runs/c.txt", "d.json", "x/y/runs/e.json", "x/runs/z/f.json", "x/plan.csv"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var found []string
	note := func(what string) func(string) error {
		return func(path string) error {
			rel, err := filepath.Rel(dir, path)
			found = append(found, what+" "+filepath.ToSlash(rel))
			return err
		}
	}
	if err := Walk(dir, note("run"), note("other")); err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	want := []string{"other d.json", "other x/runs/z/f.json", "run runs/a.json", "run x/y/runs/e.json"}
	if !slices.Equal(found, want) {
		t.Errorf("got %q, want %q", found, want)
	}
	stop := errors.New("stop")
	if err := Walk(dir, func(string) error { return stop }, note("")); !errors.Is(err, stop) {
		t.Errorf("got error %v", err)
	}
	if err := Walk(filepath.Join(dir, "none"), note(""), note("")); err == nil {
		t.Error("walked where no folder is")
	}
}
