package graph

import (
	"slices"
	"time"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Ops names a lowering: which Gorgonia ops a network becomes.
type Ops string

// The lowerings of a network.
const (
	Fused    Ops = "fused"    // to ops of ours, each a fast kernel for several layers
	Gorgonia Ops = "gorgonia" // to Gorgonia's own ops: slow and plain, the reference
)

// Lowerings are all values of Ops, the default first.
var Lowerings = []Ops{Fused, Gorgonia}

// lowering is what one value of Ops stands for.
type lowering interface {
	// slot is how the lowering keeps the i-th parameter of a layer: its node,
	// view and perm.
	slot(l Placed, i int) slot
	// build adds the network's layers to b's graph and completes b's machine.
	build(b *builder) error
	// ownsResults is whether every op owns its result.
	ownsResults() bool
	// boxes are the ops of a training step as a picture shows them, in order.
	boxes(net *Network) []box
}

func (o Ops) lowering() (lowering, error) {
	switch o {
	case Fused:
		return fused{}, nil
	case Gorgonia:
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

	// Times, if not nil, is where each op of a fused machine adds the time it
	// takes, by name: conv1, ∂ conv1.weight, ∂ dense1 input, …
	Times map[string]time.Duration

	graph  *G.ExprGraph
	slots  []slot
	groups map[*G.Node]string // the layer, input or parameter that a node belongs to, "loss", "read" or gradients
	cost   *G.Node            // nil in mode Forward
	run    func() error       // executes the graph once
	runAll func() error       // the same as Gorgonia documents it, slower
	fault  error              // of an op of ours in this run

	version int // of the weights, see Changed

	// Where this run leaves its gradient, and that vector as tensors by
	// parameter. Few vectors are ever used, so the tensors are kept.
	grad  []float32
	add   bool
	view  map[string]*tensor.Dense
	views map[*float32]map[string]*tensor.Dense

	score func() (Score, error)
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
	vm := G.NewTapeMachine(b.m.graph)
	b.m.runAll = runAll(vm)
	b.m.run = b.m.runAll
	if low.ownsResults() {
		if run, err := inCaller(vm.Run, vm.Prog()); err == nil {
			b.m.run = run
		}
	}
	return b.m, nil
}

// Run computes the score of the images in X and Y. In mode Training it also
// computes the gradient of the sum of their losses, in the layout of the weights, and writes it to
// grad, or adds it if add is set; in mode Forward grad is nil. The error is ErrNaN if a value
// inside the network is not a number; grad is then undefined.
func (m *Machine) Run(grad []float32, add bool) (Score, error) {
	m.fault = nil
	m.grad, m.add = grad, add
	m.view = m.viewOf(grad)
	err := m.run()
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

// Changed tells the machine that the weights are not those of the last run any
// more. Lowerings may keep a copy of them in another layout.
func (m *Machine) Changed() { m.version++ }

// Outputs are the last layer's results (N, ...) of the last run: probabilities
// (N, M) behind SoftMax. They stay valid until the next run.
func (m *Machine) Outputs() ([]float32, error) { return m.outputs() }

// viewOf is a vector of gradients as tensors by parameter.
func (m *Machine) viewOf(grad []float32) map[string]*tensor.Dense {
	if len(grad) == 0 {
		return nil
	}
	view := m.views[&grad[0]]
	if view == nil {
		view = map[string]*tensor.Dense{}
		for _, s := range m.slots {
			view[s.Name] = tensor.New(tensor.WithShape(s.node...), tensor.WithBacking(s.of(grad)))
		}
		m.views[&grad[0]] = view
	}
	return view
}

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
	m := &Machine{N: n, slots: slots, graph: G.NewGraph(), groups: map[*G.Node]string{}, version: 1, views: map[*float32]map[string]*tensor.Dense{}}
	b := &builder{net: net, mode: mode, m: m, slots: slots, params: map[string]*G.Node{}}
	m.X = Aligned(n * net.In.Size())
	b.x = b.input("x", m.X, slices.Concat(Shape{n}, net.In))
	if last := net.Layers[len(net.Layers)-1]; last.Op == OpSoftMax {
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

// target adds the input of the classes, in mode Training.
func (b *builder) target(shape Shape) *G.Node { return b.input("y", b.m.Y, shape) }

// unscored ends a network without SoftMax at its end: it has outputs alone.
func (b *builder) unscored(outputs func() ([]float32, error)) {
	last := b.net.Layers[len(b.net.Layers)-1]
	b.m.outputs = outputs
	b.m.score = func() (Score, error) {
		return Score{}, errors.Errorf("a score needs SoftMax as the last layer, got %v", last.Layer)
	}
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
func (b *builder) layerParams(l Placed) []*G.Node {
	nodes := make([]*G.Node, len(l.Params))
	for i, p := range l.Params {
		nodes[i] = b.params[p.Name]
	}
	return nodes
}
