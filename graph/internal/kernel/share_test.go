package kernel

import (
	"fmt"
	"sync"
	"testing"
)

// A cutLayer is a layer and how to cut it into parts.
type cutLayer struct {
	layer
	part                    func(i, n int) layer
	in, out, weights, units int // values of an image and its output, of the weights and of the bias
}

func cutConv(t tester, c ConvConfig) cutLayer {
	l, err := NewConv(c)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	return cutLayer{l, func(i, n int) layer { return l.Part(i, n) }, l.imageLen(), l.outLen(), c.F * l.taps, c.F}
}

func cutDense(t tester, c DenseConfig) cutLayer {
	l, err := NewDense(c)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	return cutLayer{l, func(i, n int) layer { return l.Part(i, n) }, c.D, c.U, c.D * c.U, c.U}
}

// together calls f for every part, in a goroutine each.
func together[T any](parts []T, f func(p T)) {
	var all sync.WaitGroup
	for _, p := range parts {
		all.Go(func() { f(p) })
	}
	all.Wait()
}

// checkParts compares the parts of a layer with the whole, bit by bit, in three calls with other images. In the first the
// layer that is cut works alone: when the parts are made, it has all its scratch memory and its weights are in use. The
// third call has other weights.
func checkParts(t tester, name string, l, cut cutLayer, n, count int) {
	parts := []layer{cut}
	r := random(uint64(n + count))
	var w []float32
	for call := range 3 {
		if call == 1 {
			parts = nil
			for i := range count {
				parts = append(parts, cut.part(i, count))
			}
		} else {
			w = normal(r, l.weights)
			l.Pack(w)
			cut.Pack(w)
		}
		x, bias, dy := normal(r, n*l.in), normal(r, l.units), normal(r, n*l.out)
		clear(x[:len(x)/2])                                // blank patches
		dw, db := normal(r, l.weights), normal(r, l.units) // to add to
		y, y2, dx, dx2 := normal(r, n*l.out), normal(r, n*l.out), normal(r, n*l.in), normal(r, n*l.in)
		dw2, db2 := append([]float32{}, dw...), append([]float32{}, db...)
		add := call == 2
		l.Forward(n, x, bias, y)
		l.GradInput(n, y, dy, dx)
		l.GradWeights(n, x, y, dy, dw, db, add)
		together(parts, func(p layer) { p.Forward(n, x, bias, y2) })
		together(parts, func(p layer) { p.GradInput(n, y2, dy, dx2) })
		together(parts, func(p layer) { p.GradWeights(n, x, y2, dy, dw2, db2, add) })
		for what, s := range map[string][2][]float32{"y": {y2, y}, "dw": {dw2, dw}, "db": {db2, db}, "dx": {dx2, dx}} {
			same(t, fmt.Sprintf("%s of %d images in %d parts, call %d: %s", name, n, count, call, what), s[0], s[1])
		}
	}
}

// TestParts: the parts of a plan, at the same time, do what the plan does alone.
func TestParts(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(11)
		configs := []ConvConfig{
			{N: 5, H: 12, W: 14, C: 1, F: 16, K: 5, Rectify: true, P: 2},
			{N: 5, H: 8, W: 9, C: 1, F: 48, K: 5, Rectify: true, P: 2},
			{N: 5, H: 8, W: 8, C: 16, F: 8, K: 2, Rectify: true, P: 2},
			{N: 5, H: 10, W: 9, C: 1, F: 40, K: 3, P: 2},
			{N: 5, H: 10, W: 9, C: 1, F: 36, K: 3, Rectify: true, P: 2},
			{N: 5, H: 6, W: 6, C: 20, F: 35, K: 3, Rectify: true},
			{N: 5, H: 6, W: 7, C: 3, F: 33, K: 3, Pad: Pair{1, 1}, Stride: Pair{2, 1}, ChannelsFirst: true},
			{N: 5, H: 13, W: 13, C: 2, F: 17, K: 5, Rectify: true, P: 3, ChannelsFirst: true},
		}
		for range 5 {
			c, _ := randomConv(r)
			configs = append(configs, c)
		}
		for _, count := range []int{2, 3, 8} {
			for _, c := range configs {
				checkParts(t, fmt.Sprintf("%+v", c), cutConv(t, c), cutConv(t, c), c.N, count)
			}
			for _, c := range []DenseConfig{
				{N: 5, D: 133, U: 77, Rectify: true}, {N: 9, D: 3, U: 10}, {N: 9, D: 64, U: 16, Rectify: true},
				{N: 5, D: 768, U: 20}, // more than a block for each of two parts, columns copied
			} {
				checkParts(t, fmt.Sprintf("%+v", c), cutDense(t, c), cutDense(t, c), c.N, count)
			}
		}
		for _, c := range []MaxPoolConfig{
			{N: 9, H: 7, W: 8, C: 5, P: 2}, {N: 9, H: 7, W: 8, C: 5, P: 1},
			{N: 9, H: 7, W: 8, C: 3, P: 3, Pad: Pair{1, 1}, Stride: Pair{2, 2}, ChannelsFirst: true},
		} {
			checkPoolParts(t, c, 5)
		}
	})
}

func checkPoolParts(t *testing.T, c MaxPoolConfig, count int) {
	l, err := NewMaxPool(c)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := NewMaxPool(c)
	if err != nil {
		t.Fatal(err)
	}
	var parts []*MaxPool
	for i := range count {
		parts = append(parts, cut.Part(i, count))
	}
	r := random(12)
	x, dy := normal(r, c.N*l.inLen()), normal(r, c.N*l.outLen())
	y, y2, dx, dx2 := make([]float32, len(dy)), make([]float32, len(dy)), make([]float32, len(x)), make([]float32, len(x))
	l.Forward(c.N, x, y)
	l.GradInput(c.N, dy, dx)
	together(parts, func(p *MaxPool) { p.Forward(c.N, x, y2) })
	together(parts, func(p *MaxPool) { p.GradInput(c.N, dy, dx2) })
	same(t, fmt.Sprintf("%+v: y", c), y2, y)
	same(t, fmt.Sprintf("%+v: dx", c), dx2, dx)
}
