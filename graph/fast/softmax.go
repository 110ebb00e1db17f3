package fast

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// SoftMax returns exp(x) / Σ exp(x), the sum over the last axis of x, which is float32 of any shape. axes may be empty or
// name that axis, by its number or -1.
//
// gorgonia.SoftMax subtracts the first value of all rows from each row, so that rows far from it become 0 or NaN. And it
// knows its own op: the logarithm of its result is rewritten. To train, prefer CrossEntropy.
func SoftMax(x *G.Node, axes ...int) (*G.Node, error) {
	const name = "SoftMax"
	if err := float32Only(name, x); err != nil {
		return nil, err
	}
	last := x.Dims() - 1
	if last < 0 || len(axes) > 1 || len(axes) == 1 && axes[0] != last && axes[0] != -1 {
		return nil, errors.Errorf("%s over axes %v, want the last axis of a tensor", describe(name, x), axes)
	}
	classes := x.Shape()[last]
	return function{
		name:  name,
		in:    G.Nodes{x},
		shape: x.Shape(),
		do: func(in [][]float32, p []float32) {
			eachRow(p, classes, func(rows, from, to int) { kernel.SoftMax(rows, classes, in[0][from:to], p[from:to]) })
		},
		grads: []gradient{{reads: []int{1, 2}, do: func(in [][]float32, dx []float32) {
			eachRow(dx, classes, func(_, from, to int) { kernel.SoftMaxGrad(classes, in[0][from:to], in[1][from:to], dx[from:to]) })
		}}},
	}.apply()
}

// eachRow calls do for ranges of whole rows of v.
func eachRow(v []float32, width int, do func(rows, from, to int)) {
	eachRange(len(v)/width, 16*width, func(from, to int) { do(to-from, from*width, to*width) })
}

// CrossEntropy returns the mean over the rows of -Σ y·log SoftMax(logits): a scalar, the loss of a classifier.
//
//	logits, y (N, M)
//
// y is one-hot, or any numbers of at least 0; it has no gradient. A row of zeros adds no loss, and counts in the mean. The
// result is finite wherever the logits are. Both are float32; other shapes are an error.
func CrossEntropy(logits, y *G.Node) (*G.Node, error) {
	const name = "CrossEntropy"
	if err := float32Only(name, logits, y); err != nil {
		return nil, err
	}
	if logits.Dims() != 2 || !logits.Shape().Eq(y.Shape()) {
		return nil, errors.Errorf("%s: want two matrices of one shape", describe(name, logits, y))
	}
	n, m := logits.Shape()[0], logits.Shape()[1]
	e := &entropy{rows: newBatch(n), classes: m, probs: kernel.Aligned(n * m), grad: kernel.Aligned(n * m)}
	return function{
		name:  name,
		in:    G.Nodes{logits, y},
		shape: tensor.ScalarShape(),
		do:    func(in [][]float32, loss []float32) { loss[0] = e.mean(in[0], in[1]) },
		// The result comes first: only then does the gradient follow the loss of the same run.
		grads: []gradient{{reads: []int{2, 3}, do: func(in [][]float32, dlogits []float32) { e.scaled(in[1][0], dlogits) }}, {}},
	}.apply()
}

// entropy keeps the gradient of a loss's sum, which comes with the loss.
type entropy struct {
	rows        batch
	classes     int
	probs, grad []float32
	losses      [parts]float64
}

func (e *entropy) mean(logits, y []float32) float32 {
	e.rows.each(16*len(logits), func(_, part, from, to int) {
		n := to - from
		from, to = from*e.classes, to*e.classes
		e.losses[part], _ = kernel.CrossEntropy(n, e.classes, logits[from:to], y[from:to], e.probs[from:to], e.grad[from:to])
	})
	sum := 0.0
	for _, loss := range e.losses[:e.rows.parts] {
		sum += loss
	}
	return float32(sum / float64(e.rows.n))
}

// scaled sets dlogits, given the gradient of the mean.
func (e *entropy) scaled(dloss float32, dlogits []float32) {
	scale := dloss / float32(e.rows.n)
	for i, g := range e.grad {
		dlogits[i] = g * scale
	}
}
