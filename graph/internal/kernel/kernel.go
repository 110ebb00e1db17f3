// Package kernel computes the layers of convolutional networks in float32: convolution with bias, Rectify and
// max-pooling in one pass, dense layers, softmax with cross-entropy, and steps of Adam.
//
// A layer is a plan (Conv, Dense, MaxPool) for one shape, and so is a product of matrices (Mul). A plan owns its scratch
// memory: after the first call of each method, calls allocate nothing. It belongs to one goroutine at a time; its parts
// (Part) divide a call among several. Functions without a plan (Rectify, Adam, …) keep nothing. Lengths are checked
// where a plan is entered: a slice that is too short is the caller's bug and panics. No kernel reads or writes outside of
// the slices it was given.
//
// Each letter has one meaning:
//
//	N images   C channels   H rows   W columns   F filters   K rows and KW columns of a filter
//	P rows and PW columns of a pool window, P its side where it is square
//	D inputs and U units of a dense layer   M classes
//
// Arrays have the channels last, unless a config asks for them first. Weights have the filters first:
//
//	image (N, H, W, C)   filters (F, K, KW, C)   dense weights (D, U)
//
// Each kernel is written three times. Its definition is plain loops in reference_test.go: read them first, the tests
// judge by them. Fast Go is the level "generic". Generated assembly has two levels for amd64, "avx2" (with FMA) and
// "avx512", and one for arm64, "neon". A level without assembly of its own for a kernel has that of the next lower one.
// The best level of the processor is used. GODEBUG=cpu.avx512f=off, cpu.avx2=off or, on arm64, cpu.asimd=off selects a
// lower one; the last makes Go's runtime say on stderr that it does not know the setting. A program built with -tags
// noasm has generic alone.
//
// At one level the same input gives the same bits, wherever it lies in memory and whichever images are computed with
// it. Levels differ in rounding: the assembly fuses a product with the sum it is added to, Go does not. Compilers may
// fuse too, for some processors and in some places, so the Go code rounds each product by a conversion to float32: its
// bits do not depend on the compiler.
//
// DenseBF16 multiplies bfloat16, by Intel's AMX at level avx512. Its arithmetic is defined in amx.go, and gives the same
// bits in Go, only slowly.
//
// A NaN is never hidden: a sum of NaN gives an output of NaN, also through Rectify and a pool. The gradient of Rectify
// at 0 is 0. The first of equal values in a pool window, in row order, gets the gradient.
package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

//go:generate go run -C _asm . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel

// A level is one implementation of the kernels. The types are beside the generic functions.
type level struct {
	name       string
	panels     func(n int) []panel
	tile       func(p *panel, bases, rows int, t *tile)
	terms      int // most terms of a tile of a dense layer: its part of the weights stays in the first-level cache
	pool       func(p *panel, windows int, t *tile)
	gather     func(g *gather, rows, cols int)
	scatter    func(g *gather, rows, cols int)
	gatherCols int // most columns of a gather
	gatherCost int // of an entry of a gather, in multiply-adds of a tile that compute the same gradient
	lists      func(w *windowRow, l lists)
	entries    func(w *windowRow, e entries)
	poolMax    func(x []float32, step int, place []int, y []float32, w *windowRow)
	unpool     func(w *windowRow, dx []float32, step int, place []int)
	rectify    func(y, v, dst []float32)
	hasAMX     bool // amx is assembly, to be called where permitted
	amx        func(rows, cols int, t *amx)
	roundBF16  func(n int, src []float32, dst []uint32)
	pairBF16   func(n int, a, b []float32, dst []uint32)
	prefetch   func(bytes []uint8)
	scaleBytes func(dst []float32, pixels []uint8)
	transpose  func(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int)
	nonzero    func(x []float32, cols int, row []uint64)
	hasNaN     func(x []float32) bool
	adam       func(lo, hi int, w, m, v []float32, lanes [][]float32, rate adamRate)

	winner        func(k int, w *windowRow, band []uint64, x []float32, xRow int, quads, dw []float32)
	winnerFilters map[int]int // it takes filters of k x k so many at a time; 0: not at all

	multiplyAdds     func(rounds int, factor, term float32, x []float32)
	multiplyAddsLen  int // values of x
	multiplyAddsFLOP int // of each value in a round
}

var generic = level{
	name:       "generic",
	panels:     panelsGeneric,
	tile:       tileGeneric,
	terms:      math.MaxInt,
	pool:       poolGeneric,
	gather:     gatherGeneric,
	scatter:    scatterGeneric,
	gatherCols: math.MaxInt,
	lists:      listsGeneric,
	entries:    entriesGeneric,
	poolMax:    poolMaxGeneric,
	unpool:     unpoolGeneric,
	rectify:    rectifyGeneric,
	amx:        amxGeneric,
	roundBF16:  roundBF16Generic,
	pairBF16:   pairBF16Generic,
	prefetch:   func([]uint8) {},
	scaleBytes: scaleBytesGeneric,
	transpose:  transposeGeneric,
	nonzero:    nonzeroGeneric,
	hasNaN:     hasNaNGeneric,
	adam:       adamGeneric,

	multiplyAdds:     multiplyAddsGeneric,
	multiplyAddsLen:  12,
	multiplyAddsFLOP: 2,
}

// levels are those of this processor, best first. New plans use the active one.
var (
	levels = append(assembly(), &generic)
	active = levels[0]
)

// Level returns the name of the level in use: avx512, avx2, neon or generic.
func Level() string { return active.name }

// LineFloats is the number of float32 values in a cache line and in the longest vector.
const LineFloats = 16

// Aligned returns n zeros that start at a cache line. Kernels are up to a tenth slower on other arrays.
func Aligned(n int) []float32 {
	s := make([]float32, n+LineFloats)
	past := int(uintptr(unsafe.Pointer(&s[0])) / 4 % LineFloats)
	skip := (LineFloats - past) % LineFloats
	return s[skip : skip+n : skip+n]
}

// floor returns the floor of Rectify: a value at or below it becomes the floor and carries no gradient. Without Rectify
// that is NaN, which no value is below.
func floor(rectify bool) float32 {
	if rectify {
		return 0
	}
	return float32(math.NaN())
}

// above returns v, or the floor where v is below it. NaN stays.
func above(floor, v float32) float32 {
	if v <= floor {
		return floor
	}
	return v
}

// pass returns the gradient dy where y is above the floor, else 0. It selects an integer, which compiles to no branch:
// the processor could not predict it.
func pass(dy, y, floor float32) float32 {
	bits := math.Float32bits(dy)
	if y <= floor {
		bits = 0
	}
	return math.Float32frombits(bits)
}

func need(layer, name string, got, want int) {
	if got < want {
		panic(fmt.Sprintf("kernel: %s: %s has %d values, want %d", layer, name, got, want))
	}
}

func needImages(layer string, n, most int) {
	if n < 1 || n > most {
		panic(fmt.Sprintf("kernel: %s: %d images, want 1 to %d", layer, n, most))
	}
}

// roundUp returns the smallest multiple of m that is at least n.
func roundUp(n, m int) int { return (n + m - 1) / m * m }
