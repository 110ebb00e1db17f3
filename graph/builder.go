package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// builder is what a lowering works with while it builds a machine.
type builder struct {
	net    *Network
	mode   Mode
	m      *Machine
	x      *G.Node
	slots  []slot
	params map[string]*G.Node
	seen   int // nodes of the graph that have a group
}

func newBuilder(net *Network, n int, mode Mode, slots []slot, weights []float32) *builder {
	m := &Machine{N: n, slots: slots, weights: weights, graph: G.NewGraph(), groups: map[*G.Node]string{}, version: 1, views: map[*float32]map[string]*tensor.Dense{}}
	b := &builder{net: net, mode: mode, m: m, slots: slots, params: map[string]*G.Node{}}
	m.X = Aligned(n * net.In.Size())
	b.x = b.input("x", m.X, slices.Concat(Shape{n}, net.In))
	if last := net.Layers[len(net.Layers)-1]; last.Kind == KindSoftMax {
		m.Y = make([]float32, n*last.Out.Size())
	}
	for _, s := range slots {
		b.params[s.Name] = b.input(s.Name, s.of(weights), s.node)
	}
	return b
}

// input adds a tensor whose memory is data. The name must be unique: inputs of
// equal name and shape are merged by Gorgonia, silently.
func (b *builder) input(name string, data []float32, shape Shape) *G.Node {
	t := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(data))
	n := G.NewTensor(b.m.graph, tensor.Float32, len(shape), G.WithName(name), G.WithShape(shape...), G.WithValue(t))
	b.m.groups[n] = name
	return n
}

// gradients is the group of the nodes that gorgonia.Grad adds.
const gradients = "gradients"

// group says that the nodes added since the last call, but for inputs, belong
// to name.
func (b *builder) group(name string) {
	nodes := b.m.graph.AllNodes()
	for _, n := range nodes[b.seen:] {
		if b.m.groups[n] == "" {
			b.m.groups[n] = name
		}
	}
	b.seen = len(nodes)
}

// target adds the input of the classes, in mode Training.
func (b *builder) target(shape Shape) *G.Node { return b.input("y", b.m.Y, shape) }

// unscored ends a network without SoftMax at its end: it has outputs alone.
func (b *builder) unscored(outputs func() ([]float32, error)) {
	b.m.outputs = outputs
	b.m.score = func() (Score, error) { return Score{}, nil }
}

// slotOf is the place of a parameter.
func (b *builder) slotOf(p Param) slot {
	for _, s := range b.slots {
		if s.Name == p.Name {
			return s
		}
	}
	return slot{}
}

// read makes the tape machine copy n's value out as soon as it is there: later,
// an op in place may have overwritten it.
func (b *builder) read(n *G.Node) func() ([]float32, error) {
	var v G.Value
	G.Read(n, &v)
	b.group("read")
	return func() ([]float32, error) { return floats(v) }
}

// layerParams are the nodes of a layer's parameters, weight before bias.
func (b *builder) layerParams(l NamedLayer) []*G.Node {
	nodes := make([]*G.Node, len(l.Params))
	for i, p := range l.Params {
		nodes[i] = b.params[p.Name]
	}
	return nodes
}
