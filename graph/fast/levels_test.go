package fast_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// TestAtLowerLevels runs the tests of the numbers with the kernels of the lower levels, in processes of their own: what a
// process has is chosen when it starts.
func TestAtLowerLevels(t *testing.T) {
	settings := map[string][]string{"amd64": {"cpu.avx512f=off", "cpu.avx512f=off,cpu.avx2=off"}, "arm64": {"cpu.asimd=off"}}
	for _, setting := range settings[runtime.GOARCH] {
		t.Run(setting, func(t *testing.T) {
			c := exec.Command(os.Args[0], "-test.run=^(TestOps|TestPyTorch|TestNetwork)$")
			c.Env = append(os.Environ(), "GODEBUG="+setting)
			out, err := c.CombinedOutput()
			if errors.Is(err, syscall.ENOEXEC) {
				t.Skip("under an emulator this program can't start itself")
			}
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
