package fast

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// BroadcastAdd returns a + b with a bias b repeated along some axes of a, as gorgonia.BroadcastAdd does. It is fast for
//
//	a (N, C, H, W)   b (1, C, 1, 1)   BroadcastAdd(a, b, nil, []byte{0, 2, 3})
//	a (N, M)         b (1, M)         BroadcastAdd(a, b, nil, []byte{0})
//
// with float32. All else goes to gorgonia.BroadcastAdd.
func BroadcastAdd(a, b *G.Node, leftPattern, rightPattern []byte) (*G.Node, error) {
	const name = "BroadcastAdd"
	if err := there(name, a, b); err != nil {
		return nil, err
	}
	if !isFloat32(a, b) || !isBias(a, b, leftPattern, rightPattern) {
		n, err := G.BroadcastAdd(a, b, leftPattern, rightPattern)
		return n, errors.Wrap(err, describe(name, a, b))
	}
	p := &bias{images: newBatch(a.Shape()[0]), channels: a.Shape()[1], size: a.Shape().TotalSize() / a.Shape()[0]}
	return function{
		name:  name,
		in:    G.Nodes{a, b},
		shape: a.Shape(),
		do:    func(in [][]float32, y []float32) { p.add(in[0], in[1], y) },
		grads: []gradient{
			{same: true},
			{reads: []int{3}, do: func(in [][]float32, db []float32) { p.gradBias(in[0], db) }},
		},
	}.apply()
}

// isBias reports whether b has a number for each channel of a, and the patterns repeat it along all other axes.
func isBias(a, b *G.Node, leftPattern, rightPattern []byte) bool {
	if a.Dims() < 2 || len(leftPattern) > 0 {
		return false
	}
	shape, others := slices.Repeat([]int{1}, a.Dims()), []byte{0}
	shape[1] = a.Shape()[1]
	for axis := 2; axis < a.Dims(); axis++ {
		others = append(others, byte(axis))
	}
	return slices.Equal(b.Shape(), shape) && slices.Equal(slices.Sorted(slices.Values(rightPattern)), others)
}

// bias is a number for each channel of images.
type bias struct {
	images         batch
	channels, size int // of an image
	sums           [][]float64
}

func (p *bias) add(x, b, y []float32) {
	pixels := p.size / p.channels
	p.images.each(2*len(x), func(_, _, from, to int) {
		for at := from * p.size; at < to*p.size; at += p.size {
			for c, v := range b {
				x, y := x[at+c*pixels:][:pixels], y[at+c*pixels:][:pixels]
				for i := range x {
					y[i] = x[i] + v
				}
			}
		}
	})
}

// gradBias sums in float64: there may be millions of terms.
func (p *bias) gradBias(dy, db []float32) {
	for len(p.sums) < p.images.parts {
		p.sums = append(p.sums, make([]float64, p.channels))
	}
	pixels := p.size / p.channels
	p.images.each(len(dy), func(_, part, from, to int) {
		sums := p.sums[part]
		clear(sums)
		for at := from * p.size; at < to*p.size; at += p.size {
			for c := range sums {
				sums[c] += sum(dy[at+c*pixels:][:pixels])
			}
		}
	})
	for c := range db {
		total := 0.0
		for _, s := range p.sums {
			total += s[c]
		}
		db[c] = float32(total)
	}
}

// sum adds up four sums at a time: an addition waits for the one before.
func sum(v []float32) float64 {
	var a, b, c, d float64
	for ; len(v) >= 4; v = v[4:] {
		a, b, c, d = a+float64(v[0]), b+float64(v[1]), c+float64(v[2]), d+float64(v[3])
	}
	for _, x := range v {
		a += float64(x)
	}
	return a + b + (c + d)
}
