package fast

import (
	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/kernel"
)

// Dropout sets the share dropProb of x to 0 and divides the rest by 1-dropProb, as gorgonia.Dropout does, for a float32 x
// of any shape. dropProb is at least 0 and less than 1.
//
// What it drops follows from the seed, the number of the run, which Dropout in its graph it is, and the place in x: the
// same for any number of cores. The seed is 1 and runs count from 0 until SeedDropout says otherwise. Each execution of
// the op is a run.
//
// A machine made with gorgonia.EvalMode() turns all Dropouts of its graph into copies, which are no runs; the next
// machine made without it turns them on again. Gorgonia tells the graph, not the machine: of two machines on one graph
// the younger decides for both. Evaluate on a graph of its own that shares the weights' tensors, or make the machine anew.
//
// gorgonia.Dropout draws from the clock, and divides the gradient by dropProb instead of by 1-dropProb.
func Dropout(x *G.Node, dropProb float64) (*G.Node, error) {
	const name = "Dropout"
	if err := float32Only(name, x); err != nil {
		return nil, err
	}
	if !(dropProb >= 0 && dropProb < 1) {
		return nil, errors.Errorf("%s: got a probability of %g, want at least 0 and less than 1", describe(name, x), dropProb)
	}
	d := &dropout{training: true, next: kernel.DropoutMask{Seed: 1, Layer: uint64(len(dropouts(x.Graph()))), Rate: dropProb}}
	return function{
		name:  name,
		in:    G.Nodes{x},
		shape: x.Shape(),
		do:    func(in [][]float32, y []float32) { d.forward(in[0], y) },
		// The result comes first: only then does the gradient follow the forward pass of the same run.
		grads: []gradient{{reads: []int{1, 2}, do: func(in [][]float32, dx []float32) { d.apply(in[1], dx) }}},
		state: d,
	}.apply()
}

// SeedDropout sets the seed of all Dropouts in a graph, and the number of their next run: after a resume, that of runs
// before it.
func SeedDropout(g *G.ExprGraph, seed, run uint64) {
	for _, d := range dropouts(g) {
		d.next.Seed, d.next.Step = seed, run
	}
}

// dropouts returns those of a graph.
func dropouts(g *G.ExprGraph) []*dropout {
	var ds []*dropout
	for _, n := range g.AllNodes() {
		if o, ok := n.Op().(*differentiable); ok {
			if d, ok := o.f.state.(*dropout); ok {
				ds = append(ds, d)
			}
		}
	}
	return ds
}

type dropout struct {
	training bool
	next     kernel.DropoutMask
	last     kernel.DropoutMask // of the last forward pass, for the gradient
}

// SetTraining turns the dropout on or off.
func (d *dropout) SetTraining(training bool) { d.training = training }

func (d *dropout) forward(x, y []float32) {
	d.last = d.next
	if d.training {
		d.next.Step++
	} else {
		d.last.Rate = 0
	}
	d.apply(x, y)
}

func (d *dropout) apply(x, y []float32) {
	if d.last.Rate == 0 {
		copy(y, x)
		return
	}
	eachRange(len(x), 4, func(from, to int) { d.last.Apply(uint64(from), x[from:to], y[from:to]) })
}
