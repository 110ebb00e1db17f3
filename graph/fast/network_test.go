package fast_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/fast"
)

// A stage is an op of a network: its own, its definition, and the shape of its parameter, if it has one.
type stage struct {
	apply func(x, w *G.Node) (*G.Node, error)
	want  reference
	param tensor.Shape
}

// padded is a network with padding, strides, windows that overlap, and ops of Gorgonia's own in between: an addition of
// a constant, which may work in place, and a square. It is large enough for many goroutines.
const (
	padN, padClasses = 21, 5
)

var padIn = tensor.Shape{padN, 2, 17, 15}

func padded() []stage {
	first := newWindow(window{n: padN, c: 2, h: 17, w: 15, f: 16, side: [2]int{3, 5}, pad: [2]int{1, 2}, step: [2]int{1, 1}, away: [2]int{1, 1}})
	pool := newWindow(window{n: padN, c: 16, h: first.high, w: first.wide, side: [2]int{3, 3}, pad: [2]int{1, 1}, step: [2]int{2, 2}, away: [2]int{1, 1}})
	second := newWindow(window{n: padN, c: 16, h: pool.high, w: pool.wide, f: 12, side: [2]int{3, 3}, pad: [2]int{0, 0}, step: [2]int{2, 2}, away: [2]int{1, 1}})
	values := 12 * second.high * second.wide
	conv := func(w window) stage {
		return stage{want: conv2d(w), param: tensor.Shape{w.f, w.c, w.side[0], w.side[1]}, apply: func(x, k *G.Node) (*G.Node, error) {
			return fast.Conv2d(x, k, w.side[:], w.pad[:], w.step[:], nil)
		}}
	}
	rectified := stage{want: rectify, apply: func(x, _ *G.Node) (*G.Node, error) { return fast.Rectify(x) }}
	return []stage{
		conv(first),
		{want: bias(first.high * first.wide), param: tensor.Shape{1, 16, 1, 1}, apply: func(x, b *G.Node) (*G.Node, error) {
			return fast.BroadcastAdd(x, b, nil, []byte{0, 2, 3})
		}},
		rectified,
		{want: square, apply: func(x, _ *G.Node) (*G.Node, error) { return G.Square(x) }},
		{want: maxPool(pool), apply: func(x, _ *G.Node) (*G.Node, error) {
			return fast.MaxPool2D(x, pool.side[:], pool.pad[:], pool.step[:])
		}},
		{want: plus(0.5), apply: func(x, _ *G.Node) (*G.Node, error) { return G.Add(x, G.NewConstant(float32(0.5))) }},
		conv(second),
		rectified,
		{want: same, apply: func(x, _ *G.Node) (*G.Node, error) { return fast.Reshape(x, tensor.Shape{padN, values}) }},
		{want: mul(padN, values, padClasses), param: tensor.Shape{values, padClasses}, apply: fast.Mul},
		{want: bias(1), param: tensor.Shape{1, padClasses}, apply: func(x, b *G.Node) (*G.Node, error) {
			return fast.BroadcastAdd(x, b, nil, []byte{0})
		}},
	}
}

var square = reference{
	forward: func(in [][]float64) []float64 {
		y := slices.Clone(in[0])
		for i, v := range y {
			y[i] = v * v
		}
		return y
	},
	backward: func(in [][]float64, dy []float64) [][]float64 {
		dx := slices.Clone(dy)
		for i, v := range in[0] {
			dx[i] *= 2 * v
		}
		return [][]float64{dx}
	},
}

func plus(c float64) reference {
	return reference{
		forward: func(in [][]float64) []float64 {
			y := slices.Clone(in[0])
			for i := range y {
				y[i] += c
			}
			return y
		},
		backward: same.backward,
	}
}

// A network is the stages as a graph, with the cross-entropy as its loss.
type network struct {
	stages     []stage
	x, y, loss *G.Node
	params     G.Nodes
	grads      G.Nodes
	value      G.Value // the loss
}

func newNetwork(t *testing.T, seed uint64) *network {
	g := G.NewGraph()
	r := rand.New(rand.NewPCG(seed, 1))
	n := &network{stages: padded()}
	n.x = input(g, "x", padIn, make([]float32, padIn.TotalSize()))
	n.y = input(g, "y", tensor.Shape{padN, padClasses}, make([]float32, padN*padClasses))
	x := n.x
	for i, s := range n.stages {
		var w *G.Node
		if s.param != nil {
			v := make([]float32, s.param.TotalSize())
			for i := range v {
				v[i] = float32(r.NormFloat64()) / 8
			}
			w = input(g, fmt.Sprint("w", i), s.param, v)
			n.params = append(n.params, w)
		}
		var err error
		if x, err = s.apply(x, w); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	if n.loss, err = fast.CrossEntropy(x, n.y); err != nil {
		t.Fatal(err)
	}
	G.Read(n.loss, &n.value)
	if n.grads, err = G.Grad(n.loss, n.params...); err != nil {
		t.Fatal(err)
	}
	return n
}

// let gives the network a batch.
func (n *network) let(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 2))
	x, y := make([]float32, padIn.TotalSize()), make([]float32, padN*padClasses)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	for i := range padN {
		y[i*padClasses+r.IntN(padClasses)] = 1
	}
	for _, v := range []struct {
		n *G.Node
		v []float32
	}{{n.x, x}, {n.y, y}} {
		if err := G.Let(v.n, tensor.New(tensor.WithShape(v.n.Shape()...), tensor.WithBacking(v.v))); err != nil {
			t.Fatal(err)
		}
	}
}

// want computes the loss and the gradients.
func (n *network) want() (loss []float64, grads [][]float64) {
	var ins [][][]float64
	x, params := float64s(floats(n.x.Value())), n.params
	for _, s := range n.stages {
		in := [][]float64{x}
		if s.param != nil {
			in = append(in, float64s(floats(params[0].Value())))
			params = params[1:]
		}
		ins = append(ins, in)
		x = s.want.forward(in)
	}
	end, in := crossEntropy(padClasses), [][]float64{x, float64s(floats(n.y.Value()))}
	loss = end.forward(in)
	d := end.backward(in, []float64{1})[0]
	for i, s := range slices.Backward(n.stages) {
		back := s.want.backward(ins[i], d)
		d = back[0]
		if s.param != nil {
			grads = append([][]float64{back[1]}, grads...)
		}
	}
	return loss, grads
}

func (n *network) check(t *testing.T, what string, m G.VM) {
	t.Helper()
	loss, grads := n.want()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	m.Reset()
	near(t, what+": loss", floats(n.value), loss)
	for i, g := range n.grads {
		near(t, fmt.Sprintf("%s: gradient %d", what, i), floats(g.Value()), grads[i])
	}
}

// TestNetwork trains a network for some steps, each with another batch.
func TestNetwork(t *testing.T) {
	n := newNetwork(t, 1)
	m := G.NewTapeMachine(n.x.Graph(), G.BindDualValues(n.params...))
	defer m.Close()
	solver := G.NewVanillaSolver(G.WithLearnRate(0.1))
	for step := range 4 {
		n.let(t, uint64(step))
		n.check(t, fmt.Sprint("step ", step), m)
		if err := solver.Step(G.NodesToValueGrads(n.params)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMachinesOfOneGraph: several machines run one graph, one after the other, and one runs a part of it.
func TestMachinesOfOneGraph(t *testing.T) {
	n := newNetwork(t, 2)
	g := n.x.Graph()
	program, places, err := G.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	a, b := G.NewTapeMachine(g), G.NewTapeMachine(g, G.WithPrecompiled(program, places))
	forward, where, err := G.CompileFunction(g, append(G.Nodes{n.x, n.y}, n.params...), G.Nodes{n.loss})
	if err != nil {
		t.Fatal(err)
	}
	c := G.NewTapeMachine(g, G.WithPrecompiled(forward, where))
	for i, m := range []G.VM{a, b, a} {
		n.let(t, uint64(i))
		n.check(t, fmt.Sprint("machine ", i), m)
		n.let(t, uint64(i)+10)
		loss, _ := n.want()
		if err := c.RunAll(); err != nil {
			t.Fatal(err)
		}
		c.Reset()
		near(t, "forward only", floats(n.loss.Value()), loss)
	}
}

// TestSameBitsOnAnyCores: the number of cores changes no bit of a loss or a gradient.
func TestSameBitsOnAnyCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var want [][]float32
	for _, cores := range []int{1, 2, 3, 5, 8, 16} {
		runtime.GOMAXPROCS(cores)
		n := newNetwork(t, 3)
		dropped := G.Must(fast.Dropout(n.x, 0.4))
		back := G.Must(fast.Dropout(G.Must(fast.SoftMax(dropped)), 0.1))
		n.let(t, 4)
		m := G.NewTapeMachine(n.x.Graph())
		var got [][]float32
		for range 2 {
			if err := m.RunAll(); err != nil {
				t.Fatal(err)
			}
			for _, v := range append(G.Nodes{n.loss, back}, n.grads...) {
				got = append(got, slices.Clone(floats(v.Value())))
			}
			m.Reset()
		}
		if want == nil {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%d cores: value %d has other bits", cores, i)
			}
		}
	}
}
