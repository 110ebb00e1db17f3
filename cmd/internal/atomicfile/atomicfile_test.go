package atomicfile

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/pkg/errors"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// files are the names in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, s := range []string{"first", "2nd"} {
		if err := Write(path, text(s)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != s {
			t.Errorf("got %q, want %q", got, s)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("got mode %v (%v), want 0644", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, text("private")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a private file became %v (%v)", info.Mode(), err)
	}
}

func TestFailureLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := Write(path, text("old")); err != nil {
		t.Fatal(err)
	}
	want := errors.New("full")
	err := Write(path, func(w io.Writer) error {
		io.WriteString(w, "half of the n")
		return want
	})
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
	if got := content(t, path); got != "old" {
		t.Errorf("got %q, want the old file", got)
	}
	if names := files(t, dir); len(names) != 1 {
		t.Errorf("files left behind: %v", names)
	}
}

func TestLinkStaysALink(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	for _, target := range []string{filepath.Join(other, "there"), filepath.Join(other, "new")} {
		if filepath.Base(target) == "there" {
			if err := Write(target, text("old")); err != nil {
				t.Fatal(err)
			}
		}
		link := filepath.Join(dir, filepath.Base(target))
		if err := os.Symlink(target, link); err != nil {
			t.Skip(err)
		}
		if err := Write(link, text("new")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("%s is no link any more (%v)", link, err)
		}
		if got := content(t, target); got != "new" {
			t.Errorf("%s: got %q", target, got)
		}
	}
}

func TestDeviceIsWrittenDirectly(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip(err)
	}
	if err := Check("/dev/null"); err != nil {
		t.Fatal(err)
	}
	if err := Write("/dev/null", text("away")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Errorf("/dev/null was replaced by a file (%v)", err)
	}
}

// TestRemovesLeftovers: what killed processes left behind does not pile up, and
// what is not ours stays.
func TestRemovesLeftovers(t *testing.T) {
	dir := t.TempDir()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Skip(err)
	}
	keep := []string{".f.tmp-" + strconv.Itoa(os.Getppid()), ".f.tmp-x", ".g.tmp-1", "f"}
	for _, name := range append(keep, ".f.tmp-"+strconv.Itoa(dead.Process.Pid)) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(filepath.Join(dir, "f"), text("whole")); err != nil {
		t.Fatal(err)
	}
	slices.Sort(keep)
	if got := files(t, dir); !slices.Equal(got, keep) {
		t.Errorf("got %v, want %v", got, keep)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := Write(file, text("x")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{dir, filepath.Join(dir, "no", "f"), filepath.Join(file, "f")} {
		if Check(bad) == nil || Write(bad, text("y")) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	if err := Check(file); err != nil {
		t.Error(err)
	}
	if err := Check(filepath.Join(dir, "new")); err != nil {
		t.Error(err)
	}
	if names := files(t, dir); len(names) != 1 || content(t, file) != "x" {
		t.Errorf("Check left traces: %v", names)
	}
}
