//go:build !noasm

package kernel

func amxTMM(rows, cols int, t *amx) {
	t.setShape(rows, cols)
	amxsTMM[(rows-1)/amxSide][(cols-1)/amxSide](address(t))
}

func roundBF16ZMM(n int, src []float32, dst []uint32) {
	_, _ = src[n-1], dst[roundUp(n, 32)/2-1]
	roundBF16AVX512(n, &src[0], &dst[0])
}

func pairBF16ZMM(n int, a, b []float32, dst []uint32) {
	_, _, _ = a[n-1], b[n-1], dst[roundUp(n, 16)-1]
	pairBF16AVX512(n, &a[0], &b[0], &dst[0])
}
