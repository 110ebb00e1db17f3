package kernel

import (
	"syscall"
	"unsafe"
)

// guarded returns n values; an access after their end faults.
func guarded(t tester, n int) []float32 {
	page := syscall.Getpagesize()
	size := roundUp(4*n, page)
	b, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if err := syscall.Mprotect(b[size:], syscall.PROT_NONE); err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { syscall.Munmap(b) })
	return unsafe.Slice((*float32)(unsafe.Pointer(&b[size-4*n])), n)
}
