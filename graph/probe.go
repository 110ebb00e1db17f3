package graph

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/kernel"
	"tapenet/graph/internal/op"
)

// Probe is a network on one image as an ExprGraph of Gorgonia's own ops, of which
// every tensor can be read after a run: what each op computed, and, of a score of
// the logits, its gradient by the pixels, by each layer's result and by each
// parameter. The logits are what goes into a SoftMax at the end of the network,
// and the network's results if it ends with another layer. It belongs to one
// goroutine at a time.
//
// A run executes the ops in the order of Gorgonia's tape machine, but gives each
// its own memory, where the tape machine works in place and reuses what no later
// op reads. That is slow; a Machine is for training and for many images.
type Probe struct {
	// X is the image, (C, H, W) or (D). Copy values into it before each run:
	// another slice in its place is not read.
	X []float32

	net      *Network
	m        *Machine // the graph, and the memory of its inputs; its tape is never run
	out      *G.Node  // the last layer's result
	selector *G.Node  // the gradient of the score by the logits
	results  map[string]*G.Node
	params   map[string]*G.Node
	pools    map[string]*loopPool

	nodes   G.Nodes
	tape    []Instruction
	reads   [][]int   // of each instruction: the nodes that it reads
	forward int       // instructions before the first that computes a gradient
	values  []G.Value // of each node in the last run; nil if it has none
}

// Probe makes a Probe of the network with these weights, one for each parameter
// in the order of Params, which it copies. Another number of weights is an error.
// Every network has one, also those that cannot be trained.
func (net *Network) Probe(weights []float32) (*Probe, error) {
	packed, err := net.Pack(Gorgonia, weights)
	if err != nil {
		return nil, err
	}
	slots, _ := net.slots(gorgonia{})
	p := &Probe{net: net, results: map[string]*G.Node{}}
	if err := guarded(func() error { return p.build(newBuilder(net, 1, Training, slots, packed)) }); err != nil {
		return nil, err
	}
	p.nodes = p.m.graph.AllNodes()
	p.values = make([]G.Value, len(p.nodes))
	p.writeTape()
	return p, nil
}

// build adds the layers and the gradients to b's graph.
func (p *Probe) build(b *builder) error {
	p.m, p.X, p.params, p.pools = b.m, b.m.X, b.params, b.pools
	p.m.hidesNaN = true // as in gorgonia.build
	b.learned = true    // the pixels count as learned: every layer has a ∂
	x := b.x
	p.results["x"] = x
	logits := x
	for i, l := range p.net.Layers {
		last := i == len(p.net.Layers)-1
		y, err := p.layer(b, l, x, last)
		if err != nil {
			return errors.WithMessagef(err, "layer %d, %v", i+1, l.Layer)
		}
		p.results[l.Name] = y
		if last && l.Kind == KindSoftMax {
			b.section(l.Name, p.net.Layers[i:])
		} else {
			b.section(l.Name, p.net.Layers[i:i+1], gorgoniaKeeps[l.Kind]...)
			logits = y
		}
		x = y
	}
	p.out = x
	shape := shapeOf(logits)
	p.selector = b.input("selector", make([]float32, shape.Size()), shape)
	if logits == b.x {
		G.SetDerivOf(p.selector, b.x) // there is nothing to go back through
		return nil
	}
	wrt := G.Nodes{b.x}
	for _, s := range p.m.slots {
		wrt = append(wrt, b.params[s.Name])
	}
	_, err := G.Backpropagate(G.Nodes{logits}, G.Nodes{p.selector}, wrt)
	return errors.Wrap(err, "gradients")
}

// layer adds one layer. A Dropout copies, as a Probe evaluates the network. No
// gradient goes through a SoftMax at the end.
func (p *Probe) layer(b *builder, l NamedLayer, x *G.Node, last bool) (*G.Node, error) {
	if l.Kind == KindDropout {
		return b.mapped(l.Name, x, same, shapeOf(x))
	}
	if !last || l.Kind != KindSoftMax {
		return gorgonia{}.layer(b, l, x)
	}
	y, err := logSoftMax(b, l, x)
	if err != nil {
		return nil, err
	}
	y, err = G.Exp(y)
	return y, errors.Wrap(err, "Exp")
}

// SetWeights copies weights, one for each parameter in the order of
// Network.Params, for the runs to come. Another number of them is an error.
func (p *Probe) SetWeights(weights []float32) error {
	packed, err := p.net.Pack(Gorgonia, weights)
	if err != nil {
		return err
	}
	copy(p.m.weights, packed)
	return nil
}

// Run computes the network's results for the image in X. Unless selector is nil,
// it also computes the gradients of the score Σ logits·selector; selector has a
// value for each logit. A 1 at a class and 0 elsewhere is the gradient of that
// class's logit, a −1 at a second one that of their difference. The probabilities
// of a run before, less 1 at the image's class, give the gradient of the loss, so
// that two runs are a step of training.
//
// The error is ErrNaN if a value of X, of the weights, of the selector, of the
// results or of the gradient by X or a parameter is not a number. After an error
// there are no values.
func (p *Probe) Run(selector []float32) (err error) {
	defer func() {
		if err != nil {
			clear(p.values)
		}
	}()
	clear(p.values)
	if err := p.m.findNaNBefore(); err != nil {
		return err
	}
	if selector != nil {
		s := data(p.selector.Value())
		if len(selector) != len(s) {
			return errors.Errorf("got a selector of %d values, want one for each of %d logits", len(selector), len(s))
		}
		if kernel.HasNaN(selector) {
			return errors.Wrap(ErrNaN, "selector")
		}
		copy(s, selector)
	}
	for id, n := range p.nodes {
		if n.Op() == nil && (n != p.selector || selector != nil) {
			p.values[id] = n.Value()
		}
	}
	if err := p.execute(selector != nil); err != nil {
		return err
	}
	return p.findNaNAfter(selector != nil)
}

// findNaNAfter is ErrNaN if the results or, if there are any, the gradients have
// a NaN.
func (p *Probe) findNaNAfter(gradients bool) error {
	if kernel.HasNaN(p.Value(int(p.out.ID()))) {
		return errors.Wrap(ErrNaN, "results")
	}
	if !gradients {
		return nil
	}
	for _, s := range p.m.slots {
		if kernel.HasNaN(p.Value(int(p.params[s.Name].Deriv().ID()))) {
			return errors.Wrapf(ErrNaN, "gradient of %s", s.Name)
		}
	}
	if kernel.HasNaN(p.Gradient("x")) {
		return errors.Wrap(ErrNaN, "gradient of x")
	}
	return nil
}

// Nodes lists the nodes of the ExprGraph as Machine.Nodes does. The selector is an
// input, and the gradient that all others start from.
func (p *Probe) Nodes() []Node {
	return listing{graph: p.m.graph, sections: p.m.sections, last: p.selector.ID(), start: p.selector}.nodes()
}

// Value is what a node had in the last run, in row-major order of Node.Shape, a
// single number for a scalar. It is nil if the run did not compute it: there was
// no run, it failed, or it had no selector and the node is a gradient. It is for
// reading, and valid until the next run.
func (p *Probe) Value(node int) []float32 {
	if node < 0 || node >= len(p.values) || p.values[node] == nil {
		return nil
	}
	if s, ok := p.values[node].(G.Scalar); ok {
		return scalar(s)
	}
	v, err := op.Floats(p.values[node])
	if err != nil {
		return nil // no lowering has a tensor of another type
	}
	return v
}

// scalar is a Gorgonia scalar, a float or the size of an axis.
func scalar(s G.Scalar) []float32 {
	switch v := s.Data().(type) {
	case float32:
		return []float32{v}
	case int:
		return []float32{float32(v)}
	}
	return nil
}

// Result is the result of a layer in the last run, by its name, in the shape
// NamedLayer.Out; of "x" it is the image. It is nil where Value is, and for a name
// that the network does not have. It is valid until the next run.
func (p *Probe) Result(layer string) []float32 {
	n := p.results[layer]
	if n == nil {
		return nil
	}
	return p.Value(int(n.ID()))
}

// Gradient is the gradient of the last run's score by "x", by the result of a
// layer up to the logits, or by a parameter, in the shape of what it is by: a
// parameter's is PyTorch's. It is nil if the last run had no selector, and for
// another name. It is valid until the next run.
func (p *Probe) Gradient(name string) []float32 {
	n := p.results[name]
	if n == nil {
		n = p.params[name]
	}
	if n == nil || n.Deriv() == nil {
		return nil
	}
	v := p.Value(int(n.Deriv().ID()))
	i := slices.IndexFunc(p.m.slots, func(s slot) bool { return s.Name == name })
	if v == nil || i < 0 || slices.IsSorted(p.m.slots[i].perm) {
		return v
	}
	s := p.m.slots[i]
	g := make([]float32, len(v))
	permute(s.view, s.perm, func(i, j int) { g[j] = v[i] })
	return g
}

// Winners is, for each result of a MaxPool2D in the last run, which pixel won, as
// row·W + column of its input map (H, W); of equal ones the first in row order.
// It is nil if there was no run, it failed, or the layer is no MaxPool2D.
func (p *Probe) Winners(layer string) []int32 {
	pool := p.pools[layer]
	if pool == nil || p.Result(layer) == nil {
		return nil
	}
	pixels := pool.in[1] * pool.in[2]
	winners := make([]int32, len(pool.winner))
	for o, at := range pool.winner {
		winners[o] = int32(at % pixels)
	}
	return winners
}
