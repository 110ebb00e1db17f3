//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"

	"github.com/pkg/errors"
)

// descriptor is -1: no path names an open file on these systems.
func descriptor(string, fs.FileInfo) int { return -1 }

func duplicate(_ int, name string) (*os.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not supported")}
}

// writable returns an error if the target is a file that may not be written.
func (t target) writable() error {
	if t.info == nil || !t.info.Mode().IsRegular() {
		return nil
	}
	f, err := os.OpenFile(t.path, os.O_WRONLY, 0)
	if err != nil {
		return errors.WithStack(err)
	}
	return errors.WithStack(f.Close())
}
