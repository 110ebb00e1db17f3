//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup puts a command, before it starts, into a group with all that it will
// start: they are killed together. endAll kills what the command has left.
func ownGroup(c *exec.Cmd) (endAll func()) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.Cancel = kill
	return func() { kill() }
}
