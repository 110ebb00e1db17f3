package kernel

// grey is every pixel's value: v/255, correctly rounded, which v times 1/255 is not.
var grey = func() (t [256]float32) {
	for v := range t {
		t[v] = float32(v) / 255
	}
	return
}()

// ScaleBytes sets dst to the pixels in [0, 1].
func ScaleBytes(dst []float32, pixels []uint8) {
	need("scale", "dst", len(dst), len(pixels))
	dst = dst[:len(pixels)]
	for i, v := range pixels {
		dst[i] = grey[v]
	}
}
