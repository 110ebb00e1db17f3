package kernel

import (
	"fmt"
	"testing"
)

func TestMaxPoolMatchesReference(t *testing.T) {
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
				x := whole(r, n*c.H*c.W*c.C)
				windows := referenceMaxPool(c, n)
				dy, wantY, wantX := whole(r, len(windows)), make([]float32, len(windows)), make([]float32, len(x))
				for o, window := range windows {
					at := first(window, func(at int) float32 { return x[at] })
					wantY[o], wantX[at] = x[at], dy[o]
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
