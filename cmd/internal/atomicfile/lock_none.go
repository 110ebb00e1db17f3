//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package atomicfile

import "os"

const plainOnly = 0

func tryLock(*os.File) lockState { return none }
