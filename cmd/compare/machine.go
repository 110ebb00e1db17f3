package main

import (
	"bufio"
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
	for s := bufio.NewScanner(f); s.Scan(); {
		key, name, _ := strings.Cut(s.Text(), ":")
		if name = strings.TrimSpace(name); name != "" && strings.TrimSpace(key) == "model name" {
			return name
		}
	}
	return runtime.GOOS + "/" + runtime.GOARCH
}
