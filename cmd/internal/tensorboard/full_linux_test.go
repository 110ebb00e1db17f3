package tensorboard

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tapenet/cmd/internal/tensorboard/tensorboardtest"
)

// TestDiskFull: an event of which only the first half has room leaves nothing.
func TestDiskFull(t *testing.T) {
	w := Writer{Dir: filepath.Join(t.TempDir(), "train")}
	add(t, &w, 0, time.Unix(1, 0), Scalar{"x", 1})
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(w.size) + 20, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	err := w.Add(1, time.Unix(2, 0), Scalar{"x", 2})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if got := tensorboardtest.Points(t, w.Dir); err == nil || len(got) != 2 {
		t.Errorf("got error %v and %v, want the first event alone", err, got)
	}
	add(t, &w, 1, time.Unix(3, 0), Scalar{"x", 3})
	if got := tensorboardtest.Points(t, w.Dir); len(got) != 3 || got[2].Value != 3 {
		t.Errorf("got %v, want the version and two whole events", got)
	}
}

// TestDiskFullAtFirst: a file without its first event does not stay, and the
// next event makes a whole one.
func TestDiskFullAtFirst(t *testing.T) {
	w := Writer{Dir: filepath.Join(t.TempDir(), "train")}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 20, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	err := w.Add(0, time.Unix(1, 0), Scalar{"x", 1})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if used, usedErr := Used(w.Dir); err == nil || used || usedErr != nil {
		t.Errorf("got error %v, a file is there: %v, %v", err, used, usedErr)
	}
	add(t, &w, 1, time.Unix(2, 0), Scalar{"x", 2})
	if got := tensorboardtest.Points(t, w.Dir); len(got) != 2 || got[0].Version == "" || got[1].Value != 2 {
		t.Errorf("got %v, want the version and an event", got)
	}
}
