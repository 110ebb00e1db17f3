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

// attempts is how many names are tried, far more than chance needs.
const attempts = 100

// create makes a new temporary file beside t, and removes those that killed
// processes left there. A process has a lock on the temporary file that it
// writes, so one that can be locked is a leftover. Where files cannot be locked,
// leftovers stay.
//
// A file that is to replace another is private until it has the permissions of
// that. A new one has those of any new file from the start.
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
		// Until it is locked, another process may take it for a leftover.
		if s.lock(f) != taken && isAt(f, f.Name()) {
			return f, nil
		}
		f.Close()
	}
	return nil, errors.Errorf("%s: no name for a temporary file after %d attempts", t.path, attempts)
}

// randomSuffix returns 65 random bits as text, so that nobody can guess a name and
// make the file first.
func randomSuffix() string { return rand.Text()[:13] }

var suffix = regexp.MustCompile(`^[A-Z2-7]{13}$`)

// removeLeftovers removes the leftovers of a folder that it can list, open and lock.
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

// isAt reports whether path is the regular file f itself, and no link to it.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && open.Mode().IsRegular() && os.SameFile(open, there)
}
