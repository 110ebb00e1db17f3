package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
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
			checkMaxPool(t, c, 1+r.IntN(4), r)
		}
	})
}

// TestAnyMaxPool: windows of any shape, step and padding.
func TestAnyMaxPool(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			number := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
			c := MaxPoolConfig{N: 4, C: number("C", 1, 40), P: number("P", 1, 6), PW: number("PW", 1, 6), ChannelsFirst: number("first", 0, 1) == 1}
			c.Pad = Pair{number("pad", 0, c.P-1), number("pad", 0, c.PW-1)}
			c.Stride = Pair{number("stride", 0, 4), number("stride", 0, 4)}
			c.H, c.W = number("H", max(1, c.P-2*c.Pad.Rows), 12), number("W", max(1, c.PW-2*c.Pad.Cols), 12)
			checkMaxPool(t, c, number("images", 1, 4), random(rapid.Uint64().Draw(t, "seed")))
		})
	})
}

func checkMaxPool(t tester, c MaxPoolConfig, n int, r *rand.Rand) {
	t.Helper()
	x := whole(r, n*c.H*c.W*c.C)
	for i := range x { // below what padding with zeros would win by
		if r.IntN(2) == 0 {
			x[i] -= 3
		}
	}
	windows := referenceMaxPool(c, n)
	dy, wantY, wantX := whole(r, len(windows)), make([]float32, len(windows)), make([]float32, len(x))
	for o, window := range windows {
		at := first(window, func(at int) float32 { return x[at] })
		wantY[o] = x[at]
		wantX[at] += dy[o]
	}
	layer, err := NewMaxPool(c)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	if c.ChannelsFirst {
		x, wantX = channelsFirst(x, n, c.H*c.W, c.C), channelsFirst(wantX, n, c.H*c.W, c.C)
		high, wide := c.Out()
		dy, wantY = channelsFirst(dy, n, high*wide, c.C), channelsFirst(wantY, n, high*wide, c.C)
	}
	a := arrays{t}
	y, dx := a.blank(len(wantY)), a.blank(len(wantX))
	layer.Forward(n, a.of(x), y)
	same(t, fmt.Sprintf("y of %d of %+v", n, c), y, wantY)
	for range 2 { // what the first leaves must not matter
		layer.GradInput(n, a.of(dy), dx)
		same(t, fmt.Sprintf("dx of %d of %+v", n, c), dx, wantX)
	}
}

// TestPaddingNeverWins: an image of minus infinity keeps its gradient.
func TestPaddingNeverWins(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		const h, w, ch = 3, 4, 9
		m, err := NewMaxPool(MaxPoolConfig{N: 1, H: h, W: w, C: ch, P: 3, Stride: Pair{2, 2}, Pad: Pair{2, 1}})
		if err != nil {
			t.Fatal(err)
		}
		high, wide := m.Out()
		x, y, dx := make([]float32, h*w*ch), make([]float32, high*wide*ch), make([]float32, h*w*ch)
		for i := range x {
			x[i] = float32(math.Inf(-1))
		}
		m.Forward(1, x, y)
		same(t, "y", y, x[:len(y)])
		for i := range y {
			y[i] = 1
		}
		m.GradInput(1, y, dx)
		total := float32(0)
		for _, v := range dx {
			total += v
		}
		if total != float32(len(y)) {
			t.Errorf("got a gradient of %v in all, want %d", total, len(y))
		}
	})
}

func ExampleMaxPool() {
	layer, err := NewMaxPool(MaxPoolConfig{N: 1, H: 28, W: 28, C: 32, P: 3, Stride: Pair{2, 2}, Pad: Pair{1, 1}})
	high, wide := layer.Out()
	fmt.Println(high, wide, err)
	// Output: 14 14 <nil>
}
