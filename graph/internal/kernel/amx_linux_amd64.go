package kernel

import (
	"sync"

	"golang.org/x/sys/unix"
)

// permitted reports whether Linux lets this process use AMX. It has to be asked, because tiles are 8 KiB more to save for
// each thread that uses them (Documentation/arch/x86/xstate.rst).
var permitted = sync.OnceValue(func() bool {
	const requestPermission, tileData = 0x1023, 18
	_, _, err := unix.RawSyscall(unix.SYS_ARCH_PRCTL, requestPermission, tileData, 0)
	return err == 0
})
