package graph

import (
	"slices"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Ops names a lowering: which Gorgonia ops a network becomes.
type Ops string

// Gorgonia is the lowering to Gorgonia's own ops: slow and plain, the reference.
const Gorgonia Ops = "gorgonia"

// Lowerings are all values of Ops, the default first.
var Lowerings = []Ops{Gorgonia}

// lowering is what one value of Ops stands for.
type lowering interface {
	// slot is how the lowering keeps the i-th parameter of a layer: its node,
	// view and perm.
	slot(l Placed, i int) slot
	// build adds the network's layers to b's graph and completes b's machine.
	build(b *builder) error
	// boxes are the ops of a training step as a picture shows them, in order.
	boxes(net *Network) []box
}

func (o Ops) lowering() (lowering, error) {
	if o == Gorgonia {
		return stock{}, nil
	}
	return nil, errors.Errorf("unknown ops %q, want one of %q", o, Lowerings)
}

// Mode says what a Machine computes.
type Mode int

// The modes of a Machine.
const (
	Forward  Mode = iota // the network's results and its score
	Training             // these, and the gradient of every parameter
)

// Machine is a network as an ExprGraph for a fixed number of images, with a
// tape machine that executes it and the buffers it works on. It belongs to one
// goroutine at a time; several may share one vector of weights.
type Machine struct {
	N int       // images of one run
	X []float32 // (N, C, H, W) or (N, D), set before each run
	Y []float32 // (N, M) one-hot classes, set before each run; a row of zeros does not count

	graph  *G.ExprGraph
	groups map[*G.Node]string // the layer, input or parameter that a node belongs to, "loss", "read" or gradients
	cost   *G.Node            // nil in mode Forward
	vm     G.VM
	fault  error // of an op of ours in this run
	score  func() (Score, error)
	// outputs are the last layer's results of the last run
	outputs func() ([]float32, error)
	grads   func(sum []float32, add bool) error
}

// Compile lowers the network for n images at a time over weights, a vector from
// Pack that the machine reads on every run and never writes. Mode Training, and
// any Score, need SoftMax as the last layer. Machines must be compiled one
// after the other, because building a graph is not safe concurrently.
func (net *Network) Compile(ops Ops, n int, weights []float32, mode Mode) (m *Machine, err error) {
	low, err := ops.lowering()
	if err != nil {
		return nil, err
	}
	slots, size := net.slots(low)
	if len(weights) != size {
		return nil, errors.Errorf("got %d weights, want %d", len(weights), size)
	}
	if n < 1 {
		return nil, errors.Errorf("got %d images at a time, want at least 1", n)
	}
	if last := net.Layers[len(net.Layers)-1]; mode == Training && last.Op != OpSoftMax {
		return nil, errors.Errorf("training needs SoftMax as the last layer, got %v", last)
	}
	if mode == Training && len(net.Params) == 0 {
		return nil, errors.New("training needs a layer with parameters, Conv2d or Dense")
	}
	// Gorgonia reports some of what it cannot build or compile by panicking.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, errors.Errorf("gorgonia: %v", r)
		}
	}()
	b := newBuilder(net, n, mode, slots, weights)
	if err := low.build(b); err != nil {
		return nil, err
	}
	b.m.vm = G.NewTapeMachine(b.m.graph)
	return b.m, nil
}

// Run computes the score of the images in X and Y. In mode Training it also
// computes the gradient of the sum of their losses, in the layout of the weights, and writes it to
// grad, or adds it if add is set; in mode Forward grad is nil. The error is ErrNaN if a value
// inside the network is not a number; grad is then undefined.
func (m *Machine) Run(grad []float32, add bool) (Score, error) {
	m.fault = nil
	err := m.vm.RunAll()
	m.vm.Reset() // without it the next run would execute nothing
	if m.fault != nil {
		return Score{}, m.fault
	}
	if err != nil {
		return Score{}, errors.Wrap(err, "tape machine")
	}
	if m.grads != nil {
		if err := m.grads(grad, add); err != nil {
			return Score{}, err
		}
	}
	return m.score()
}

// Outputs are the last layer's results (N, ...) of the last run: probabilities
// (N, M) behind SoftMax. They stay valid until the next run.
func (m *Machine) Outputs() ([]float32, error) { return m.outputs() }

// builder is what a lowering works with while it builds a machine.
type builder struct {
	net    *Network
	mode   Mode
	m      *Machine
	x, y   *G.Node // y in mode Training only
	slots  []slot
	params map[string]*G.Node
	seen   int // nodes of the graph that have a group
}

func newBuilder(net *Network, n int, mode Mode, slots []slot, weights []float32) *builder {
	m := &Machine{N: n, graph: G.NewGraph(), groups: map[*G.Node]string{}}
	b := &builder{net: net, mode: mode, m: m, slots: slots, params: map[string]*G.Node{}}
	m.X = make([]float32, n*net.In.Size())
	b.x = b.input("x", m.X, slices.Concat(Shape{n}, net.In))
	if last := net.Layers[len(net.Layers)-1]; last.Op == OpSoftMax {
		m.Y = make([]float32, n*last.Out.Size())
		if mode == Training {
			b.y = b.input("y", m.Y, Shape{n, last.Out.Size(), 1})
		}
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
	b.group(name)
	return n
}

// gradients is the group of the nodes that gorgonia.Grad adds.
const gradients = "gradients"

// group says that the nodes added since the last call belong to name.
func (b *builder) group(name string) {
	nodes := b.m.graph.AllNodes()
	for _, n := range nodes[b.seen:] {
		b.m.groups[n] = name
	}
	b.seen = len(nodes)
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
func (b *builder) layerParams(l Placed) []*G.Node {
	nodes := make([]*G.Node, len(l.Params))
	for i, p := range l.Params {
		nodes[i] = b.params[p.Name]
	}
	return nodes
}
