package kernel

import (
	"fmt"
	"math"
	"testing"
)

func TestRectify(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(4)
		for n := range 200 {
			x, dy := whole(r, n), normal(r, n)
			want, wantX := make([]float32, n), make([]float32, n)
			reference.rectify(x, x, want)
			reference.rectify(x, dy, wantX)
			a := arrays{t}
			y, dx := a.blank(n), a.blank(n)
			Rectify(a.of(x), y)
			RectifyGrad(y, a.of(dy), dx)
			same(t, fmt.Sprint(n, " values: y"), y, want)
			same(t, fmt.Sprint(n, " values: dx"), dx, wantX)
		}
	})
}

func TestScaleBytes(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 7, 8, 9, 256, 784, 1000} {
			pixels, want := make([]uint8, n), make([]float32, n)
			for i := range pixels {
				pixels[i] = uint8(i)
			}
			reference.scaleBytes(want, pixels)
			dst := arrays{t}.blank(n)
			ScaleBytes(dst, pixels)
			same(t, fmt.Sprint(n, " pixels"), dst, want)
		}
	})
}

func ExampleScaleBytes() {
	dst := make([]float32, 3)
	ScaleBytes(dst, []uint8{0, 51, 255})
	fmt.Println(dst)
	// Output: [0 0.2 1]
}

func TestTranspose(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(5)
		for range 200 {
			rows, cols := 1+r.IntN(40), 1+r.IntN(40)
			srcRow, dstRow := cols+r.IntN(3), rows+r.IntN(3)
			src := normal(r, (rows-1)*srcRow+cols)
			a := arrays{t}
			dst := a.blank((cols-1)*dstRow + rows)
			want := append([]float32(nil), dst...)
			reference.transpose(rows, cols, src, srcRow, want, dstRow)
			active.transpose(rows, cols, a.of(src), srcRow, dst, dstRow)
			same(t, fmt.Sprintf("%d x %d", rows, cols), dst, want)
		}
	})
}

func TestNonzero(t *testing.T) {
	nan := float32(math.NaN())
	eachKernel(t, func(t *testing.T) {
		r := random(3)
		for cols := 1; cols <= inkCols; cols++ {
			const rows = 3
			x := arrays{t}.blank(rows * cols)
			for i := range x {
				x[i] = []float32{0, 0, float32(math.Copysign(0, -1)), 1e-45, -2, nan}[r.IntN(6)]
			}
			var got, want [rows]uint64
			active.nonzero(x, cols, got[:])
			if reference.nonzero(x, cols, want[:]); got != want {
				t.Fatalf("%v of %d columns: got %b, want %b", x, cols, got, want)
			}
		}
	})
}

// TestHasNaN puts a NaN at every place of arrays of many lengths, alone and among infinities, whose sum is NaN too.
func TestHasNaN(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachKernel(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 63, 64, 65, 130, 1100} {
			for _, infinite := range []bool{false, true} {
				x := arrays{t}.of(normal(random(uint64(n)), n))
				if infinite && n > 64 {
					x[0], x[64], x[n-1] = inf, -inf, math.MaxFloat32
				}
				if HasNaN(x) {
					t.Fatalf("%d values, infinite %t: found a NaN where none is", n, infinite)
				}
				for at := range x {
					was := x[at]
					if x[at] = nan; !HasNaN(x) {
						t.Fatalf("%d values, infinite %t: a NaN at %d was not found", n, infinite, at)
					}
					x[at] = was
				}
			}
		}
	})
}
