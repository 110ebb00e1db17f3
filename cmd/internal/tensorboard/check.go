package tensorboard

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pkg/errors"
)

// Check is an error if a Writer could not write into dir: a file is in the way,
// or the folder cannot be written or made. It leaves nothing behind.
func Check(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return errors.Errorf("%s is a file, want a folder", dir)
		}
		if err == nil {
			break
		}
		_, notLink := os.Lstat(dir) // a link to nothing is in the way too
		if missing := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR); !missing || notLink == nil {
			return errors.WithStack(err)
		}
		dir = filepath.Dir(dir) // the folder to make it in
	}
	f, err := os.CreateTemp(dir, ".tmp-")
	if err != nil {
		return errors.Wrapf(errors.Unwrap(err), "%s cannot be written", dir) // without the file's name
	}
	f.Close()
	return errors.WithStack(os.Remove(f.Name()))
}
