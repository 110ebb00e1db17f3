package graph

import (
	"time"

	"tapenet/graph/internal/kernel"
)

// AdamStep is the arithmetic of one step of Adam over vectors in the layout of
// any lowering. It is here because the kernels are; the optimiser is train's.
type AdamStep = kernel.Adam

// Level is the instruction set of the kernels under Fused: avx512, avx2 or
// generic. GODEBUG=cpu.avx512f=off and GODEBUG=cpu.avx2=off select a lower one.
func Level() string { return kernel.Level() }

// Aligned is a vector of n zeros that starts a cache line, as kernels like it.
func Aligned(n int) []float32 { return kernel.Aligned(n) }

// ScaleBytes sets dst to the pixels divided by 255, correctly rounded.
func ScaleBytes(dst []float32, pixels []uint8) { kernel.ScaleBytes(dst, pixels) }

// PeakGFLOPS is the most GFLOP/s that so many workers reach with the
// instructions of Level, measured for the time d: what kernels can be judged by.
func PeakGFLOPS(workers int, d time.Duration) float64 { return kernel.PeakGFLOPS(workers, d) }

// ReadBandwidth is the most GB/s at which one worker reads an array of so many
// bytes again and again, measured for the time d.
func ReadBandwidth(bytes int, d time.Duration) float64 { return kernel.ReadBandwidth(bytes, d) }
