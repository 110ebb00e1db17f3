package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"tapenet/cmd/internal/table"
	"tapenet/graph"
)

// processor is what this machine can do at most.
type processor struct {
	Level   string  `json:"level"`             // instruction set of the kernels
	Cores   int     `json:"cores"`             // that this process may use
	Peak    float64 `json:"peak_gflops"`       // of one core
	PeakAll float64 `json:"peak_gflops_cores"` // of all cores together
	Busy    bool    `json:"busy"`              // PeakAll is less than three quarters of Cores times Peak
}

func (b *bench) measureProcessor(ctx context.Context) error {
	b.Processor = newProcessor(runtime.GOMAXPROCS(0), func(cores int) float64 { return graph.PeakGFLOPS(cores, b.peak) })
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.Processor.section().write(b.text)
}

func newProcessor(cores int, peak func(cores int) float64) *processor {
	p := &processor{Level: graph.Level(), Cores: cores, Peak: peak(1), PeakAll: peak(cores)}
	p.Busy = p.PeakAll < 0.75*float64(cores)*p.Peak
	return p
}

func (p *processor) section() *section {
	s := &section{title: fmt.Sprintf("Processor: %d cores, %s", p.Cores, p.Level)}
	s.Columns = slices.Concat(table.Texts(""), table.Numbers("rate", ""))
	s.add("multiply-adds, 1 core", p.Peak, "GFLOP/s")
	s.add(fmt.Sprintf("multiply-adds, %d cores", p.Cores), p.PeakAll, "GFLOP/s")
	if p.Busy {
		s.notes = []string{fmt.Sprintf("This machine is busy: %d cores give %.1f times one. (Or they are hyper-threads, two to a core.)", p.Cores, p.PeakAll/p.Peak)}
	}
	return s
}

// spread sums up the repetitions of one measurement. Other programs can only slow
// it down, so believe the minimum; the median shows how much they did.
type spread struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
}

// spreadOf returns the spread of at least one value. The median of an even number is
// the mean of the two in the middle.
func spreadOf(values []float64) spread {
	v := slices.Sorted(slices.Values(values))
	n := len(v)
	return spread{v[0], (v[(n-1)/2] + v[n/2]) / 2}
}

// times returns the spread multiplied by factor.
func (s spread) times(factor float64) spread { return spread{s.Min * factor, s.Median * factor} }
