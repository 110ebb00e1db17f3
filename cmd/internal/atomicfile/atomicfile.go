// Package atomicfile writes files that are never half there: a reader finds the
// old file or the whole new one, even after a power cut. A path may be a link,
// or name something that cannot be replaced, such as a pipe. Lock lets one
// process at a time use a file.
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

// Check returns an error if Write could not write to path: its folder is missing
// or cannot be written, the file is read-only, or the path is a folder. It leaves
// no file there.
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

// Write replaces the file at path by what write writes. If that fails, the old
// file stays. The new file has the permissions of the old one, or those of any
// new file. A symbolic link stays, and the file that it leads to is replaced.
//
// Devices, pipes, and the files that standard output and error go to are written
// straight. If nobody reads there, the end of ctx ends Write, with an error of
// command.Interruptedf. Other files are written even if ctx has ended.
func Write(ctx context.Context, path string, write func(io.Writer) error) error {
	return actual.write(ctx, path, write)
}

// system is what Write needs of the operating system, so that tests can watch and
// replace it.
type system struct {
	random func() string // the end of a temporary file's name
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
		f.Close() // Sync has returned any error of writing
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
	// The lock must last until the temporary name is gone: else another process
	// could remove the file. Windows has no such lock, and renames no open file.
	if runtime.GOOS == "windows" {
		f.Close()
	}
	if err := s.rename(f.Name(), t.path); err != nil {
		return errors.WithStack(err)
	}
	s.syncFolder(filepath.Dir(t.path))
	return nil
}

// syncFolder makes a rename survive a power cut, if the system can do that and the
// folder may be read.
func (s system) syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		s.sync(d)
		d.Close()
	}
}
