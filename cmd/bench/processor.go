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
	L2      float64 `json:"l2_gb_per_s"`       // at which one core reads
	L3      float64 `json:"l3_gb_per_s"`
}

// What is read from a cache is too large for the one below, and leaves room to
// spare, on any processor with AVX2.
const (
	l2Bytes = 192 << 10
	l3Bytes = 6 << 20
)

func (b *bench) measureProcessor() *processor {
	p := &processor{Level: graph.Level(), Cores: runtime.GOMAXPROCS(0)}
	p.Peak = graph.PeakGFLOPS(1, b.peak)
	p.PeakAll = graph.PeakGFLOPS(p.Cores, b.peak)
	p.L2 = graph.ReadBandwidth(l2Bytes, b.peak)
	p.L3 = graph.ReadBandwidth(l3Bytes, b.peak)
	return p
}

func (p *processor) table() table {
	t := table{title: fmt.Sprintf("Processor: %d cores, %s", p.Cores, p.Level), head: []string{"", "rate", ""}}
	t.add("multiply-adds, 1 core", p.Peak, "GFLOP/s")
	t.add(fmt.Sprintf("multiply-adds, %d cores", p.Cores), p.PeakAll, "GFLOP/s")
	t.add(fmt.Sprintf("reading %d KiB (L2), 1 core", l2Bytes>>10), p.L2, "GB/s")
	t.add(fmt.Sprintf("reading %d KiB (L3), 1 core", l3Bytes>>10), p.L3, "GB/s")
	return t
}
