package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
)

// own makes the folder of -o if need be and keeps other commands from writing
// there. Release ends that, and removes the folders that are still empty.
func (c *comparison) own() (release func(), err error) {
	var made []string
	for dir := c.dir; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, dir)
	}
	removeEmpty := func() {
		for _, dir := range made {
			os.Remove(dir) // fails if something is there
		}
	}
	if err := os.MkdirAll(c.dir, 0o777); err != nil {
		removeEmpty()
		return nil, errors.Wrap(err, "-o")
	}
	if info, err := os.Stat(c.file(resultsName)); err == nil && info.IsDir() {
		return nil, errors.Wrap(&fs.PathError{Op: "open", Path: c.file(resultsName), Err: syscall.EISDIR}, "-o")
	}
	unlock, err := atomicfile.Lock(c.file(resultsName), "compare")
	if err != nil {
		removeEmpty()
		return nil, errors.WithMessagef(err, "-o %s", c.dir)
	}
	return func() { unlock(); removeEmpty() }, nil
}
