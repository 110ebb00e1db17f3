package graph

import (
	"time"

	"tapenet/graph/internal/kernel"
)

// AdamStep is the arithmetic of one step of Adam over vectors in the layout of
// any lowering. It is here because the kernels are; the optimiser is train's.
type AdamStep = kernel.Adam

// Level names the arithmetic of the kernels under Fused: that of an instruction
// set, avx512 or avx2, or Go's own, generic, or generic-fma where the compiler
// rounds x·y + z once, as it does for arm64 and for GOAMD64=v3. The same name
// stands for the same bits; GODEBUG=cpu.avx512f=off and GODEBUG=cpu.avx2=off
// select a lower level.
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
