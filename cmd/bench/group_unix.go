//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup lets a command that is to be started, and all that it starts, be
// killed together. The result kills those that the command has left behind.
func ownGroup(c *exec.Cmd) (endAll func()) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.Cancel = kill
	return func() { kill() }
}
