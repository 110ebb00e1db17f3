package kernel

import (
	"fmt"
	"testing"
)

func TestScaleBytes(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 7, 8, 9, 256, 784, 1000} {
			pixels := make([]uint8, n)
			for i := range pixels {
				pixels[i] = uint8(i)
			}
			dst := arrays{t}.blank(n)
			ScaleBytes(dst, pixels)
			for i, got := range dst {
				if want := float32(pixels[i]) / 255; got != want {
					t.Errorf("%d of %d pixels: got %v, want %v", i, n, got, want)
				}
			}
		}
	})
}

func ExampleScaleBytes() {
	dst := make([]float32, 3)
	ScaleBytes(dst, []uint8{0, 51, 255})
	fmt.Println(dst)
	// Output: [0 0.2 1]
}

func ExampleConv() {
	layer, err := NewConv(ConvConfig{N: 1, H: 28, W: 28, C: 1, F: 16, K: 5, Rectify: true, P: 2})
	high, wide := layer.Out()
	fmt.Println(high, wide, err)
	// Output: 12 12 <nil>
}
