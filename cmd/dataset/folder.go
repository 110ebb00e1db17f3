package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pkg/errors"
)

// maxClasses are those that a label of one byte can tell apart.
const maxClasses = 256

// file is a file in the folder of a class, or beside those folders: class is
// noClass then.
type file struct {
	path  string
	class int
}

const noClass = -1

// inNoClass is the error for a picture of noClass.
func inNoClass(path string) error {
	dir, name := filepath.Split(path)
	return errors.Errorf("%s is in no class: want every picture in the folder of its class, such as %s", path, filepath.Join(dir, "cat", name))
}

// classes returns the names of the folders in root, sorted, and all files that are
// not hidden: those of no class, then class by class, sorted by path. Links are
// followed.
func classes(root string) (names []string, files []file, err error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	if !info.IsDir() {
		return nil, nil, errors.Errorf("%s is a file: want a folder that has a folder of pictures for each class", root)
	}
	entries, err := visible(root)
	if err != nil {
		return nil, nil, err
	}
	var loose []file
	for _, name := range entries {
		path := filepath.Join(root, name)
		sub, err := os.Stat(path)
		if err != nil {
			return nil, nil, errors.WithStack(err)
		}
		if !sub.IsDir() {
			loose = append(loose, file{path, noClass}) // who reads it says whether it is a picture
			continue
		}
		if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) || name != strings.TrimSpace(name) {
			return nil, nil, errors.Errorf("%s: the name of a class: want UTF-8 without control characters, and no spaces at its ends", path)
		}
		before := len(files)
		if files, err = walk(files, path, len(names), []fs.FileInfo{info, sub}); err != nil {
			return nil, nil, err
		}
		if len(files) == before {
			return nil, nil, errors.Errorf("%s: no files: want pictures of the class, or no such folder", path)
		}
		names = append(names, name)
	}
	if len(names) == 0 && len(loose) > 0 {
		return nil, nil, inNoClass(loose[0].path)
	}
	if n := len(names); n < 2 || n > maxClasses {
		return nil, nil, errors.Errorf("%s: folder count: got %d, want 2 to %d, one for each class", root, n, maxClasses)
	}
	if split(names) {
		return nil, nil, errors.Errorf("%s has the folders %s: want a folder for each class, as %s may have",
			root, strings.Join(names, ", "), filepath.Join(root, names[0]))
	}
	return names, append(loose, files...), nil
}

// split reports whether the names are those of sets and not of classes.
func split(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		return !slices.Contains([]string{"train", "training", "test", "testing", "val", "valid", "validation"}, strings.ToLower(name))
	})
}

// walk appends the files in a folder of a class and in folders below it. Above are
// the folders that lead there, it itself too: a link to one of them is a loop.
func walk(files []file, dir string, class int, above []fs.FileInfo) ([]file, error) {
	entries, err := visible(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range entries {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		switch {
		case err != nil || !info.IsDir():
			files = append(files, file{path, class}) // who reads it says what is wrong
		case slices.ContainsFunc(above, func(f fs.FileInfo) bool { return os.SameFile(f, info) }):
		default:
			if files, err = walk(files, path, class, append(slices.Clip(above), info)); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}

// hidden are names that systems hide, beside those that start with a dot.
var hidden = []string{"Thumbs.db", "desktop.ini", "__MACOSX"}

// visible returns the names of the files and folders in dir that are not hidden,
// sorted.
func visible(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); name[0] != '.' && !slices.ContainsFunc(hidden, func(h string) bool { return strings.EqualFold(h, name) }) {
			names = append(names, name)
		}
	}
	return names, nil
}

// inside reports whether dir, which need not be there yet, is root or in it.
func inside(dir, root string) (bool, error) {
	info, err := os.Stat(root)
	if err != nil {
		return false, errors.WithStack(err)
	}
	at, err := filepath.Abs(dir)
	if err != nil {
		return false, errors.WithStack(err)
	}
	for {
		real, err := filepath.EvalSymlinks(at)
		if err == nil {
			at = real
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			return false, errors.WithStack(err)
		}
		at = filepath.Dir(at)
	}
	for {
		if here, err := os.Stat(at); err == nil && os.SameFile(here, info) {
			return true, nil
		}
		if at == filepath.Dir(at) {
			return false, nil
		}
		at = filepath.Dir(at)
	}
}
