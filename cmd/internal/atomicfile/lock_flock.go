//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package atomicfile

import (
	"os"
	"syscall"
)

// plainOnly are flags to open no link and not to wait for the other end of a pipe.
const plainOnly = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// tryLock locks f until it is closed or its process ends.
func tryLock(f *os.File) lockState {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return ours
		case syscall.EWOULDBLOCK:
			return taken
		case syscall.EINTR:
		default:
			return none
		}
	}
}
