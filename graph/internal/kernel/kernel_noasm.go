//go:build !amd64 || noasm

package kernel

func assembly() []*level { return nil }
