//go:build unix

package atomicfile

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tapenet/cmd/internal/command"
)

// as makes f the standard output or error while do runs.
func as(std **os.File, f *os.File, do func()) {
	defer func(old *os.File) { *std = old }(*std)
	*std = f
	do()
}

// TestRedirectedOutputIsNotReplaced: what is written to the standard output or
// error by name comes in its place among the other lines.
func TestRedirectedOutputIsNotReplaced(t *testing.T) {
	for name, std := range map[string]**os.File{"output": &os.Stdout, "error": &os.Stderr} {
		dir := t.TempDir()
		lay(t, dir, "link -> file")
		f, err := os.Create(dir + "/file")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		want := "first\n"
		f.WriteString(want)
		paths := []string{dir + "/file", dir + "/link", fmt.Sprintf("/dev/fd/%d", f.Fd())}
		if _, err := os.Stat("/proc/self/fd"); err == nil {
			paths = append(paths, fmt.Sprintf("/proc/self/fd/%d", f.Fd()), fmt.Sprintf("/proc/thread-self/fd/%d", f.Fd()))
		}
		as(std, f, func() {
			for _, path := range paths {
				if err := Check(path); err != nil {
					t.Error(err)
				}
				if err := write(path, text("written\n")); err != nil {
					t.Error(err)
				}
				f.WriteString("then\n")
				want += "written\nthen\n"
			}
		})
		if got := content(t, dir+"/file"); got != want {
			t.Errorf("standard %s: got %q, want %q", name, got, want)
		}
		if got := files(t, dir); len(got) != 2 {
			t.Errorf("left over: %v", got)
		}
	}
}

// TestOpenFilesByNumber: a pipe that is open is written to by its number, and a
// number that is not open, or open for reading alone, is refused before.
func TestOpenFilesByNumber(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := fmt.Sprintf("/dev/fd/%d", w.Fd())
	if err := Check(path); err != nil {
		t.Fatal(err)
	}
	if err := write(path, text("through")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "through" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, bad := range []string{fmt.Sprintf("/dev/fd/%d", r.Fd()), "/dev/fd/987654", "/dev/fd/99999999999999999999"} {
		if Check(bad) == nil || write(bad, text("x")) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestDevices(t *testing.T) {
	for _, path := range []string{"/dev/null", "/dev/full"} {
		info, err := os.Stat(path)
		if err != nil {
			continue // not on every system
		}
		if err := Check(path); err != nil {
			t.Error(err)
		}
		switch err := write(path, text("away")); {
		case path == "/dev/null" && err != nil:
			t.Error(err)
		case path == "/dev/full" && (err == nil || !strings.Contains(err.Error(), "no space left")):
			t.Errorf("/dev/full: got %v", err)
		}
		if now, err := os.Stat(path); err != nil || !os.SameFile(info, now) {
			t.Errorf("%s was replaced", path)
		}
	}
}

// fifo is a new pipe with a name.
func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	return path
}

// TestPipeWithReader: the reader gets everything, more than a pipe holds, and
// Check does not look to it like a writer that has gone.
func TestPipeWithReader(t *testing.T) {
	path, long := fifo(t), strings.Repeat("x", 1<<20)
	got := make(chan string)
	go func() {
		data, _ := os.ReadFile(path)
		got <- string(data)
	}()
	for range 3 {
		if err := Check(path); err != nil {
			t.Error(err)
		}
	}
	if err := write(path, text(long)); err != nil {
		t.Fatal(err)
	}
	if data := <-got; data != long {
		t.Errorf("got %d bytes, want %d", len(data), len(long))
	}
}

// TestSignalEndsWriting: to a pipe that nobody opens, and to one that somebody
// opens and never reads.
func TestSignalEndsWriting(t *testing.T) {
	for _, opened := range []bool{false, true} {
		path := fifo(t)
		if opened {
			r, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
		}
		ctx, signal := context.WithCancel(context.Background())
		err := Write(ctx, path, func(w io.Writer) error {
			signal()
			return text(strings.Repeat("x", 1<<20))(w)
		})
		if got := command.Status("c", io.Discard, err); got != command.Interrupted {
			t.Errorf("opened %v: got %v and exit status %d, want %d", opened, err, got, command.Interrupted)
		}
	}
}

// TestSignalDoesNotKeepFilesFromBeingWritten: neither ordinary ones nor those
// that take what is written.
func TestSignalDoesNotKeepFilesFromBeingWritten(t *testing.T) {
	ctx, signal := context.WithCancel(context.Background())
	signal()
	for _, path := range []string{filepath.Join(t.TempDir(), "f"), "/dev/null"} {
		if err := Write(ctx, path, text("kept")); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
