//go:build !linux

package kernel

// guarded returns n values. Only on Linux an access after their end faults.
func guarded(t tester, n int) []float32 { return make([]float32, n) }
