package kernel

// transposeGeneric sets dst[c·dstRow + r] = src[r·srcRow + c].
func transposeGeneric(rows, cols int, src []float32, srcRow int, dst []float32, dstRow int) {
	for r := range rows {
		for c, v := range src[r*srcRow:][:cols] {
			dst[c*dstRow+r] = v
		}
	}
}
