package kernel

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A convCase is a layer's input and the gradient of its output, with the results of the definition.
type convCase struct {
	config         ConvConfig
	n              int
	x, w, bias, dy []float32
	y, dw, db, dx  []sum
}

func (c *convCase) String() string { return fmt.Sprintf("%d of %+v", c.n, c.config) }

// newConvCase draws a case. Where two values of a window, or a value and 0, are too near for float32 to order them, the
// gradient dy is set to 0: either choice would be right.
func newConvCase(r *rand.Rand, config ConvConfig, n int, values func(*rand.Rand, int) []float32) *convCase {
	c := &convCase{config: config, n: n}
	image := config.H * config.W * config.C
	high, wide := config.Out()
	area := config.K * config.width()
	c.x, c.w, c.bias = values(r, n*image), values(r, config.F*area*config.C), values(r, config.F)
	c.dy = values(r, n*high*wide*config.F)
	for i := range n {
		if r.IntN(2) == 0 {
			frame(r, c.x[i*image:][:image], config.H, config.W, config.C)
		}
	}
	z := referenceConv(config, n, c.x, c.w, c.bias)
	dz := make([]float32, len(z))
	dilH, dilW := steps(config.Dilation)
	pool := MaxPoolConfig{C: config.F, P: max(1, config.P), H: len(starts(config.H, config.K, config.Pad.Rows, config.Stride.Rows, dilH)),
		W: len(starts(config.W, config.width(), config.Pad.Cols, config.Stride.Cols, dilW))}
	for o, window := range referenceMaxPool(pool, n) {
		at := first(window, func(at int) float64 { return z[at].v })
		y := z[at]
		for _, other := range window {
			if y.like(z[other]) {
				c.dy[o] = 0
			}
		}
		if config.Rectify && y.like(sum{}) {
			c.dy[o] = 0
		}
		if config.Rectify && y.v <= 0 {
			y.v = 0
		} else {
			dz[at] = c.dy[o]
		}
		c.y = append(c.y, y)
	}
	c.dw, c.db, c.dx = referenceConvGrad(config, n, c.x, c.w, dz)
	if config.ChannelsFirst {
		c.x, c.dx = channelsFirst(c.x, n, config.H*config.W, config.C), channelsFirst(c.dx, n, config.H*config.W, config.C)
		c.w, c.dw = channelsFirst(c.w, config.F, area, config.C), channelsFirst(c.dw, config.F, area, config.C)
		c.dy, c.y = channelsFirst(c.dy, n, high*wide, config.F), channelsFirst(c.y, n, high*wide, config.F)
	}
	return c
}

// check runs the layer with every array between guards.
func (c *convCase) check(t tester) {
	t.Helper()
	layer, err := NewConv(c.config)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	a := arrays{t}
	x, w, bias, dy := a.of(c.x), a.of(c.w), a.of(c.bias), a.of(c.dy)
	y, dw, db, dx := a.blank(len(c.y)), a.blank(len(c.dw)), a.blank(len(c.db)), a.blank(len(c.dx))
	layer.Pack(w)
	layer.Forward(c.n, a.of(normal(random(2), len(x))), bias, y) // what it leaves must not matter
	layer.Forward(c.n, x, bias, y)
	near(t, c.String()+": y", y, c.y)
	layer.GradWeights(c.n, x, y, dy, dw, db, false)
	near(t, c.String()+": dw", dw, c.dw)
	near(t, c.String()+": db", db, c.db)
	layer.GradInput(c.n, y, dy, dx)
	near(t, c.String()+": dx", dx, c.dx)
	again := a.blank(len(y))
	layer.Forward(c.n, x, bias, again)
	same(t, c.String()+": y again", again, y)
	checkAdds(t, c.String(), dw, db, func(dw, db []float32) { layer.GradWeights(c.n, x, y, dy, dw, db, true) })
	layer.Forward(c.n, x, make([]float32, len(bias)), y)
	layer.Forward(c.n, x, nil, again)
	same(t, c.String()+": y without a bias", again, y)
}

func randomConv(r *rand.Rand) (ConvConfig, int) {
	k, p := 1+r.IntN(7), r.IntN(5)
	c := ConvConfig{N: 9, C: 1 + r.IntN(20), F: 1 + r.IntN(70), K: k, P: p, Rectify: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		c.C = 1
	}
	c.H, c.W = k-1+max(1, p)+r.IntN(9), k-1+max(1, p)+r.IntN(9)
	return c, 1 + r.IntN(3)*r.IntN(5)
}

func TestConvMatchesReference(t *testing.T) {
	r := random(1)
	var cases []*convCase
	for _, c := range []ConvConfig{
		{H: 28, W: 28, C: 1, F: 16, K: 5, Rectify: true, P: 2}, // OneLayer and TwoLayer
		{H: 12, W: 12, C: 16, F: 8, K: 2, Rectify: true, P: 2},
		{H: 13, W: 15, C: 1, F: 32, K: 5, P: 2},
		{H: 6, W: 6, C: 1, F: 16, K: 5, Rectify: true, P: 2},
		{H: 28, W: 28, C: 1, F: 32, K: 3, Rectify: true, P: 2},
		{H: 4, W: 4, C: 1, F: 8, K: 3, P: 2},
		{H: 11, W: 64, C: 1, F: 40, K: 3, Rectify: true, P: 2, ChannelsFirst: true},
		{H: 12, W: 13, C: 1, F: 24, K: 4, Rectify: true, P: 2},
		{H: 9, W: 12, C: 1, F: 8, K: 5, P: 2},
		{H: 9, W: 9, C: 3, F: 17, K: 3, Rectify: true},
		{H: 9, W: 8, C: 2, F: 300, K: 2, Rectify: true, P: 2}, // filters past a byte
		{H: 6, W: 5, C: 2, F: 270, K: 4, P: 2},                // the same, listed by winner
		{H: 20, W: 19, C: 5, F: 3, K: 2, Rectify: true, P: 16},
		{H: 14, W: 13, C: 2, F: 9, K: 4, P: 5},   // more places than the assembly sorts winners by
		{H: 5, W: 5, C: 130, F: 40, K: 3, P: 2},  // more columns than a gather's
		{H: 8, W: 8, C: 40, F: 100, K: 3, P: 3},  // more weights than a gather's block
		{H: 3, W: 130, C: 500, F: 3, K: 2, P: 2}, // pools of a row too many for one call of assembly
		{H: 14, W: 14, C: 32, F: 64, K: 3, Pad: Pair{1, 1}},
		{H: 7, W: 7, C: 64, F: 128, K: 3, Pad: Pair{1, 1}, Stride: Pair{2, 2}, Rectify: true, ChannelsFirst: true},
		{H: 14, W: 14, C: 3, F: 20, K: 3, Pad: Pair{1, 1}, Rectify: true, P: 2, ChannelsFirst: true},
		{H: 14, W: 13, C: 1, F: 16, K: 5, P: 2, Rectify: true, ChannelsFirst: true},
		{H: 14, W: 13, C: 2, F: 16, K: 5, P: 2, Rectify: true, ChannelsFirst: true},
		{H: 14, W: 13, C: 1, F: 16, K: 5, P: 2, Rectify: true, Pad: Pair{2, 2}},
		{H: 14, W: 15, C: 1, F: 16, K: 5, P: 2, Rectify: true, Stride: Pair{2, 2}},
		{H: 14, W: 15, C: 1, F: 16, K: 5, KW: 3, P: 2, Rectify: true},
		{H: 16, W: 15, C: 1, F: 16, K: 5, P: 2, Rectify: true, Dilation: Pair{2, 1}},
		{H: 14, W: 15, C: 9, F: 9, K: 2, P: 2, Rectify: true, Stride: Pair{2, 3}},
		{H: 14, W: 19, C: 12, F: 9, K: 4, P: 2, Rectify: true, Stride: Pair{1, 2}},
		{H: 190, W: 190, C: 1, F: 2, K: 1}, // too much for one call of assembly
		{H: 190, W: 190, C: 1, F: 16, K: 5, P: 2},
		{H: 600, W: 64, C: 1, F: 16, K: 5, P: 2}, // the same, of images with an ink
		{H: 600, W: 64, C: 1, F: 8, K: 3, P: 2},
	} {
		if testing.Short() && c.H > 100 {
			continue
		}
		c.N = 3
		cases = append(cases, newConvCase(r, c, 2, normal), newConvCase(r, c, 3, whole))
	}
	count := 120
	if testing.Short() {
		count = 20
	}
	for i := range count {
		config, n := randomConv(r)
		values := normal
		if i%2 == 0 {
			values = whole
		}
		cases = append(cases, newConvCase(r, config, n, values))
	}
	eachKernel(t, func(t *testing.T) {
		for i, c := range cases {
			t.Run(fmt.Sprint(i), func(t *testing.T) { c.check(t) })
		}
	})
}

// TestAnyConv: filters of any shape, padding, stride and dilation.
func TestAnyConv(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			number := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
			pair := func(name string, hi int) Pair {
				if rapid.Bool().Draw(t, "no "+name) {
					return Pair{}
				}
				return Pair{number(name, 0, hi), number(name, 0, hi)}
			}
			c := ConvConfig{N: 3, C: number("C", 1, 20), F: number("F", 1, 40), K: number("K", 1, 4), KW: number("KW", 0, 4), Pad: pair("pad", 5),
				Stride: pair("stride", 5), Dilation: pair("dilation", 3), Rectify: rapid.Bool().Draw(t, "rectify"),
				P: number("P", 0, 3), ChannelsFirst: rapid.Bool().Draw(t, "first")}
			dilH, dilW := steps(c.Dilation)
			stepH, stepW := steps(c.Stride)
			// one pool window and a few pixels more
			c.H = max(1, (c.K-1)*dilH+1+(max(1, c.P)-1)*stepH-2*c.Pad.Rows) + number("H", 0, 7)
			c.W = max(1, (c.width()-1)*dilW+1+(max(1, c.P)-1)*stepW-2*c.Pad.Cols) + number("W", 0, 7)
			values := normal
			if rapid.Bool().Draw(t, "whole") {
				values = whole
			}
			newConvCase(random(rapid.Uint64().Draw(t, "seed")), c, number("images", 1, 3), values).check(t)
		})
	})
}

// TestConvGradIsADifference: the convolution is linear in its weights and its images, so the gradient is the difference
// that a step of 1 makes, exactly if all values are whole.
func TestConvGradIsADifference(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(31)
		for _, c := range []ConvConfig{
			{H: 5, W: 6, C: 3, F: 9, K: 3, Pad: Pair{1, 1}},
			{H: 5, W: 6, C: 3, F: 9, K: 3, Pad: Pair{1, 2}, Stride: Pair{2, 3}},
			{H: 7, W: 6, C: 2, F: 9, K: 2, KW: 3, Pad: Pair{1, 3}, Stride: Pair{2, 1}, Dilation: Pair{3, 2}, ChannelsFirst: true},
		} {
			c.N = 1
			l, err := NewConv(c)
			if err != nil {
				t.Fatal(err)
			}
			x, w, dy := whole(r, l.imageLen()), whole(r, c.F*l.taps), whole(r, l.outLen())
			y, dx, dw := make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(w))
			score := func() (sum float32) {
				l.Pack(w)
				l.Forward(1, x, nil, y)
				for i, g := range dy {
					sum += g * y[i]
				}
				return sum
			}
			before := score()
			l.GradWeights(1, x, nil, dy, dw, nil, false)
			l.GradInput(1, nil, dy, dx)
			for _, v := range []struct {
				name       string
				value, got []float32
			}{{"x", x, dx}, {"w", w, dw}} {
				for i := range v.value {
					v.value[i]++
					if want := score() - before; v.got[i] != want {
						t.Fatalf("%+v: gradient of %s, value %d: got %v, want %v", c, v.name, i, v.got[i], want)
					}
					v.value[i]--
				}
			}
		}
	})
}

// TestConvPaths checks the table at Conv.
func TestConvPaths(t *testing.T) {
	name := func(f any) string {
		n := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
		return n[strings.LastIndexByte(n, '.')+1:]
	}
	eachKernel(t, func(t *testing.T) {
		small := "gatherWeights"
		if active.gatherCost > 3*3*2*2*2 {
			small = "tileWeights"
		}
		winner := func(k, f int, otherwise string) string {
			if at := active.winnerFilters[k]; at > 0 && f%at == 0 {
				return "winnerWeights"
			}
			return otherwise
		}
		for _, c := range []struct {
			ConvConfig
			want []string
		}{
			{ConvConfig{H: 28, W: 28, C: 1, F: 32, K: 3}, []string{"forwardTile", "tileWeights", "tileInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 16, K: 5, P: 2}, []string{"forwardPool2", winner(5, 16, "gatherWeights"), "gatherInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 24, K: 5, P: 2}, []string{"forwardPool2", winner(5, 24, "gatherWeights"), "gatherInput"}},
			{ConvConfig{H: 28, W: 65, C: 1, F: 16, K: 5, P: 2}, []string{"forwardPool2", "gatherWeights", "gatherInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 17, K: 5, P: 2}, []string{"forwardPool2", "gatherWeights", "gatherInput"}},
			{ConvConfig{H: 12, W: 12, C: 16, F: 8, K: 2, P: 2}, []string{"forwardPool2", "gatherWeights", "scatterInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 8, K: 3, P: 2}, []string{"forwardPool2", winner(3, 8, small), "scatterInput"}},
			{ConvConfig{H: 28, W: 28, C: 2, F: 8, K: 3, P: 2}, []string{"forwardPool2", small, "scatterInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 36, K: 3, P: 2}, []string{"forwardPool2", small, "scatterInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 16, K: 5, P: 2, Pad: Pair{2, 2}}, []string{"forwardPool2", "gatherWeights", "gatherInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 16, K: 5, P: 2, Dilation: Pair{2, 1}}, []string{"forwardPool2", "tileWeights", "tileInput"}},
			{ConvConfig{H: 28, W: 28, C: 1, F: 16, K: 5, P: 2, Dilation: Pair{1, 2}}, []string{"forwardBand", "tileWeights", "tileInput"}},
			{ConvConfig{H: 28, W: 28, C: 11, F: 32, K: 3, P: 3}, []string{"forwardBand", "gatherWeights", "gatherInput"}},
		} {
			c.N = 1
			l, err := NewConv(c.ConvConfig)
			if err != nil {
				t.Fatal(err)
			}
			if got := []string{name(l.forward), name(l.gradWeights), name(l.gradInput)}; !slices.Equal(got, c.want) {
				t.Errorf("%+v: got %v, want %v", c.ConvConfig, got, c.want)
			}
		}
	})
}

func ExampleConv() {
	layer, err := NewConv(ConvConfig{N: 1, H: 28, W: 28, C: 1, F: 16, K: 5, Rectify: true, P: 2})
	high, wide := layer.Out()
	fmt.Println(high, wide, err)
	high, wide = ConvConfig{H: 28, W: 28, K: 3, KW: 5, Pad: Pair{1, 2}, Stride: Pair{1, 2}}.Out()
	fmt.Println(high, wide)
	// Output:
	// 12 12 <nil>
	// 28 14
}
