// Package atomicfile writes files that are never half there: a reader finds
// the old file or the whole new one.
package atomicfile

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/pkg/errors"
)

// Check is an error if Write could not write to path: its folder is missing or
// cannot be written, or the path is a folder. It leaves nothing behind.
func Check(path string) error {
	target, special, err := resolve(path)
	if err != nil || special {
		return err
	}
	f, err := createTemp(target)
	if err != nil {
		return err
	}
	f.Close()
	return errors.WithStack(os.Remove(f.Name()))
}

// Write lets write fill path. If that fails, what was there before stays. A
// symbolic link keeps pointing where it does, and a device or pipe is written
// directly.
func Write(path string, write func(io.Writer) error) (err error) {
	target, special, err := resolve(path)
	if err != nil {
		return err
	}
	if special {
		f, err := os.OpenFile(target, os.O_WRONLY, 0)
		if err != nil {
			return errors.WithStack(err)
		}
		defer f.Close()
		return write(f)
	}
	f, err := createTemp(target)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
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
	// A temporary file is private; the result has the mode of the file it
	// replaces, or that of any new file.
	mode := newFileMode
	if old, err := os.Stat(target); err == nil {
		mode = old.Mode().Perm()
	}
	if err := f.Chmod(mode); err != nil {
		return errors.WithStack(err)
	}
	if err := f.Sync(); err != nil {
		return errors.WithStack(err)
	}
	if err := f.Close(); err != nil {
		return errors.WithStack(err)
	}
	if err := os.Rename(f.Name(), target); err != nil {
		return errors.WithStack(err)
	}
	syncFolder(filepath.Dir(target))
	return nil
}

const newFileMode fs.FileMode = 0o644

// createTemp opens a new temporary file beside target, and removes those that
// processes left there which were killed while they wrote to it.
func createTemp(target string) (*os.File, error) {
	dir, name := filepath.Split(target)
	prefix := "." + name + ".tmp-"
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return nil, errors.WithStack(err)
	}
	for _, e := range entries {
		id, ours := strings.CutPrefix(e.Name(), prefix)
		if pid, err := strconv.Atoi(id); ours && err == nil && !running(pid) {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, prefix+strconv.Itoa(os.Getpid())), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	return f, errors.WithStack(err)
}

// running is whether another process has the number.
func running(pid int) bool {
	if pid == os.Getpid() {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// resolve is the file that path means behind symbolic links, and whether it is
// neither a regular file nor missing, such as a device.
func resolve(path string) (target string, special bool, err error) {
	target, err = filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		target = path
		if link, err := os.Readlink(path); err == nil { // a link to a file that is not there yet
			target = link
			if !filepath.IsAbs(link) {
				target = filepath.Join(filepath.Dir(path), link)
			}
		}
		return target, false, nil
	}
	if err != nil {
		return "", false, errors.WithStack(err)
	}
	info, err := os.Stat(target)
	if err != nil {
		return "", false, errors.WithStack(err)
	}
	if info.IsDir() {
		return "", false, errors.Errorf("%s is a folder", path)
	}
	return target, !info.Mode().IsRegular(), nil
}

// syncFolder makes the rename itself survive a power cut where the system can.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
