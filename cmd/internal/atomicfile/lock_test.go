//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestLockHasOneHolder: by whatever path; after release the next one gets it,
// and nothing is left.
func TestLockHasOneHolder(t *testing.T) {
	dir := t.TempDir()
	lay(t, dir, "e/", "e2 -> e", "e/link -> f")
	release, err := Lock(dir+"/e/f", "training")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/e/f", "/e2/f", "/e/link", "/e2/../e/link"} {
		if _, err := Lock(dir+path, "training"); err == nil || err.Error() != "another training is using it" {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if free, err := Lock(dir+"/e/g", "training"); err != nil {
		t.Errorf("another file: %v", err)
	} else {
		free()
	}
	mustWrite(t, dir+"/e/f", "replaced") // which leaves the lock alone
	if _, err := Lock(dir+"/e/f", "training"); err == nil {
		t.Error("a second holder after the file was replaced")
	}
	release()
	release, err = Lock(dir+"/e2/f", "training")
	if err != nil {
		t.Fatal(err)
	}
	release()
	if got := files(t, dir+"/e"); len(got) != 2 { // f, link
		t.Errorf("left over: %v", got)
	}
}

// TestManyLocks: however they come and go, no two hold the lock at once.
func TestManyLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	var holders, held atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 300 {
				release, err := Lock(path, "test")
				if err != nil {
					if !strings.Contains(err.Error(), "another test is using it") {
						t.Error(err)
					}
					continue
				}
				held.Add(1)
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d holders", n)
				}
				holders.Add(-1)
				release()
			}
		})
	}
	all.Wait()
	if held.Load() == 0 {
		t.Error("nobody ever had it")
	}
}

// TestLockReleasedBeforeItIsLocked: its holder removes the file while the next
// one has it open. A lock on that would keep nobody else away.
func TestLockReleasedBeforeItIsLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	release, err := Lock(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	s := actual
	s.lock = func(f *os.File) lockState { release(); return tryLock(f) }
	if release, err = s.hold(path, "test"); err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := Lock(path, "test"); err == nil {
		t.Error("a second holder")
	}
}

// TestLockFileLeftOver: the file of a process that was killed does no harm; a file
// that is no lock stays as it is.
func TestLockFileLeftOver(t *testing.T) {
	dir := t.TempDir()
	path, lock := dir+"/f", dir+"/.f.lock"
	lay(t, dir, "secret")
	for name, plant := range map[string]func() error{
		"content": func() error { return os.WriteFile(lock, []byte("mine"), 0o644) },
		"link":    func() error { return os.Symlink("secret", lock) },
		"nowhere": func() error { return os.Symlink("missing", lock) },
		"folder":  func() error { return os.Mkdir(lock, 0o755) },
		"pipe":    func() error { return syscall.Mkfifo(lock, 0o644) },
	} {
		if err := plant(); err != nil {
			t.Fatal(err)
		}
		before := tree(t, dir+"/secret")
		if _, err := Lock(path, "test"); err == nil || !strings.Contains(err.Error(), lock) {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
		if _, err := os.Lstat(lock); err != nil || tree(t, dir+"/secret")[""] != before[""] {
			t.Errorf("%s: was changed (%v)", name, err)
		}
		if err := os.Remove(lock); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(lock, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	release, err := Lock(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	// What takes the place of the lock's file meanwhile is not removed.
	mustWrite(t, lock, "an output of that name")
	release()
	if got := content(t, lock); got != "an output of that name" {
		t.Errorf("got %q", got)
	}
}
