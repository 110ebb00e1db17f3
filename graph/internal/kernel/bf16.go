package kernel

import "math"

// A bfloat16 is the upper half of a float32: eight bits of its 24 are left. These functions turn float32 into pairs of
// bfloat16, rounded to nearest, ties to even. A denormal value becomes 0.

// roundBF16Generic sets dst to the n values of src, two in a pair, and zeros up to a multiple of 32 values.
func roundBF16Generic(n int, src []float32, dst []uint32) {
	clear(dst[:roundUp(n, 32)/2])
	for i, v := range src[:n] {
		dst[i/2] |= bf16(v) << (i % 2 * 16)
	}
}

// pairBF16Generic sets dst to n pairs, of the values of a and b, and zeros up to a multiple of 16 pairs.
func pairBF16Generic(n int, a, b []float32, dst []uint32) {
	clear(dst[:roundUp(n, 16)])
	for i := range n {
		dst[i] = bf16(a[i]) | bf16(b[i])<<16
	}
}

// bf16 returns the bits of v in bfloat16.
func bf16(v float32) uint32 {
	bits := math.Float32bits(v)
	switch {
	case v != v:
		return bits>>16 | 1<<6 // quiet, and still a NaN if its bits were in the lower half
	case bits>>23&0xff == 0:
		return bits >> 31 << 15
	}
	return (bits + 0x7fff + bits>>16&1) >> 16
}

// low and high return the values of a pair.
func low(pair uint32) float32  { return math.Float32frombits(pair << 16) }
func high(pair uint32) float32 { return math.Float32frombits(pair &^ 0xffff) }

// fma returns a·b + c for a and b of bfloat16. Their product is exact in float64; the sum is rounded there too, which
// changes the result for one in 2^29 sums.
func fma(a, b, c float32) float32 {
	return flush(float32(float64(flush(a))*float64(flush(b)) + float64(c)))
}

// flush returns v, or 0 of its sign if it is denormal.
func flush(v float32) float32 {
	if bits := math.Float32bits(v); bits>>23&0xff == 0 {
		return math.Float32frombits(bits & (1 << 31))
	}
	return v
}
