// Package processor names the processor that a training ran on.
package processor

import (
	"os"
	"runtime"
	"strings"
)

// Name returns the processor's model name on Linux, elsewhere the operating system
// and architecture.
func Name() string {
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo") // none elsewhere
	return modelName(string(cpuinfo))
}

// modelName returns the first model name in a file like /proc/cpuinfo that is not
// empty, or the operating system and architecture if there is none.
func modelName(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		key, name, _ := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); name != "" && strings.TrimSpace(key) == "model name" {
			return name
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
