// Package atomicfile writes files that are never half there: a reader finds the
// old file or the whole new one, even after a power cut. A path may be a link,
// or name what cannot be replaced, such as a pipe. Lock keeps others away.
package atomicfile

import (
	"bufio"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pkg/errors"
)

// Check is an error if Write could not write to path: its folder is missing or
// cannot be written, the file is read-only, or the path is a folder. It leaves
// nothing behind.
func Check(path string) error {
	t, err := resolve(path)
	if err != nil {
		return err
	}
	if err := t.writable(); err != nil || t.direct() {
		return err
	}
	f, err := actual.create(t)
	if err != nil {
		return err
	}
	f.Close()
	if err := os.Remove(f.Name()); !errors.Is(err, fs.ErrNotExist) { // another process may have tidied up
		return errors.WithStack(err)
	}
	return nil
}

// Write lets write fill path. If that fails, what was there before stays. A
// file that is replaced keeps its permissions, a new one gets those of any new
// file. A symbolic link keeps pointing where it does. Devices, pipes, and the
// files that standard output and error go to are written straight; if nobody
// takes what is written there, the end of ctx ends Write, with an error of
// command.Interruptedf. Other files are written even when ctx has ended.
func Write(ctx context.Context, path string, write func(io.Writer) error) error {
	return actual.write(ctx, path, write)
}

// system is what Write asks of the operating system. Tests observe it.
type system struct {
	random func() string // ends the name of a temporary file
	lock   func(*os.File) lockState
	sync   func(*os.File) error
	rename func(from, to string) error
}

var actual = system{randomSuffix, tryLock, (*os.File).Sync, os.Rename}

func (s system) write(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	t, err := resolve(path)
	if err != nil {
		return err
	}
	if t.direct() {
		return t.writeStraight(ctx, write)
	}
	if err := t.writable(); err != nil {
		return err
	}
	f, err := s.create(t)
	if err != nil {
		return err
	}
	defer func() {
		f.Close() // Sync has told every error of writing
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return errors.WithStack(err)
	}
	if t.info != nil {
		if err := f.Chmod(t.info.Mode().Perm()); err != nil {
			return errors.WithStack(err)
		}
	}
	if err := s.sync(f); err != nil {
		return errors.WithStack(err)
	}
	// The lock lasts until the temporary name is gone, or another process
	// could remove it. Windows has no such lock, and renames no open file.
	if runtime.GOOS == "windows" {
		f.Close()
	}
	if err := s.rename(f.Name(), t.path); err != nil {
		return errors.WithStack(err)
	}
	s.syncFolder(filepath.Dir(t.path))
	return nil
}

// syncFolder makes the rename itself survive a power cut, where the system can
// and the folder may be read.
func (s system) syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		s.sync(d)
		d.Close()
	}
}
