package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pkg/errors"
)

// lockState is the result of an attempt to lock a file.
type lockState int

const (
	ours  lockState = iota
	taken           // another open file has the lock
	none            // the system or file system has no locks
)

// ErrTaken is what the error of Lock is, by errors.Is, if another process uses the
// path.
var ErrTaken = errors.New("another process is using it")

// takenError is ErrTaken with the name of what holds the lock.
type takenError string

func (e takenError) Error() string        { return "another " + string(e) + " is using it" }
func (e takenError) Is(target error) bool { return target == ErrTaken }

// Lock makes the caller the only user of path until it calls release or its
// process ends. If another process uses it, the error is ErrTaken and says "another
// holder is using it". The lock is an empty file beside the target of path; one that a killed
// process left does no harm. What Write writes straight has no lock.
//
// The lock works between all processes of a computer, and between computers that
// share a file system with locks. Where there is no flock, as on Windows and on
// some network file systems, it keeps nobody away.
func Lock(path, holder string) (release func(), err error) { return actual.hold(path, holder) }

// OwnFolder makes the folder dir if need be, and makes the caller its only user:
// it locks the file of this name in it, as Lock does. Release lets others use it
// again, and removes the folders that it made if nothing is in them.
func OwnFolder(dir, name, holder string) (release func(), err error) {
	var made []string
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		made = append(made, at)
	}
	removeEmpty := func() {
		for _, at := range made {
			os.Remove(at) // fails if something is there
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		removeEmpty()
		return nil, errors.WithStack(err)
	}
	unlock, err := Lock(filepath.Join(dir, name), holder)
	if err != nil {
		removeEmpty()
		return nil, err
	}
	return func() { unlock(); removeEmpty() }, nil
}

func (s system) hold(path, holder string) (release func(), err error) {
	t, err := resolve(path)
	if err != nil {
		return nil, err
	}
	if t.direct() {
		return func() {}, nil
	}
	name := t.lockName()
	for range attempts {
		f, err := openLock(name)
		if errors.Is(err, fs.ErrExist) {
			continue // another process has just made it
		}
		if err != nil {
			return nil, errors.WithStack(err)
		}
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() || info.Size() > 0 {
			f.Close()
			return nil, errors.Errorf("%s is in the way: want no file or an empty one, for a lock", name)
		}
		switch state := s.lock(f); {
		case state == taken:
			f.Close()
			return nil, errors.WithStack(takenError(holder))
		case state == none:
			f.Close()
			os.Remove(name)
			return func() {}, nil
		case isAt(f, name):
			return func() { removeLock(f, name) }, nil
		}
		f.Close() // its holder has just removed it
	}
	return nil, errors.Errorf("%s: no lock after %d attempts", name, attempts)
}

func (t target) lockName() string {
	return filepath.Join(filepath.Dir(t.path), "."+filepath.Base(t.path)+".lock")
}

// IsLock reports whether path is the file of Lock(of).
func IsLock(path, of string) bool {
	t, err := resolve(of)
	return err == nil && !t.direct() && Same(path, t.lockName())
}

// openLock opens the file of a lock, or makes it. If it is another user's, opening
// it to read is enough.
func openLock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|plainOnly, 0)
	if errors.Is(err, fs.ErrPermission) {
		f, err = os.OpenFile(name, os.O_RDONLY|plainOnly, 0)
	}
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	}
	return f, err
}

// removeLock ends a lock. It removes the file first: another process that has
// opened it by then sees, after locking it, that it is gone.
func removeLock(f *os.File, name string) {
	if info, err := f.Stat(); err == nil && info.Size() == 0 && isAt(f, name) {
		os.Remove(name)
	}
	f.Close()
}
