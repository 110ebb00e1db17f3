package graph_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"tapenet/graph"
)

// lowerLevels are the settings of GODEBUG for the levels below the best one.
var lowerLevels = map[string][]string{
	"amd64": {"cpu.avx512f=off", "cpu.avx512f=off,cpu.avx2=off"},
	"arm64": {"cpu.asimd=off"},
}[runtime.GOARCH]

// atEveryLevel runs f with the kernels of this process and, in processes of
// their own, with those of each lower level: what a process has is chosen when
// it starts.
func atEveryLevel(t *testing.T, f func(t *testing.T)) {
	t.Run(graph.Level(), f)
	const below = "TAPENET_LEVEL" // set in those other processes
	if os.Getenv(below) != "" {
		return
	}
	for _, setting := range lowerLevels {
		t.Run(setting, func(t *testing.T) {
			name, _, _ := strings.Cut(t.Name(), "/")
			args := []string{"-test.run=^" + name + "$", "-test.v"}
			if checks := flag.Lookup("rapid.checks"); checks != nil {
				args = append(args, "-rapid.checks="+checks.Value.String())
			}
			c := exec.Command(os.Args[0], args...)
			c.Env = append(os.Environ(), "GODEBUG="+setting, below+"="+setting)
			out, err := c.CombinedOutput()
			if errors.Is(err, syscall.ENOEXEC) {
				t.Skip("under an emulator this program can't start itself")
			}
			if err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
