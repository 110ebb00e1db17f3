package kernel

// white is the largest pixel.
const white = 255

// ScaleBytes sets dst to the pixels in [0, 1]: v/255 correctly rounded, which v times 1/255 is not.
func ScaleBytes(dst []float32, pixels []uint8) {
	need("scale", "dst", len(dst), len(pixels))
	active.scaleBytes(dst[:len(pixels)], pixels)
}

// scaleBytesGeneric is the definition.
func scaleBytesGeneric(dst []float32, pixels []uint8) {
	dst = dst[:len(pixels)]
	for i, v := range pixels {
		dst[i] = float32(v) / white
	}
}
