package main

import (
	"bufio"
	"io"
	"os"
	"runtime"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/graph"
	"tapenet/train"
)

// machine is the one that this command runs on.
func (c *comparison) machine() result.Machine {
	return result.Machine{Processor: processor(), Kernels: graph.Level(), Workers: min(c.workers, train.MaxWorkers)}
}

// processor is the model name that Linux tells, elsewhere the architecture.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOOS + "/" + runtime.GOARCH
	}
	defer f.Close()
	return modelName(f)
}

// modelName is the first in a file like /proc/cpuinfo that is not empty, or the
// architecture if there is none.
func modelName(cpuinfo io.Reader) string {
	for s := bufio.NewScanner(cpuinfo); s.Scan(); {
		key, name, _ := strings.Cut(s.Text(), ":")
		if name = strings.TrimSpace(name); name != "" && strings.TrimSpace(key) == "model name" {
			return name
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
