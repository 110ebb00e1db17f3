package graph

import (
	"runtime"
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// builder is what a lowering works with while it builds a machine.
type builder struct {
	net    *Network
	mode   Mode
	m      *Machine
	x      *G.Node            // the images
	params map[string]*G.Node // by name

	pools map[string]*loopPool // of the lowering Gorgonia, by layer

	learned bool // the layers so far have parameters, so later ones have a ∂
}

// newBuilder starts a machine whose graph has the images and the parameters.
func newBuilder(net *Network, n int, mode Mode, slots []slot, weights []float32) *builder {
	m := &Machine{N: n, graph: G.NewGraph(), slots: slots, weights: weights, version: 1, views: map[*float32]map[string]*tensor.Dense{}}
	b := &builder{net: net, mode: mode, m: m, params: map[string]*G.Node{}, pools: map[string]*loopPool{}}
	m.X = Aligned(n * net.In.Size())
	b.x = b.input("x", m.X, b.rows(net.In))
	if b.last().Kind == KindSoftMax {
		m.Y = make([]float32, n*b.last().Out.Size())
	}
	for _, s := range slots {
		b.params[s.Name] = b.input(s.Name, s.of(weights), s.node)
	}
	return b
}

// machine builds the rest of the graph and compiles it.
func (b *builder) machine(low lowerer) (*Machine, error) {
	if err := low.build(b); err != nil {
		return nil, err
	}
	m, vm := b.m, G.NewTapeMachine(b.m.graph)
	// Its finalizer does nothing without CUDA, but vm is in a cycle of pointers, and
	// Go never frees a cycle that has a finalizer: every machine would stay for ever.
	runtime.SetFinalizer(vm, nil)
	m.runAll = runAll(vm)
	m.run = m.runAll
	if low.ownsResults() {
		if run, err := inCaller(vm.Run, vm.Prog()); err == nil { // else slower: TestInCaller
			m.run = run
		}
	}
	return m, nil
}

// last is the network's last layer.
func (b *builder) last() NamedLayer { return b.net.Layers[len(b.net.Layers)-1] }

// rows is the shape of one image with the batch axis.
func (b *builder) rows(s Shape) Shape { return slices.Concat(Shape{b.m.N}, s) }

// input adds a tensor whose memory is data. The name must be unique: Gorgonia
// silently merges inputs of equal name and shape.
func (b *builder) input(name string, data []float32, shape Shape) *G.Node {
	t := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	return G.NewTensor(b.m.graph, tensor.Float32, len(shape), G.WithName(name), G.WithShape(shape...), G.WithValue(t))
}

// target adds the input of the classes, in mode Training.
func (b *builder) target(shape Shape) *G.Node { return b.input("y", b.m.Y, shape) }

// section says what the ops added since the last call belong to, as Node has
// it: the layers that they compute, and what they keep for their ∂, if they get one.
func (b *builder) section(layer string, layers []NamedLayer, keeps ...string) {
	s := section{layer: layer, end: len(b.m.graph.AllNodes())}
	for _, l := range layers {
		s.layers = append(s.layers, l.Name)
		b.learned = b.learned || len(l.Params) > 0
	}
	if b.learned && b.mode == Training {
		s.keeps = keeps
	}
	b.m.sections = append(b.m.sections, s)
}

// differentiate makes a node the loss, and returns its gradient by every
// parameter, in the order of the slots.
func (b *builder) differentiate(loss *G.Node) (G.Nodes, error) {
	b.m.cost = loss
	var wrt G.Nodes
	for _, s := range b.m.slots {
		wrt = append(wrt, b.params[s.Name])
	}
	grads, err := G.Grad(loss, wrt...)
	return grads, errors.Wrap(err, "gradients")
}

// read makes the tape machine copy n's value out as soon as it is there: later,
// an op in place may have overwritten it.
func (b *builder) read(n *G.Node) *G.Value {
	v := new(G.Value)
	G.Read(n, v)
	return v
}

// layerParams are the nodes of a layer's parameters, weight before bias.
func (b *builder) layerParams(l NamedLayer) []*G.Node {
	nodes := make([]*G.Node, len(l.Params))
	for i, p := range l.Params {
		nodes[i] = b.params[p.Name]
	}
	return nodes
}
