package atomicfile

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pkg/errors"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// write is Write without a signal.
func write(path string, fill func(io.Writer) error) error {
	return Write(context.Background(), path, fill)
}

func mustWrite(t *testing.T, path, s string) {
	t.Helper()
	if err := write(path, text(s)); err != nil {
		t.Fatal(err)
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

// TestReadersKeepTheOldFile: the old file is replaced and not written over, so
// one who has it open, or by a second name, still has the old content.
func TestReadersKeepTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path, second := filepath.Join(dir, "f"), filepath.Join(dir, "second")
	mustWrite(t, path, "first")
	if err := os.Link(path, second); err != nil {
		t.Skip(err)
	}
	mustWrite(t, path, "2nd")
	if got := content(t, path); got != "2nd" {
		t.Errorf("got %q, want the new content", got)
	}
	if got := content(t, second); got != "first" {
		t.Errorf("the old file became %q", got)
	}
}

// TestOrderOfCalls: the whole content is on the disk before the file has its
// name, and the name is on the disk at the end. The recorder sees what is there
// at each call.
func TestOrderOfCalls(t *testing.T) {
	const size = 10000 // more than a buffer
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, old := range []string{"", "old"} {
		if old != "" {
			if err := os.WriteFile(path, []byte(old), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var calls []string
		s := actual
		s.sync = func(f *os.File) error {
			info, err := f.Stat()
			switch {
			case err != nil:
				t.Error(err)
			case info.IsDir():
				calls = append(calls, "sync folder")
				if got := content(t, path); len(got) != size {
					t.Errorf("the folder was synced when the file had %d bytes, want %d", len(got), size)
				}
			default:
				calls = append(calls, "sync file")
				if info.Size() != size {
					t.Errorf("the file was synced with %d bytes, want %d", info.Size(), size)
				}
			}
			return f.Sync()
		}
		s.rename = func(from, to string) error {
			calls = append(calls, "rename")
			if got, err := os.ReadFile(to); string(got) != old || (err == nil) != (old != "") {
				t.Errorf("before the rename: %q, %v; want the old file", got, err)
			}
			if filepath.Dir(from) != dir || to != path {
				t.Errorf("rename %s to %s", from, to)
			}
			return os.Rename(from, to)
		}
		if err := s.write(context.Background(), path, text(strings.Repeat("x", size))); err != nil {
			t.Fatal(err)
		}
		if want := []string{"sync file", "rename", "sync folder"}; !slices.Equal(calls, want) {
			t.Errorf("got %q, want %q", calls, want)
		}
		os.Remove(path)
	}
}

// TestFailureLeavesTheOldFile: wherever it fails, the old file stays, alone.
func TestFailureLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	mustWrite(t, path, "old")
	want := errors.New("full")
	broken := map[string]system{"write": actual, "sync": actual, "rename": actual}
	for at, s := range broken {
		fill := text("new")
		switch at {
		case "write":
			fill = func(w io.Writer) error {
				io.WriteString(w, strings.Repeat("half of the new", 1000))
				return want
			}
		case "sync":
			s.sync = func(*os.File) error { return want }
		case "rename":
			s.rename = func(string, string) error { return want }
		}
		if err := s.write(context.Background(), path, fill); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", at, err, want)
		}
		if got := content(t, path); got != "old" {
			t.Errorf("%s: got %q, want the old file", at, got)
		}
		if names := files(t, dir); len(names) != 1 {
			t.Errorf("%s: files left over: %v", at, names)
		}
	}
}

// TestManyWriters: writers of one file that run at once, in one process as in
// containers with equal process numbers, do not take each other's temporary
// files, and a reader always sees a whole one.
func TestManyWriters(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	mustWrite(t, path, strings.Repeat("0", 5000))
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for range 50 {
				if err := Check(path); err != nil {
					t.Error(err)
				}
				if err := write(path, text(strings.Repeat(string(rune('0'+i)), 5000))); err != nil {
					t.Error(err)
				}
				data, err := os.ReadFile(path)
				if err != nil || len(data) != 5000 || bytes.Count(data, data[:1]) != 5000 {
					t.Errorf("got %d bytes, %v; want 5000 equal ones", len(data), err)
				}
			}
		})
	}
	writers.Wait()
	if names := files(t, dir); len(names) != 1 {
		t.Errorf("files left over: %v", names)
	}
}

// TestWriteWithinWrite: the inner writer cleans up, and leaves the outer one's
// temporary file alone.
func TestWriteWithinWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	err := write(path, func(w io.Writer) error {
		mustWrite(t, path, "inner")
		return text("outer")(w)
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "outer" {
		t.Errorf("got %q", got)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	mustWrite(t, file, "x")
	for _, bad := range []string{
		dir, filepath.Join(dir, "no", "f"), filepath.Join(file, "f"), dir + "/no/../f", file + "/../f",
		dir + "/new/", file + "/",
	} {
		if Check(bad) == nil || write(bad, text("y")) == nil {
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
