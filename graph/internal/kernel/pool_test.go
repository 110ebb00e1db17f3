package kernel

import (
	"fmt"
	"testing"
)

func TestMaxPoolMatchesLoops(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(3)
		for i := range 150 {
			p := 1 + r.IntN(5)
			if i%20 == 0 {
				p = MaxPoolSide
			}
			c := MaxPoolConfig{N: 9, H: p + r.IntN(9), W: p + r.IntN(9), C: 1 + r.IntN(40), P: p}
			n := 1 + r.IntN(4)
			t.Run(fmt.Sprintf("%d of %+v", n, c), func(t *testing.T) {
				high, wide := c.H/p, c.W/p
				x, dy := whole(r, n*c.H*c.W*c.C), whole(r, n*high*wide*c.C)
				wantY, wantX := make([]float32, len(dy)), make([]float32, len(x))
				for o := range wantY {
					ch, px, py, i := o%c.C, o/c.C%wide, o/c.C/wide%high, o/c.C/wide/high
					winner := -1
					for k := range p * p {
						at := ((i*c.H+py*p+k/p)*c.W+px*p+k%p)*c.C + ch
						if winner < 0 || x[at] > x[winner] {
							winner = at
						}
					}
					wantY[o], wantX[winner] = x[winner], dy[o]
				}
				layer, err := NewMaxPool(c)
				if err != nil {
					t.Fatal(err)
				}
				a := arrays{t}
				y, dx := a.blank(len(wantY)), a.blank(len(wantX))
				layer.Forward(n, a.of(x), y)
				layer.GradInput(n, a.of(dy), dx)
				same(t, "y", y, wantY)
				same(t, "dx", dx, wantX)
			})
		}
	})
}

// TestPoolWinners: the kernels of a pool that keep and read winners stay inside of theirs, and agree with loops.
func TestPoolWinners(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(27)
		const windows, floor = 3, 0
		place := []int{0, 50, 100, 150} // of a window's values
		const step = 200                // from window to window
		for c := 1; c <= 50; c++ {
			a := arrays{t}
			x := a.of(whole(r, (windows-1)*step+place[3]+c))
			stride := roundUp(c, 16)
			w := &windowRow{windows: windows, c: c, y: a.blank(windows * c), dy: a.of(normal(r, windows*c)), stride: c,
				code: a.bytes(windows * stride), codeStride: stride, floor: floor}
			wantY, wantX := make([]float32, windows*c), make([]float32, len(x))
			coef, off := make([]float32, windows*stride), make([]int32, windows*stride)
			wantCoef, wantOff := make([]float32, len(coef)), make([]int32, len(off))
			for i := range wantY {
				winner := 0
				for k, at := range place {
					if x[i/c*step+at+i%c] > x[i/c*step+place[winner]+i%c] {
						winner = k
					}
				}
				at := i/c*step + place[winner]
				wantOff[i/c*stride+i%c] = int32(1000 + at)
				if wantY[i] = x[at+i%c]; wantY[i] <= floor {
					wantY[i] = floor
					continue
				}
				wantX[at+i%c], wantCoef[i/c*stride+i%c] = w.dy[i], w.dy[i]
			}
			what := fmt.Sprint(c, " channels: ")
			active.poolMax(x, step, place, w.y, w)
			same(t, what+"y", w.y, wantY)
			dx := a.of(make([]float32, len(x)))
			active.unpool(w, dx, step, place)
			same(t, what+"dx", dx, wantX)
			active.entries(w, entries{coef: coef, off: off, place: []int32{0, 50, 100, 150, 0, 0, 0, 0}, base: 1000, step: step})
			for i := range wantY {
				at := i/c*stride + i%c
				if coef[at] != wantCoef[at] || off[at] != wantOff[at] {
					t.Fatalf("%sentry %d: got %v at %d, want %v at %d", what, i, coef[at], off[at], wantCoef[at], wantOff[at])
				}
			}
		}
	})
}

func TestRectify(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(4)
		for n := range 200 {
			x, dy := whole(r, n), normal(r, n)
			want, wantX := make([]float32, n), make([]float32, n)
			for i, v := range x {
				if v > 0 {
					want[i], wantX[i] = v, dy[i]
				}
			}
			a := arrays{t}
			y, dx := a.blank(n), a.blank(n)
			Rectify(a.of(x), y)
			RectifyGrad(y, a.of(dy), dx)
			same(t, fmt.Sprint(n, " values: y"), y, want)
			same(t, fmt.Sprint(n, " values: dx"), dx, wantX)
		}
	})
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
			for i := range rows {
				for j := range cols {
					want[j*dstRow+i] = src[i*srcRow+j]
				}
			}
			active.transpose(rows, cols, a.of(src), srcRow, dst, dstRow)
			same(t, fmt.Sprintf("%d x %d", rows, cols), dst, want)
		}
	})
}
