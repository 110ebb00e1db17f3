package fast_test

import (
	"os"
	"os/exec"
	"runtime"
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
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
