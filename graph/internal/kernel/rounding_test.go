package kernel

import "testing"

// The square of root is 1 + 2⁻¹¹ + 2⁻²⁴. Rounded to float32 it loses the last term, in a fused multiply-add it does not.
const (
	root   = 1 + 0x1p-12
	square = 1 + 0x1p-11
)

// only returns n values: v at one place, zeros elsewhere.
func only(n, at int, v float32) []float32 {
	s := make([]float32, n)
	s[at] = v
	return s
}

// TestGoRoundsProducts: Go rounds every product before it adds it, whatever processor the program is compiled for.
func TestGoRoundsProducts(t *testing.T) {
	const terms = 5 // four together and one alone
	for at := range terms {
		x := only(terms, at, root)
		for bases := 1; bases <= 2; bases++ {
			for rows := 1; rows <= 2; rows++ {
				c := make([]float32, bases*rows)
				tileGeneric(&panel{cols: 1, vecs: 1, lanes: 1, rows: 2}, bases, rows, &tile{a: x, aI: 1, b: x, bI: 1,
					ni: terms, no: 1, nt: 1, bias: []float32{-square}, c: c, cH: rows, cS: 1, tail: 1, floor: floor(false)})
				same(t, "tile", c, make([]float32, len(c)))
			}
		}
		dst := []float32{-square}
		gatherGeneric(&gather{groups: 1, count: []int32{terms}, entry: 1, coef: x, off: []int32{0, 1, 2, 3, 4}, src: x,
			dst: dst, groupOff: []int32{0}}, 1, 1)
		same(t, "gather", dst, []float32{0})
	}
	dst := []float32{-square}
	scatterGeneric(&gather{groups: 1, count: []int32{1}, coef: []float32{root}, off: []int32{0}, src: []float32{root},
		dst: dst, groupOff: []int32{0}}, 1, 1)
	same(t, "scatter", dst, []float32{0})

	x := make([]float32, generic.multiplyAddsLen)
	for i := range x {
		x[i] = root
	}
	multiplyAddsGeneric(1, root, -square, x)
	same(t, "multiply-adds", x, make([]float32, len(x)))
}
