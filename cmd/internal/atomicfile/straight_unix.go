//go:build unix

package atomicfile

import (
	"io/fs"
	"os"

	"github.com/pkg/errors"
	"golang.org/x/sys/unix"
)

// descriptor returns the number of the open file that path names, or of the
// standard output or error if it goes to the file of info; else -1.
func descriptor(path string, info fs.FileInfo) int {
	if fd := ownDescriptor(path); fd >= 0 {
		return fd
	}
	for _, f := range []*os.File{os.Stdout, os.Stderr} {
		if open, err := f.Stat(); err == nil && os.SameFile(open, info) {
			return int(f.Fd())
		}
	}
	return -1
}

// duplicate returns another handle of an open file.
func duplicate(fd int, name string) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(n), name), nil
}

// writable returns an error if the target is there and may not be written. It
// opens nothing: to the reader of a pipe, a writer would have come and gone.
func (t target) writable() (err error) {
	switch {
	case t.info == nil:
	case t.fd >= 0:
		var flags int
		flags, err = unix.FcntlInt(uintptr(t.fd), unix.F_GETFL, 0)
		if err == nil && flags&unix.O_ACCMODE == unix.O_RDONLY {
			err = unix.EACCES
		}
	default:
		err = unix.Faccessat(unix.AT_FDCWD, t.path, unix.W_OK, unix.AT_EACCESS)
	}
	if err != nil {
		err = &fs.PathError{Op: "open", Path: t.path, Err: err}
	}
	return errors.WithStack(err)
}
