package data

import (
	"fmt"
	"io"
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
	dir, base := filepath.Dir(name), filepath.Base(name)
	if f, ok := parseName(base); ok && err == nil {
		return readFolder(dir, f.prefix, transpose)
	}
	if err == nil && strings.EqualFold(filepath.Ext(base), npzEnd) {
		return readNPZ(name)
	}
	if err == nil {
		return Sets{}, errors.WithMessage(foreign(name, "a folder or a .npz file"), name)
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

// foreign returns an error that says what kind of file there is in place of what
// is wanted.
func foreign(name, want string) error {
	f, err := os.Open(name)
	if err != nil {
		return errors.WithStack(err)
	}
	defer f.Close()
	start := make([]byte, 4096)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return errors.WithStack(err)
	}
	what, advice := sniff.Describe(start[:n])
	if advice != "" {
		advice = ": " + advice
	}
	return errors.Errorf("got %s, want %s%s", what, want, advice)
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
	sets map[string]map[string]string // IDX files by the prefix of their set, then by their part of it
}

// parts are the IDX files of a set, as MNIST names them.
var parts = []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}

// fileName is what the name of an IDX file says.
type fileName struct {
	prefix string // of its set: emnist-letters, qmnist; "" in MNIST
	part   string // one of parts
}

var nameOf = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(?:(.+)[-_. ])?(train|t10k|test)[-_. ](image|label)s?([-_. ](idx\d?|ubyte|byte|short|int|float|double))*(\.gz)?$`)
})

// parseName reads the name of an IDX file. People, programs that unpack and
// other sets have names of their own: train-images.idx3-ubyte,
// test-labels-idx1-ubyte.gz, qmnist-train-labels-idx2-int.
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
// the one without .gz is taken. A part may be a folder with the file in it, as
// some archives have it.
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
	for _, e := range entries { // sorted: the shorter name is the first
		name, isDir := e.Name(), e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := fs.Stat(dir, name)
			isDir = err == nil && info.IsDir()
		}
		if n, ok := parseName(name); ok && isDir {
			folders = append(folders, name)
		} else if ok {
			add(n, name)
		}
		if isDir {
			name += "/"
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

// read reads the IDX files of the set with that prefix. It is fs.ErrNotExist to
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
		a, err := idx.ReadFS(dir, name)
		result := arrayOf(name, a)
		// QMNIST's labels are a table, whose first column is the digit.
		result.table = strings.Contains(strings.ToLower(name), "idx2")
		return result, err
	})
}

// shorten joins names, at most 20 of them.
func shorten(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "nothing"
	}
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

var archives = []string{".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar"}

// hint is what to do about the names of files that hold no set as they are; it
// starts with a semicolon. It is "" if there is nothing to say.
func hint(dir fs.FS, names []string) string {
	folders := false
	for _, name := range names {
		switch lower := strings.ToLower(name); {
		case slices.ContainsFunc(archives, func(end string) bool { return strings.HasSuffix(lower, end) }):
			return fmt.Sprintf("; unpack %s", name)
		case lower == "data_batch_1" || lower == "batches.meta":
			return "; these are CIFAR's files for Python, of which only the binary version is read"
		case strings.HasSuffix(lower, npzEnd):
			return fmt.Sprintf("; to read %s, give its own path", name)
		case strings.HasSuffix(name, "/"):
			folders = true
			if sub, err := fs.Sub(dir, path.Clean(name)); err == nil {
				if f, err := list(sub); err == nil && (len(f.sets) > 0 || slices.ContainsFunc(cifars, func(c cifar) bool { return c.in(f.all) })) {
					return fmt.Sprintf("; the files may be those in %s", name)
				}
			}
		}
	}
	if folders {
		return "; if these are folders of pictures, one for each class, cmd/dataset makes IDX files of them"
	}
	return ""
}
