package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/pkg/errors"
)

// target is the file of a path after all links are followed.
type target struct {
	path string
	info fs.FileInfo // nil if there is no such file yet
	fd   int         // an open file of this process that is the target, or -1
}

// direct reports whether the target is written straight and not replaced.
func (t target) direct() bool { return t.info != nil && (t.fd >= 0 || !t.info.Mode().IsRegular()) }

// resolve returns the target of a path. A folder is an error.
func resolve(path string) (target, error) {
	info, err := os.Stat(path) // the system decides about permissions and loops
	switch {
	case errors.Is(err, fs.ErrNotExist):
		info = nil
	case err != nil:
		return target{}, errors.WithStack(err)
	case info.IsDir():
		return target{}, errors.Errorf("%s is a folder", path)
	}
	file, err := follow(path)
	if err != nil {
		return target{}, err
	}
	if info != nil {
		return target{file, info, descriptor(file, info)}, nil
	}
	if openFile.MatchString(file) {
		return target{}, errors.Errorf("%s is not open", path)
	}
	return target{file, nil, -1}, nil
}

// maxLinks is how many links Linux follows before it takes them for a loop.
const maxLinks = 40

// follow returns the path without links, following them part by part as the
// system does. Unlike filepath.EvalSymlinks it lets the last part be missing.
func follow(path string) (string, error) {
	at, names := split(path)
	for links := 0; len(names) > 0; {
		name := names[0]
		names = names[1:]
		next := filepath.Join(at, name)
		if name == "." || name == ".." { // at has no links, so Join is right
			at = next
			continue
		}
		info, err := os.Lstat(next)
		if errors.Is(err, fs.ErrNotExist) && len(names) == 0 {
			return next, nil
		}
		if err != nil {
			return "", errors.WithStack(err)
		}
		if info.Mode()&fs.ModeSymlink == 0 || openFile.MatchString(next) {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errors.WithStack(&fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP})
		}
		link, err := os.Readlink(next)
		if err != nil {
			return "", errors.WithStack(err)
		}
		root, more := split(link)
		if root != "" {
			at = root
		}
		names = slices.Concat(more, names)
	}
	return at, nil
}

// split returns the root of an absolute path, and the names below it. A path that
// ends with a separator means a folder: the last name is then ".".
func split(path string) (root string, names []string) {
	root = filepath.VolumeName(path)
	rest := path[len(root):]
	separator := func(r rune) bool { return r < 0x80 && os.IsPathSeparator(uint8(r)) }
	if rest != "" && separator(rune(rest[0])) {
		root += string(filepath.Separator)
	}
	names = strings.FieldsFunc(rest, separator)
	if rest != "" && separator(rune(rest[len(rest)-1])) {
		names = append(names, ".")
	}
	return root, names
}

// openFile matches the path of an open file of a process. On Linux that is a link
// whose text need not be a path.
var openFile = regexp.MustCompile(`^(?:/dev|/proc/(\d+)(?:/task/\d+)?)/fd/(\d+)$`)

// ownDescriptor returns the number of the open file of this process that path
// names, or -1.
func ownDescriptor(path string) int {
	m := openFile.FindStringSubmatch(path)
	if m == nil {
		return -1
	}
	if self, err := os.Readlink("/proc/self"); m[1] != "" && (err != nil || m[1] != self) {
		return -1
	}
	fd, err := strconv.Atoi(m[2])
	if err != nil {
		return -1
	}
	return fd
}

// Same reports whether a and b are paths of one file, through whatever links.
// Devices and the process's own open files do not count: two outputs can share
// them.
func Same(a, b string) bool {
	s, errA := resolve(a)
	t, errB := resolve(b)
	switch {
	case errA != nil || errB != nil:
		absA, errA := filepath.Abs(a)
		absB, errB := filepath.Abs(b)
		return errA == nil && errB == nil && absA == absB
	case s.shared() || t.shared():
		return false
	case s.info != nil && t.info != nil:
		return os.SameFile(s.info, t.info)
	case s.info != nil || t.info != nil || filepath.Base(s.path) != filepath.Base(t.path):
		return false
	}
	dirA, errA := os.Stat(filepath.Dir(s.path))
	dirB, errB := os.Stat(filepath.Dir(t.path))
	return errA == nil && errB == nil && os.SameFile(dirA, dirB)
}

func (t target) shared() bool {
	return t.info != nil && (t.info.Mode()&fs.ModeCharDevice != 0 || ownDescriptor(t.path) >= 0)
}
