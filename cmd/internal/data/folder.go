package data

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"tapenet/mnist/idx"
	"tapenet/mnist/idx/sniff"
)

// read reads the sets at a path: a folder, of several sets in it the one that the
// path names by its prefix or by one of its files, or a .npz file.
func read(name string, transpose bool) (Sets, error) {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return readFolder(name, "", transpose)
	}
	if err == nil && !info.Mode().IsRegular() { // it may have no end, or never begin
		return Sets{}, errors.Errorf("%s: got a pipe or a device, want a folder or a .npz file", name)
	}
	dir, base := filepath.Dir(name), filepath.Base(name)
	if f, ok := parseName(base); ok && err == nil {
		return readFolder(dir, f.prefix, transpose)
	}
	if err == nil && strings.EqualFold(filepath.Ext(base), npzEnd) {
		return readNPZ(name)
	}
	if err == nil {
		f, err := os.Open(name)
		if err != nil {
			return Sets{}, errors.WithStack(err)
		}
		defer f.Close()
		return Sets{}, errors.WithMessage(sniff.Unexpected(f, "a folder or a .npz file"), name)
	}
	files, listErr := list(os.DirFS(dir))
	if listErr == nil && files.sets[base] != nil {
		return readFolder(dir, base, transpose)
	}
	if named := slices.DeleteFunc(slices.Sorted(maps.Keys(files.sets)), func(prefix string) bool { return prefix == "" }); len(named) > 0 {
		err = fmt.Errorf("%w; %s has %s", err, dir, shorten(named))
	}
	return Sets{}, errors.WithStack(err)
}

// readFolder reads the set with a prefix from the folder dir, or the only one or
// the one without a prefix, if it is "".
func readFolder(dir, prefix string, transpose bool) (Sets, error) {
	s, err := readAll(os.DirFS(dir), prefix, transpose)
	if err != nil {
		return Sets{}, errors.WithMessage(err, dir)
	}
	return s.sets(dir)
}

// readAll reads a set from a folder with IDX files or CIFAR's.
func readAll(dir fs.FS, prefix string, transpose bool) (source, error) {
	files, err := list(dir)
	if err != nil {
		return source{}, err
	}
	if prefix == "" {
		if prefix, err = files.only(); err != nil {
			return source{}, err
		}
	}
	var s source
	if c := slices.IndexFunc(cifars, func(c cifar) bool { return c.in(files.all) }); c >= 0 && !files.complete(prefix) {
		s, err = cifars[c].read(dir)
	} else if s, err = files.read(dir, prefix); err == nil {
		s.knowEMNIST(prefix, transpose)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; the folder has %s%s", err, shorten(files.all), hint(dir, files.all))
	}
	if err != nil {
		return source{}, err
	}
	return s, s.readClasses(dir)
}

// files are what a folder has.
type files struct {
	all  []string                     // names, those of folders with a slash at the end
	sets map[string]map[string]string // files by the prefix of their set, then by their part of it
}

// parts are the IDX files of a set, as MNIST names them.
var parts = []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}

// fileName is what the name of a part of a set says.
type fileName struct {
	prefix string // of its set: emnist-letters, qmnist; "" in MNIST
	part   string // one of parts
}

var nameOf = sync.OnceValue(func() *regexp.Regexp {
	const (
		part  = `(train|t10k|test)(?:ing)?[-_. ](image|img|label)s?`
		types = `(?:[-_. ](?:idx\d?|ubyte|byte|short|int|float|double|bin))*`
	)
	return regexp.MustCompile(`(?i)^(?:(.+)[-_. ])?` + part + types + `(?:\.gz|\.npz)?$`)
})

// parseName reads the name of a part of a set. People, programs that unpack and
// other sets have names of their own: train-images.idx3-ubyte,
// test-labels-idx1-ubyte.gz, qmnist-train-labels-idx2-int, kmnist-train-imgs.npz.
func parseName(name string) (f fileName, ok bool) {
	m := nameOf().FindStringSubmatch(name)
	if m == nil {
		return f, false
	}
	i := 0
	if strings.ToLower(m[2]) != "train" {
		i = 2
	}
	if strings.ToLower(m[3]) == "label" {
		i++
	}
	return fileName{m[1], parts[i]}, true
}

// list looks at what a folder has. Of two files that are the same part of a set,
// the one whose name sorts first is taken, which is not the one with .gz. A part
// may be a folder with the file in it, as some archives have it.
func list(dir fs.FS) (f files, err error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return files{}, errors.WithStack(err)
	}
	f.sets = map[string]map[string]string{}
	add := func(n fileName, file string) {
		if f.sets[n.prefix] == nil {
			f.sets[n.prefix] = map[string]string{}
		}
		if f.sets[n.prefix][n.part] == "" {
			f.sets[n.prefix][n.part] = file
		}
	}
	var folders []string
	for _, e := range entries { // sorted
		name := e.Name()
		n, ok := parseName(name)
		switch mode := typeOf(dir, e, name); {
		case mode.IsDir():
			if ok {
				folders = append(folders, name)
			}
			name += "/"
		case mode&fs.ModeSymlink != 0:
			name += " (a broken link)"
		case !mode.IsRegular() && mode&fs.ModeNamedPipe == 0: // a pipe has an end in general
			name += " (a device)"
		case ok:
			add(n, name)
		}
		f.all = append(f.all, name)
	}
	for _, folder := range folders {
		outer, _ := parseName(folder)
		inside, _ := fs.ReadDir(dir, folder)
		for _, e := range inside {
			if n, ok := parseName(e.Name()); ok && n.part == outer.part {
				add(outer, path.Join(folder, e.Name()))
			}
		}
	}
	return f, nil
}

// typeOf is the type of a file, or of what a link leads to: that of a link if it
// leads nowhere.
func typeOf(dir fs.FS, e fs.DirEntry, name string) fs.FileMode {
	if e.Type()&fs.ModeSymlink != 0 {
		if info, err := fs.Stat(dir, name); err == nil {
			return info.Mode().Type()
		}
	}
	return e.Type()
}

// readFile reads a file of that many bytes at most. A pipe or a device is an error:
// it may have no end, or never begin.
func readFile(dir fs.FS, name string, most int64) ([]byte, error) {
	info, err := fs.Stat(dir, name)
	switch {
	case err != nil:
		return nil, errors.WithStack(err)
	case info.Mode()&(fs.ModeNamedPipe|fs.ModeDevice|fs.ModeSocket) != 0:
		return nil, errors.Errorf("%s: got a pipe or a device, want a file", name)
	case info.Size() > most:
		return nil, errors.Errorf("%s: got %d bytes, want at most %d", name, info.Size(), most)
	}
	text, err := fs.ReadFile(dir, name)
	return text, errors.WithStack(err)
}

// complete reports whether the set with that prefix has all its files.
func (f files) complete(prefix string) bool { return len(f.sets[prefix]) == len(parts) }

// only returns the prefix of the set to read if none is chosen: "" if a set
// without a prefix is complete, else that of the only complete set or, if none
// is, of the one with the most files. The error is that several are complete.
func (f files) only() (prefix string, err error) {
	if f.complete("") {
		return "", nil
	}
	var complete []string
	for _, p := range slices.Sorted(maps.Keys(f.sets)) {
		if f.complete(p) {
			complete = append(complete, p)
		}
		if len(f.sets[p]) > len(f.sets[prefix]) {
			prefix = p
		}
	}
	if len(complete) > 1 {
		return "", errors.Errorf("got several sets, %s: choose one, as in -data folder/%s", shorten(complete), complete[0])
	}
	return prefix, nil
}

// read reads the files of the set with that prefix. It is fs.ErrNotExist to
// errors.Is that one is missing.
func (f files) read(dir fs.FS, prefix string) (s source, err error) {
	var missing []string
	for _, part := range parts {
		if f.sets[prefix][part] == "" {
			if prefix != "" {
				part = prefix + "-" + part
			}
			missing = append(missing, part)
		}
	}
	if len(missing) > 0 {
		return source{}, errors.Wrapf(fs.ErrNotExist, "%s, plain or .gz", strings.Join(missing, ", "))
	}
	return readSource(func(part int) (array, error) {
		name := f.sets[prefix][parts[part]]
		if strings.EqualFold(path.Ext(name), npzEnd) {
			return readOnly(dir, name)
		}
		a, err := idx.ReadFS(dir, name)
		result := arrayOf(name, a)
		// QMNIST's labels are a table, whose first column is the digit.
		result.table = strings.Contains(strings.ToLower(name), "idx2")
		return result, err
	})
}
