package graph

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/kernel"
	"tapenet/graph/internal/op"
)

// loss adds SoftMax as the last layer l, with the score and, in mode Training,
// the loss and all gradients.
func (f *fuser) loss(l NamedLayer) error {
	if err := f.channelsFirst(l.Name, l.Image); err != nil {
		return err
	}
	m, classes := f.m, l.Out[0]
	out, probs := op.Result(f.rows(l.Out))
	// score computes the probabilities, the score and, unless dlogits is nil, the
	// gradient of the loss by the logits.
	score := func(logits, dlogits []float32) error {
		m.out = probs
		m.score.Loss, m.score.Correct = kernel.CrossEntropy(m.N, classes, logits, m.Y, probs, dlogits)
		if math.IsNaN(m.score.Loss) {
			m.fault = errors.Wrap(ErrNaN, l.Name)
		}
		return m.fault
	}
	if f.mode == Training {
		return f.trainingLoss(l, score)
	}
	in := G.Nodes{f.x}
	o := f.newOp(l.Name, in, f.rows(l.Out), func(in []G.Value) (G.Value, error) { return out, score(data(in[0]), nil) })
	return f.then(&op.Diff{Op: o}, in, probs)
}

// trainingLoss adds the loss as one op, and the gradients of all parameters.
func (f *fuser) trainingLoss(l NamedLayer, score func(logits, dlogits []float32) error) error {
	logits := shapeOf(f.x)
	in := G.Nodes{f.x, f.target(f.rows(l.Out))}
	t, dlogits := op.Result(logits)
	value := new(G.F32)
	forward := op.Diff{Wrt: []bool{f.learned, false}}
	forward.Op = f.newOp(l.Name+" loss", in, Shape{}, func(in []G.Value) (G.Value, error) {
		err := score(data(in[0]), dlogits)
		*value = G.F32(f.m.score.Loss)
		return value, err
	})
	forward.Grad = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		// The loss is where gradients start: its own is 1, so what the forward op
		// left in dlogits needs no factor.
		from := G.Nodes{out, grad}
		o := f.newOp("∂ "+l.Name+" loss", from, logits, func([]G.Value) (G.Value, error) { return t, nil })
		n, err := G.ApplyOp(&o, from...)
		return G.Nodes{n, nil}, err
	}
	if err := f.then(&forward, in, nil); err != nil {
		return err
	}
	_, err := f.differentiate(f.x)
	return err
}
