package main

import (
	"fmt"
	"runtime"

	"tapenet/graph"
)

// processor is what this machine can do at best.
type processor struct {
	Level   string  `json:"level"`             // instruction set of the kernels
	Cores   int     `json:"cores"`             // that this process may use
	Peak    float64 `json:"peak_gflops"`       // of one core
	PeakAll float64 `json:"peak_gflops_cores"` // of all cores together
}

func (b *bench) measureProcessor() *processor {
	p := &processor{Level: graph.Level(), Cores: runtime.GOMAXPROCS(0)}
	p.Peak = graph.PeakGFLOPS(1, b.peak)
	p.PeakAll = graph.PeakGFLOPS(p.Cores, b.peak)
	return p
}

func (p *processor) table() table {
	t := table{title: fmt.Sprintf("Processor: %d cores, %s", p.Cores, p.Level), head: []string{"", "rate", ""}}
	t.add("multiply-adds, 1 core", p.Peak, "GFLOP/s")
	t.add(fmt.Sprintf("multiply-adds, %d cores", p.Cores), p.PeakAll, "GFLOP/s")
	return t
}
