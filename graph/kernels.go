package graph

import (
	"math"
	"time"

	"tapenet/graph/internal/kernel"
)

// AdamStep is the arithmetic of one step of Adam, on vectors in the layout of any
// lowering: AdamStep{Alpha, Beta1, Beta2, Epsilon, Scale}.Step(lo, hi, w, m, v,
// lanes) updates the weights and moments [lo, hi) by Scale times the sum of 1, 2,
// 4 or 8 gradients. The optimiser itself is package train's.
type AdamStep = kernel.Adam

// Level is the instruction set of the kernels: avx512, avx2, neon or generic. The
// environment can select a lower one, by GODEBUG=cpu.avx512f=off or cpu.avx2=off on
// amd64, cpu.asimd=off on arm64.
func Level() string { return kernel.Level() }

// BF16 reports whether this processor and system have what the lowering FusedBF16
// needs: Intel's AMX with bfloat16, at level avx512, and Linux. A product takes both
// factors in bfloat16, rounded to eight bits; sums stay float32. One machine in
// mode Training gives the same bits as another on every such processor.
func BF16() bool { return kernel.BF16() }

// Aligned is a vector of n zeros that starts a cache line: kernels are faster on
// it.
func Aligned(n int) []float32 { return kernel.Aligned(n) }

// Prefetch asks the processor to bring pixels into its caches, and does not wait
// for them: they arrive while others are asked for or scaled. It changes nothing.
func Prefetch(pixels []uint8) { kernel.Prefetch(pixels) }

// ScaleBytes sets dst, which is at least as long, to the pixels divided by 255,
// correctly rounded.
func ScaleBytes(dst []float32, pixels []uint8) { kernel.ScaleBytes(dst, pixels) }

// Argmax is the index of the greatest value of a row, the first of equals: the
// class that a network holds to be the most probable. The row is not empty.
func Argmax(row []float32) int { return kernel.Argmax(row) }

// PeakGFLOPS is the most GFLOP/s that this number of workers reaches with the
// instructions of Level, measured for the time d. Kernels can be judged by it.
func PeakGFLOPS(workers int, d time.Duration) float64 { return kernel.PeakGFLOPS(workers, d) }

// Score says how well a network did on some images.
type Score struct {
	Loss    float64 // sum of the categorical cross-entropies, in nats
	Correct int     // images whose most probable class is theirs
}

// Add is the score of the images of both.
func (s Score) Add(t Score) Score {
	return Score{s.Loss + t.Loss, s.Correct + t.Correct}
}

// Finite reports whether the loss is neither NaN nor infinite.
func (s Score) Finite() bool { return !math.IsNaN(s.Loss) && !math.IsInf(s.Loss, 0) }

// score compares logProbs (N, M) with the one-hot classes y (N, M). It leaves
// out an image whose row of y is all zero.
func score(logProbs, y []float32, classes int) (s Score) {
	for i := 0; i < len(y); i += classes {
		class := Argmax(y[i : i+classes])
		if y[i+class] == 0 {
			continue
		}
		row := logProbs[i : i+classes]
		s.Loss -= float64(row[class])
		if Argmax(row) == class {
			s.Correct++
		}
	}
	return s
}
