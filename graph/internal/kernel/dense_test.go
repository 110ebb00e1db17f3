package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A denseCase is a layer's input and the gradient of its output, with the results of the definition.
type denseCase struct {
	config         DenseConfig
	n              int
	x, w, bias, dy []float32
	y, dw, db, dx  []sum
}

func (c *denseCase) String() string { return fmt.Sprintf("%d of %+v", c.n, c.config) }

// newDenseCase draws a case. A gradient whose sum float32 can't tell from 0 is set to 0.
func newDenseCase(r *rand.Rand, config DenseConfig, n int, values func(*rand.Rand, int) []float32) *denseCase {
	D, U := config.D, config.U
	c := &denseCase{config: config, n: n, x: values(r, n*D), w: values(r, D*U), bias: values(r, U), dy: values(r, n*U)}
	c.y = referenceDense(config, n, c.x, c.w, c.bias)
	dz := slices.Clone(c.dy)
	for i := range c.y {
		y := &c.y[i]
		if !config.Rectify {
			continue
		}
		if y.like(sum{}) {
			c.dy[i], dz[i] = 0, 0
		}
		if y.v <= 0 {
			y.v, dz[i] = 0, 0
		}
	}
	c.dw, c.db, c.dx = referenceDenseGrad(config, n, c.x, c.w, dz)
	return c
}

func (c *denseCase) check(t *testing.T) {
	t.Helper()
	layer, err := NewDense(c.config)
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	c.checkLayer(t, layer, true)
}

// checkLayer compares the results of a layer with the definition's and, if adds is true, those added to others.
func (c *denseCase) checkLayer(t *testing.T, layer layer, adds bool) {
	t.Helper()
	a := arrays{t}
	x, w, bias, dy := a.of(c.x), a.of(c.w), a.of(c.bias), a.of(c.dy)
	y, dw, db, dx := a.blank(len(c.y)), a.blank(len(c.dw)), a.blank(len(c.db)), a.blank(len(c.dx))
	layer.Pack(w)
	layer.Forward(c.n, x, bias, y)
	near(t, c.String()+": y", y, c.y)
	layer.GradWeights(c.n, x, y, dy, dw, db, false)
	near(t, c.String()+": dw", dw, c.dw)
	near(t, c.String()+": db", db, c.db)
	layer.GradInput(c.n, y, dy, dx)
	near(t, c.String()+": dx", dx, c.dx)
	if adds {
		checkAdds(t, c.String(), dw, db, func(dw, db []float32) { layer.GradWeights(c.n, x, y, dy, dw, db, true) })
	}
}

func TestDenseMatchesReference(t *testing.T) {
	r := random(2)
	var cases []*denseCase
	for _, c := range []DenseConfig{
		{D: 2304, U: 100, Rectify: true}, // OneLayer
		{D: 200, U: 100, Rectify: true},  // TwoLayer
		{D: 100, U: 10},
		{D: 1, U: 1, Rectify: true},
		{D: 40000, U: 1}, // more terms than one call of assembly sums up at a time
	} {
		c.N = 13
		cases = append(cases, newDenseCase(r, c, 13, normal), newDenseCase(r, c, 2, whole))
	}
	count := 150
	if testing.Short() {
		count = 30
	}
	for i := range count {
		values := normal
		if i%2 == 0 {
			values = whole
		}
		c := DenseConfig{N: 60, D: 1 + r.IntN(130), U: 1 + r.IntN(130), Rectify: r.IntN(2) == 0}
		cases = append(cases, newDenseCase(r, c, 1+r.IntN(9)+50*(i%7/6), values))
	}
	eachKernel(t, func(t *testing.T) {
		for i, c := range cases {
			t.Run(fmt.Sprint(i), c.check)
		}
	})
}

// TestDenseBlocksKeepTheOrder: cutting the inputs into blocks changes no bit.
func TestDenseBlocksKeepTheOrder(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(31)
		const n, D, U = 7, 1000, 21
		x, w, bias := normal(r, n*D), normal(r, D*U), normal(r, U)
		forward := func() []float32 {
			d, err := NewDense(DenseConfig{N: n, D: D, U: U, Rectify: true})
			if err != nil {
				t.Fatal(err)
			}
			y := make([]float32, n*U)
			d.Pack(w)
			d.Forward(n, x, bias, y)
			return y
		}
		got := forward()
		uncut := *active
		uncut.terms = math.MaxInt
		active = &uncut
		same(t, "y", got, forward())
	})
}
