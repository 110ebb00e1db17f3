//go:build unix

package atomicfile

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// TestMain is also a process that is killed while it writes: with
// TAPENET_WRITE=path it starts to write, says so, and waits.
func TestMain(m *testing.M) {
	if path := os.Getenv("TAPENET_WRITE"); path != "" {
		err := write(path, func(w io.Writer) error {
			fmt.Println("writing")
			_, err := io.ReadAll(os.Stdin) // until the test closes it, or ends
			return err
		})
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// beginWriting starts a process, which then writes to path and does not end.
func beginWriting(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), "TAPENET_WRITE="+path)
	if _, err := c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	var line string
	if _, err := fmt.Fscanln(out, &line); err != nil || line != "writing" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return c
}

// TestRemovesLeftovers: the file of a killed process is removed; those of a living
// one, and all others, stay.
func TestRemovesLeftovers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	dead := beginWriting(t, path)
	dead.Process.Kill()
	dead.Wait()
	if got := files(t, dir); len(got) != 1 {
		t.Fatalf("the killed process left %v, want one file", got)
	}
	var foreign []string
	for i, name := range []string{".f.tmp-1", ".f.tmp-x", ".f.tmp-AAAAAAAAAAAAA.txt", ".g.tmp-AAAAAAAAAAAAA", "f"} {
		foreign = append(foreign, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte{byte(i)}, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Links and pipes have such a name only if somebody planted them.
	if err := os.Symlink("f", filepath.Join(dir, ".f.tmp-BBBBBBBBBBBBB")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, ".f.tmp-CCCCCCCCCCCCC"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign = append(foreign, ".f.tmp-BBBBBBBBBBBBB", ".f.tmp-CCCCCCCCCCCCC")
	slices.Sort(foreign)
	before := beginWriting(t, path) // removes the leftover as well
	if got := files(t, dir); len(got) != len(foreign)+1 {
		t.Errorf("got %v, want %v and one that is being written", got, foreign)
	}
	mustWrite(t, path, "whole")
	if got := files(t, dir); len(got) != len(foreign)+1 {
		t.Errorf("got %v, want %v and one that is being written", got, foreign)
	}
	before.Process.Kill()
	before.Wait()
	mustWrite(t, path, "whole")
	if got := files(t, dir); !slices.Equal(got, foreign) {
		t.Errorf("got %v, want %v", got, foreign)
	}
}

// TestTemporaryNames: a name is new each time, and one that somebody has
// guessed and made a link is not opened.
func TestTemporaryNames(t *testing.T) {
	dir, names := t.TempDir(), map[string]bool{}
	for range 100 {
		names[randomSuffix()] = true
	}
	if len(names) != 100 {
		t.Errorf("100 names are %d different ones", len(names))
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, guess := range []string{"GUESSED", "PLANTED"} { // the second leads to nothing yet
		to := secret
		if guess == "PLANTED" {
			to += "2"
		}
		if err := os.Symlink(to, filepath.Join(dir, ".f.tmp-"+guess)); err != nil {
			t.Fatal(err)
		}
	}
	draw := []string{"GUESSED", "PLANTED", "FRESH"}
	s := actual
	s.random = func() string { next := draw[0]; draw = draw[1:]; return next }
	path := filepath.Join(dir, "f")
	if err := s.write(context.Background(), path, text("new")); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "new" || content(t, secret) != "secret" {
		t.Errorf("got %q, and the secret is %q", got, content(t, secret))
	}
	if _, err := os.Stat(secret + "2"); err == nil {
		t.Error("a file was made where the planted link leads")
	}
	s.random = func() string { return "GUESSED" }
	if s.write(context.Background(), path, text("newer")) == nil || content(t, path) != "new" {
		t.Error("the only name was taken, and no error")
	}
}

// TestRemovedBeforeItIsLocked: another process may take a new temporary file for
// a leftover, lock it and remove it, before its writer has the lock.
func TestRemovedBeforeItIsLocked(t *testing.T) {
	for _, state := range []lockState{ours, taken, none} {
		dir := t.TempDir()
		s, locked := actual, 0
		s.lock = func(f *os.File) lockState {
			locked++
			if locked == 1 && state != taken { // who has taken it removes it later
				os.Remove(f.Name())
			}
			if locked == 1 {
				return state
			}
			return tryLock(f)
		}
		path := filepath.Join(dir, "f")
		if err := s.write(context.Background(), path, text("new")); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != "new" || locked != 2 {
			t.Errorf("got %q after %d locks, want 2", got, locked)
		}
	}
}

// TestPermissions: a new file has those that the umask leaves, one that replaces
// another has its permissions at the end, and nobody else can read it before.
func TestPermissions(t *testing.T) {
	during := func(dir string) fs.FileMode {
		temp, err := filepath.Glob(filepath.Join(dir, ".f.tmp-*"))
		if err != nil || len(temp) != 1 {
			t.Fatalf("temporary files: %v, %v", temp, err)
		}
		return mode(t, temp[0])
	}
	defer syscall.Umask(syscall.Umask(0))
	for _, test := range []struct {
		umask     int
		old       fs.FileMode // 0: none
		temp, new fs.FileMode
	}{
		{0o022, 0, 0o644, 0o644},
		{0o077, 0, 0o600, 0o600},
		{0o002, 0, 0o664, 0o664},
		{0o077, 0o644, 0o600, 0o644},
		{0o022, 0o600, 0o600, 0o600},
		{0o022, 0o666, 0o600, 0o666},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "f")
		if test.old != 0 {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.old); err != nil {
				t.Fatal(err)
			}
		}
		syscall.Umask(test.umask)
		var temp fs.FileMode
		err := write(path, func(w io.Writer) error { temp = during(dir); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if got := mode(t, path); got != test.new || temp != test.temp {
			t.Errorf("umask %03o, %03o before: got %03o while it was written, %03o at the end; want %03o and %03o",
				test.umask, test.old, temp, got, test.temp, test.new)
		}
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
