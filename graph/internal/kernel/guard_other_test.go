//go:build !linux

package kernel

import "testing"

// guarded has no guard page here; the Linux tests do.
func guarded(t *testing.T, n int) []float32 { return make([]float32, n) }
