package graph

import (
	"cmp"
	"math"
	"sync"
	"time"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/internal/kernel"
)

// Lowering names a way to make an ExprGraph of a network. "" is
// DefaultLowering.
type Lowering string

// The lowerings of a network.
const (
	Fused     Lowering = "fused"      // to ops of our own, each a fast kernel for several layers
	FusedBF16 Lowering = "fused-bf16" // as Fused, with products of dense layers in bfloat16: see BF16
	Gorgonia  Lowering = "gorgonia"   // to Gorgonia's own ops: slow and plain, the reference
)

// DefaultLowering is the fast one.
const DefaultLowering = Fused

// Lowerings lists those of every processor, the default first.
func Lowerings() []Lowering { return []Lowering{Fused, Gorgonia} }

// lowerer is what a Lowering stands for.
type lowerer interface {
	// slot is how the lowering keeps the i-th parameter of a layer: its node,
	// view and perm.
	slot(l NamedLayer, i int) slot
	// build adds the network's layers to b's graph and completes b's machine.
	build(b *builder) error
	// ownsResults reports whether every op owns its result.
	ownsResults() bool
}

func (l Lowering) lowerer() (lowerer, error) {
	switch cmp.Or(l, DefaultLowering) {
	case Fused:
		return fused{}, nil
	case FusedBF16:
		if !BF16() {
			return nil, errors.Errorf("lowering %q: products in bfloat16 want a processor with AMX-BF16, and Linux; the kernels here are %s", l, Level())
		}
		return fused{bf16: true}, nil
	case Gorgonia:
		return gorgonia{}, nil
	}
	return nil, errors.Errorf("unknown lowering %q, want one of %q", l, Lowerings())
}

// Mode says what a Machine computes.
type Mode int

// The modes of a Machine.
const (
	Forward  Mode = iota // the network's results and their score
	Training             // these, and the gradient of every parameter
)

// Machine is a network as an ExprGraph for a fixed number of images, with a
// tape machine that executes it and the buffers it works on. It belongs to one
// goroutine at a time; several machines may share one vector of weights.
type Machine struct {
	N int // images of one run

	// The inputs. Copy values into them before each run: another slice in their
	// place is not read.
	X []float32 // (N, C, H, W) or (N, D) images
	Y []float32 // (N, M) one-hot classes; a row of zeros does not count. Nil without SoftMax as the last layer

	// Mask says what the Dropout layers of a run in mode Training drop. Set it before
	// each run: a mask that stays drops the same again.
	Mask Mask

	// TrustGradient leaves out the search for NaN in the gradient, a twentieth
	// of a run of OneLayer. It is for callers that check what they make of the
	// gradient, as package train checks the loss and the weights.
	TrustGradient bool

	// Times, if not nil, is where each op of a fused machine adds the time it
	// takes, by name: conv1, ∂ conv1.weight, ∂ dense1 input, …
	Times map[string]time.Duration

	shared shared // how the work of a run is shared

	// The graph, and what executes it once.
	graph    *G.ExprGraph
	sections []section    // of the nodes up to cost, in their order
	cost     *G.Node      // the loss; nil in mode Forward
	run      func() error // by inCaller if it can be, else runAll
	runAll   func() error // as Gorgonia documents it, slower

	// The parameters.
	slots    []slot // their places in weights and in a gradient
	weights  []float32
	version  int  // of the weights, see Changed
	hidesNaN bool // a NaN among the weights need not show in the results

	// Where this run leaves its gradient: a vector, and its parts as tensors by
	// parameter. views has the tensors of recent vectors, because the same few
	// come again.
	grad  []float32
	add   bool // to what is in grad
	view  map[string]*tensor.Dense
	views map[*float32]map[string]*tensor.Dense

	// What the last run gave. Ops of our own leave it here while they run; after,
	// if not nil, fetches it from Gorgonia's when the run is over.
	out   []float32
	score Score
	fault error // of an op of our own: the tape machine's errors do not unwrap
	after func() error
}

// building is held while a graph is built and compiled: Gorgonia's counters of
// nodes and the hashes of its constants belong to all graphs.
var building sync.Mutex

// maxValues bounds the values between two layers in one run: a wrong number of
// images is an error then, not an allocation.
const maxValues = math.MaxInt32

// Compile lowers the network for n images at a time over weights, a vector from
// Pack that the machine reads and never writes: call Changed after you write to it.
// Mode Training needs SoftMax as the last layer and a layer with parameters;
// without SoftMax at the end there is no score. A lowering, n or vector that does
// not fit is an error. Several goroutines may compile, and run other machines, at
// the same time.
func (net *Network) Compile(lowering Lowering, n int, weights []float32, mode Mode) (*Machine, error) {
	low, err := lowering.lowerer()
	if err != nil {
		return nil, err
	}
	return net.compile(low, n, weights, mode)
}

func (net *Network) compile(low lowerer, n int, weights []float32, mode Mode) (m *Machine, err error) {
	slots, size := net.slots(low)
	if len(weights) != size {
		return nil, errors.Errorf("got %d weights, want %d", len(weights), size)
	}
	largest := net.In.Size()
	for _, l := range net.Layers {
		largest = max(largest, l.Out.Size())
	}
	if most := maxValues / largest; n < 1 || n > most {
		return nil, errors.Errorf("got %d images at a time, want 1 to %d", n, most)
	}
	if last := net.Layers[len(net.Layers)-1]; mode == Training && last.Kind != KindSoftMax {
		return nil, errors.Errorf("training needs SoftMax as the last layer, got %v", last.Layer)
	}
	if mode == Training && len(net.Params) == 0 {
		return nil, errors.New("training needs a layer with parameters, Conv2d or Dense")
	}
	err = guarded(func() (err error) {
		m, err = newBuilder(net, n, mode, slots, weights).machine(low)
		return err
	})
	return m, err
}

// guarded calls build while no other graph is built or compiled. Gorgonia panics
// about some of what it cannot build: that is an error too. A fault of our own
// panics on, with its stack.
func guarded(build func() error) (err error) {
	building.Lock()
	defer building.Unlock()
	returned := false
	defer func() {
		if !returned && !faultOfOurs() {
			err = errors.Errorf("gorgonia: %v", recover())
		}
	}()
	err = build()
	returned = true
	return err
}

// Run computes the score of the images in X and Y; a network that does not end
// with SoftMax has none, and it is zero. In mode Training it also computes the
// gradient of the sum of their losses by every parameter, in the layout of the
// weights, and writes it to grad, or adds it if add is set; in mode Forward grad
// is ignored. The error is ErrNaN if a value of X, of Y, of the weights, of the
// results or, unless TrustGradient is set, of the gradient is not a number; grad
// is then undefined. Infinite values are like any others, but a product of one
// with 0 may be left out.
func (m *Machine) Run(grad []float32, add bool) (_ Score, err error) {
	defer func() {
		if err != nil {
			m.out = nil
		}
	}()
	if m.cost != nil && len(grad) != len(m.weights) {
		return Score{}, errors.Errorf("got room for %d gradients, want %d", len(grad), len(m.weights))
	}
	if err := m.findNaNBefore(); err != nil {
		return Score{}, err
	}
	m.fault = nil
	m.grad, m.add, m.view = grad, add, m.viewOf(grad)
	m.shared.later = m.shared.later[:0]
	err = m.run()
	if m.fault != nil {
		return Score{}, m.fault
	}
	if err != nil {
		return Score{}, errors.Wrap(err, "tape machine")
	}
	m.shared.finish()
	if m.after != nil {
		if err := m.after(); err != nil {
			return Score{}, err
		}
	}
	if err := m.findNaNAfter(); err != nil {
		return Score{}, err
	}
	return m.score, nil
}

// ErrNaN is the error of a run that met a value that is not a number.
var ErrNaN = errors.New("a value is not a number")

// findNaNBefore is ErrNaN if the images, their classes, or weights that could
// hide it, have a NaN.
func (m *Machine) findNaNBefore() error {
	if kernel.HasNaN(m.X) {
		return errors.Wrap(ErrNaN, "x")
	}
	if kernel.HasNaN(m.Y) {
		return errors.Wrap(ErrNaN, "y")
	}
	if !m.hidesNaN {
		return nil
	}
	for _, s := range m.slots {
		if kernel.HasNaN(s.of(m.weights)) {
			return errors.Wrap(ErrNaN, s.Name)
		}
	}
	return nil
}

// findNaNAfter is ErrNaN if the results or the gradient of this run have a NaN.
func (m *Machine) findNaNAfter() error {
	if kernel.HasNaN(m.out) {
		return errors.Wrap(ErrNaN, "results")
	}
	if m.cost == nil || m.TrustGradient {
		return nil
	}
	for _, s := range m.slots {
		if kernel.HasNaN(s.of(m.grad)) {
			return errors.Wrapf(ErrNaN, "gradient of %s", s.Name)
		}
	}
	return nil
}

// Changed tells the machine that the weights have changed since the last run.
// Lowerings may keep a copy of them in another layout.
func (m *Machine) Changed() { m.version++ }

// Outputs returns the last layer's results (N, ...) of the last run:
// probabilities (N, M) after SoftMax. They stay valid until the next run. It is
// an error if there was no run, or if it failed.
func (m *Machine) Outputs() ([]float32, error) {
	if m.out == nil {
		return nil, errors.New("no outputs: want a run without an error before")
	}
	return m.out, nil
}

// maxViews is how many vectors of gradients a machine remembers: one for each
// lane that a trainer has, and more than that.
const maxViews = 16

// viewOf is a vector of gradients as tensors by parameter.
func (m *Machine) viewOf(grad []float32) map[string]*tensor.Dense {
	if m.cost == nil {
		return nil
	}
	view := m.views[&grad[0]]
	if view == nil {
		if len(m.views) == maxViews {
			clear(m.views)
		}
		view = map[string]*tensor.Dense{}
		for _, s := range m.slots {
			view[s.Name] = tensor.New(tensor.WithShape(s.node...), tensor.WithBacking(s.of(grad)))
		}
		m.views[&grad[0]] = view
	}
	return view
}
