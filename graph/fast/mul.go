package fast

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// Mul returns the product of two matrices, as gorgonia.Mul does.
//
//	a (N, D)   b (D, M)   result (N, M)
//
// Products of vectors and scalars, and of other values than float32, go to gorgonia.Mul. Shapes that don't fit are an
// error.
func Mul(a, b *G.Node) (*G.Node, error) {
	const name = "Mul"
	if err := there(name, a, b); err != nil {
		return nil, err
	}
	if !isFloat32(a, b) || a.Dims() != 2 || b.Dims() != 2 {
		n, err := G.Mul(a, b)
		return n, errors.Wrap(err, describe(name, a, b))
	}
	n, d, m := a.Shape()[0], a.Shape()[1], b.Shape()[1]
	if b.Shape()[0] != d {
		return nil, errors.Errorf("%s: got %d rows of the second, want the first's %d columns", describe(name, a, b), b.Shape()[0], d)
	}
	var products [3]*product // the result, ∂a = ∂y·bᵀ and ∂b = aᵀ·∂y
	for i, c := range []kernel.MulConfig{
		{Rows: n, Terms: d, Cols: m},
		{Rows: n, Terms: m, Cols: d, TransposeB: true},
		{Rows: d, Terms: n, Cols: m, TransposeA: true},
	} {
		products[i] = &product{MulConfig: c}
		var err error
		if products[i].plans[0], err = kernel.NewMul(c); err != nil {
			return nil, errors.Wrap(err, describe(name, a, b))
		}
	}
	return function{
		name:  name,
		in:    G.Nodes{a, b},
		shape: tensor.Shape{n, m},
		do:    products[0].compute,
		grads: []gradient{{reads: []int{3, 1}, do: products[1].compute}, {reads: []int{0, 3}, do: products[2].compute}},
	}.apply()
}

// product is a product in parts, with a plan for each worker.
type product struct {
	kernel.MulConfig
	plans [parts]*kernel.Mul
}

func (p *product) compute(in [][]float32, out []float32) {
	each(p.Rows*p.Cols*p.Terms/16, parts, func(worker, part int) {
		if p.plans[worker] == nil {
			p.plans[worker], _ = kernel.NewMul(p.MulConfig) // as the first, without error
		}
		p.plans[worker].Product(part, parts, in[0], in[1], out)
	})
}
