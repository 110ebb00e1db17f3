package atomicfile

import (
	"crypto/rand"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pkg/errors"
)

// attempts is how often a name is tried anew when others are in the way, far
// more than chance needs.
const attempts = 100

// create makes a new temporary file beside t, and removes those that processes
// left there which died while they wrote. Whoever writes a temporary file has a
// lock on it; one that can be locked is nobody's. Where files can't be locked,
// such leftovers stay.
//
// A file that is to replace another is private until it has its permissions; a
// new one has those of any new file from the start, which the system knows best.
func (s system) create(t target) (*os.File, error) {
	dir, name := filepath.Split(t.path)
	prefix := "." + name + ".tmp-"
	s.removeLeftovers(filepath.Dir(t.path), prefix)
	mode := fs.FileMode(0o666)
	if t.info != nil {
		mode = 0o600
	}
	for range attempts {
		// O_EXCL opens nothing that is there, not even through a link.
		f, err := os.OpenFile(filepath.Join(dir, prefix+s.random()), os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, errors.WithStack(err)
		}
		// Before it was locked, another process may have taken it for a leftover.
		if s.lock(f) != taken && isAt(f, f.Name()) {
			return f, nil
		}
		f.Close()
	}
	return nil, errors.Errorf("%s: no name for a temporary file after %d attempts", t.path, attempts)
}

// randomSuffix has 65 random bits, so that nobody can guess a name and be there
// first.
func randomSuffix() string { return rand.Text()[:13] }

var suffix = regexp.MustCompile(`^[A-Z2-7]{13}$`)

// removeLeftovers removes from a folder what it may list, open and lock.
func (s system) removeLeftovers(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if end, ok := strings.CutPrefix(e.Name(), prefix); ok && suffix.MatchString(end) {
			s.removeLeftover(filepath.Join(dir, e.Name()))
		}
	}
}

func (s system) removeLeftover(path string) {
	f, err := os.OpenFile(path, os.O_RDWR|plainOnly, 0)
	if err != nil {
		return
	}
	defer f.Close()
	if s.lock(f) == ours && isAt(f, path) {
		os.Remove(path)
	}
}

// isAt is whether path is the regular file f, and no link to it.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && open.Mode().IsRegular() && os.SameFile(open, there)
}
