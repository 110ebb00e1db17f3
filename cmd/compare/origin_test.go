package main

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestOrigin: the command line is one that a shell reads back to the same words.
func TestOrigin(t *testing.T) {
	args := []string{"-o", "a b", "-data", "it's", "-seeds=5", "$HOME", "", "x\\y", "-only", "1,2"}
	o := origin(args, time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)))
	if o.Date != "2026-01-02 02:04 UTC" || !strings.Contains(o.Program, runtime.Version()) || !strings.Contains(o.Program, runtime.GOARCH) {
		t.Errorf("got %+v", o)
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	out, err := exec.Command(shell, "-c", `compare() { printf '%s\n' "$@"; }; `+o.Command).Output()
	if err != nil || string(out) != strings.Join(args, "\n")+"\n" {
		t.Errorf("%s: got %q, error %v", o.Command, out, err)
	}
}
