package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/pkg/errors"
	"golang.org/x/sys/unix"
)

// asUser runs f as an ordinary user, who owns dir.
func asUser(t *testing.T, dir string, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Skip(err)
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	// The system's user for files is that of the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, err := unix.SetfsuidRetUid(nobody); err != nil {
		t.Skip(err)
	}
	defer unix.SetfsuidRetUid(0)
	if uid, _ := unix.SetfsuidRetUid(nobody); uid != nobody {
		t.Skip("this root is not free to be another user")
	}
	f()
}

// TestFolderThatMayNotBeListed: writing needs no list of what is there.
func TestFolderThatMayNotBeListed(t *testing.T) {
	dir := t.TempDir()
	defer os.Chmod(dir, 0o700)
	asUser(t, dir, func() {
		if err := os.Chmod(dir, 0o300); err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadDir(dir); err == nil {
			t.Skip("may be listed all the same")
		}
		path := filepath.Join(dir, "f")
		for _, s := range []string{"new", "newer"} {
			if err := Check(path); err != nil {
				t.Error(err)
			}
			if err := write(path, text(s)); err != nil {
				t.Fatal(err)
			}
			if got := content(t, path); got != s {
				t.Errorf("got %q, want %q", got, s)
			}
		}
		if release, err := Lock(path, "test"); err != nil {
			t.Error(err)
		} else {
			release()
		}
	})
}

// TestReadOnlyFile: a file that its owner has made read-only is not replaced,
// except by root, whom the system lets write it as well.
func TestReadOnlyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	asUser(t, dir, func() {
		if err := os.WriteFile(path, []byte("kept"), 0o444); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"Check": Check(path), "Write": write(path, text("new"))} {
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: got %v, want a missing permission", name, err)
			}
		}
		if got := files(t, dir); content(t, path) != "kept" || len(got) != 1 {
			t.Errorf("got %q and files %v", content(t, path), got)
		}
	})
	if os.Geteuid() == 0 {
		mustWrite(t, path, "new")
		if got := mode(t, path); content(t, path) != "new" || got != 0o444 {
			t.Errorf("root: got %q with mode %03o", content(t, path), got)
		}
	}
}
