//go:build !(linux && amd64)

package kernel

// permitted reports whether the system lets this process use AMX: only Linux was asked yet.
func permitted() bool { return false }
