// Package kernel has the float32 arithmetic of convolutional networks: convolution with bias, Rectify
// and max-pooling in one pass, dense layers, softmax with cross-entropy, Adam.
//
// A layer is a plan (Conv, Dense, MaxPool) for one shape. It owns all its scratch memory, so calling it
// allocates nothing after the first call of each method; it belongs to one goroutine at a time. Functions
// without a shape (Rectify, Adam, …) keep nothing. Lengths are checked where a plan is entered: a slice that is
// too short is the caller's bug and panics. No kernel reads or writes beyond the slices it was given.
//
// One letter has one meaning:
//
//	N images   C channels   H rows   W columns   F filters   K filter side   P pool side
//	D inputs and U units of a dense layer   M classes
//
// Everything lies channels last, weights with the filters first:
//
//	image (N, H, W, C)   filters (F, K, K, C)   dense weights (D, U)
//
// Every kernel exists in Go, which is its definition, and in assembly at up to two levels, AVX2 with FMA and
// AVX-512; x/sys/cpu chooses (GODEBUG=cpu.avx512f=off or cpu.avx2=off select the lower ones). At one level
// the same input gives the same bits, wherever it lies in memory and whichever images are computed with
// it; levels differ in rounding. AVX2 and AVX-512 fuse a product with the sum it is added to. Go does not: some
// compilers would, for some processors and not in every place, so the definitions round each product by a conversion to
// float32 of its own. Then the bits are the same wherever they are compiled.
//
// NaN is never hidden: a NaN sum gives a NaN output, also through Rectify and a pool. ReLU's gradient is
// 0 at 0. The first of equal values in a pool window, in row order, gets the gradient.
package kernel

import (
	"fmt"
	"math"
	"unsafe"
)

//go:generate go run -C _asm . -out ../kernel_amd64.s -stubs ../stubs_amd64.go -pkg kernel

// A level is one implementation of the kernels. The types and Go definitions are beside their use.
type level struct {
	name       string
	panels     func(n int) []panel
	tile       func(p *panel, bases, rows int, t *tile)
	pool       func(p *panel, windows int, t *tile)
	gather     func(g *gather, rows, cols int)
	scatter    func(g *gather, rows, cols int)
	gatherCols int // most columns of a gather
	sparseWork int // what one entry of a gather costs, in multiply-adds of the dense weight gradient it saves
	lists      func(w *windowRow, l lists)
	entries    func(w *windowRow, e entries)
	poolMax    func(x []float32, step int, place []int, y []float32, w *windowRow)
	unpool     func(w *windowRow, dx []float32, step int, place []int)
	rectify    func(y, v, dst []float32)
	scaleBytes func(dst []float32, pixels []uint8)
	transpose  func(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int)
	adam       func(lo, hi int, w, m, v []float32, grad [][]float32, rate adamRate)
	nonzero    func(x []float32, cols int, row []uint64)
	winner5x5  func(w *windowRow, band []uint64, x []float32, xRow int, dw []float32) // nil: use gather or tile

	multiplyAdds    func(rounds int, factor, term float32, x []float32)
	multiplyAddsLen int // values of x
	sums64          func(x []float32, sums *[64]float32)
}

var generic = level{
	name:       "generic",
	panels:     panelsGeneric,
	tile:       tileGeneric,
	pool:       poolGeneric,
	gather:     gatherGeneric,
	scatter:    scatterGeneric,
	gatherCols: math.MaxInt,
	lists:      listsGeneric,
	entries:    entriesGeneric,
	poolMax:    poolMaxGeneric,
	unpool:     unpoolGeneric,
	rectify:    rectifyGeneric,
	scaleBytes: scaleBytesGeneric,
	transpose:  transposeGeneric,
	adam:       adamGeneric,
	nonzero:    nonzeroGeneric,

	multiplyAdds:    multiplyAddsGeneric,
	multiplyAddsLen: 12,
	sums64:          sums64Generic,
}

// levels are those of this machine, best first; active is what new plans use.
var (
	levels = append(assembly(), &generic)
	active = levels[0]
)

// Level is the name of the level in use: avx512, avx2 or generic.
func Level() string { return active.name }

// Aligned is n zeros that start on a cache line: an array that does not can cost a tenth of the speed.
func Aligned(n int) []float32 {
	const line = 64 / 4
	s := make([]float32, n+line)
	skip := 0
	if r := int(uintptr(unsafe.Pointer(&s[0])) % 64 / 4); r != 0 {
		skip = line - r
	}
	return s[skip : skip+n : skip+n]
}

// A floor is what Rectify does to a value: at or below the floor it becomes the floor and carries no gradient.
// Without Rectify it is NaN, which nothing is at or below.
func floor(rectify bool) float32 {
	if rectify {
		return 0
	}
	return float32(math.NaN())
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

// roundUp is the multiple of m at or after n.
func roundUp(n, m int) int { return (n + m - 1) / m * m }
