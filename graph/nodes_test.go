package graph

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/op"
)

// everyLayer has every layer, two before the first gradient and SoftMax inside.
var everyLayer = Sequential{
	Rectify, MaxPool2D(1), Conv2d(3, 2), Rectify, MaxPool2D(2), Conv2d(2, 2), Flatten, Rectify, Dense(5), SoftMax, Dense(3), SoftMax,
}

const listedImages = 2

// listed compiles everyLayer.
func listed(t *testing.T, lowering Lowering, mode Mode) (*Network, *Machine) {
	t.Helper()
	net, err := everyLayer.Build(2, 9, 8)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := net.Pack(lowering, make([]float32, net.NumParams()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := net.Compile(lowering, listedImages, weights, mode)
	if err != nil {
		t.Fatal(err)
	}
	return net, m
}

// eachListed calls f for the nodes of every lowering and mode.
func eachListed(t *testing.T, f func(t *testing.T, net *Network, m *Machine, nodes []Node)) {
	for _, lowering := range Lowerings() {
		for _, mode := range []Mode{Forward, Training} {
			t.Run(fmt.Sprint(lowering, " ", mode), func(t *testing.T) {
				net, m := listed(t, lowering, mode)
				f(t, net, m, m.Nodes())
			})
		}
	}
}

// TestNodesIsTheGraph holds the list against Gorgonia's graph.
func TestNodesIsTheGraph(t *testing.T) {
	eachListed(t, func(t *testing.T, net *Network, m *Machine, nodes []Node) {
		all := m.graph.AllNodes()
		if len(nodes) != len(all) {
			t.Fatalf("got %d nodes, want %d", len(nodes), len(all))
		}
		reads := 0
		for i, n := range nodes {
			g := all[i]
			if n.ID != i || int64(i) != g.ID() {
				t.Errorf("node %d has ID %d, Gorgonia's %d", i, n.ID, g.ID())
			}
			for _, in := range n.Inputs {
				if in >= i || !m.graph.HasEdgeFromTo(int64(i), int64(in)) {
					t.Errorf("%+v reads %d, which is no operand before it", n, in)
				}
			}
			if want := m.graph.From(g.ID()).Len(); len(n.Inputs) != want {
				t.Errorf("%+v has %d inputs, want %d", n, len(n.Inputs), want)
			}
			if d := g.Deriv(); (d == nil) != (n.Deriv < 0) || d != nil && d != all[n.Deriv] {
				t.Errorf("%+v: another gradient than %v", n, d)
			}
			if (n.Op == "") != (g.Op() == nil) || (n.Op == "") != (n.Name != "") {
				t.Errorf("%+v: is it an op? Gorgonia has %v", n, g.Op())
			}
			if !n.Read && n.Shape.Size() != Shape(g.Shape()).Size() {
				t.Errorf("%+v: Gorgonia has the shape %v", n, g.Shape())
			}
			if n.Read {
				reads++
			}
		}
		starts := slices.DeleteFunc(slices.Clone(nodes), func(n Node) bool { return !n.Start })
		if (m.cost != nil) != (len(starts) == 1) || m.cost != nil && all[starts[0].ID] != m.cost.Deriv() {
			t.Errorf("got starts %+v", starts)
		}
		// Ops of our own leave their results where the machine looks for them.
		want := 0
		if m.after != nil {
			want = 2 // probabilities and their logarithms, and gradients
			if m.cost != nil {
				want += len(net.Params)
			}
		}
		if reads != want {
			t.Errorf("got %d read-outs, want %d", reads, want)
		}
	})
}

// TestNodesOrder: the tape machine executes the ops in the order of Order.
func TestNodesOrder(t *testing.T) {
	instruction := regexp.MustCompile(`(?m)^\t\d+\t([0-9a-f]+):(.*)$`) // of a node, by its ID; empty if it has none
	eachListed(t, func(t *testing.T, net *Network, m *Machine, nodes []Node) {
		var want []int
		prog, _, err := G.Compile(m.graph)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range instruction.FindAllStringSubmatch(prog.String(), -1) {
			id, err := strconv.ParseInt(line[1], 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			if nodes[id].Op != "" && line[2] != "" {
				want = append(want, int(id))
			}
		}
		got := make([]int, len(want))
		for _, n := range nodes {
			switch {
			case n.Op == "" && n.Order != -1 || n.Order >= len(got):
				t.Errorf("%+v: want an order below %d, -1 for an input", n, len(got))
			case n.Op != "":
				got[n.Order] = n.ID
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("- the program's order, + got\n%s", diff)
		}
		// What is called, of our own ops.
		var called, ours []int
		for _, n := range m.graph.AllNodes() {
			record := func(o *op.Op) {
				do := o.Run
				o.Run = func(in []G.Value) (G.Value, error) {
					called = append(called, int(n.ID()))
					return do(in)
				}
			}
			switch o := n.Op().(type) {
			case *op.Op:
				record(o)
			case *op.Diff:
				record(&o.Op)
			default:
				continue
			}
			ours = append(ours, int(n.ID()))
		}
		if _, err := m.Run(make([]float32, len(m.weights)), false); err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(ours, func(a, b int) int { return nodes[a].Order - nodes[b].Order })
		if diff := cmp.Diff(ours, called); diff != "" {
			t.Errorf("- the list's order, + the calls\n%s", diff)
		}
	})
}

// TestNodesLayers: every node has its place, the ops of each Layer hand on the
// result of the last layer that they compute, and all layers are computed once,
// but for Flatten, which is no op when fused.
func TestNodesLayers(t *testing.T) {
	eachListed(t, func(t *testing.T, net *Network, m *Machine, nodes []Node) {
		var computed, want []string
		for i, n := range nodes {
			known := n.Layer == "x" || n.Layer == "y" || n.Layer == "loss" || slices.ContainsFunc(net.Layers, func(l NamedLayer) bool { return l.Name == n.Layer })
			if known == n.Constant {
				t.Errorf("%+v: want a layer, or none for a constant", n)
			}
			if n.Grad != (m.cost != nil && i > int(m.cost.ID()) && (!n.Constant || n.Start)) {
				t.Errorf("%+v: is it a gradient? The loss is %v", n, m.cost)
			}
			if (n.Op == "" || n.Grad || n.Read) && len(n.Layers)+len(n.Keeps) > 0 {
				t.Errorf("%+v computes no layers and keeps nothing", n)
			}
			for _, l := range n.Layers {
				if !slices.Contains(computed, l) {
					computed = append(computed, l)
				}
			}
			if n.Name != "" && n.Deriv >= 0 && nodes[n.Deriv].Layer != n.Layer {
				t.Errorf("%+v has the gradient %+v", n, nodes[n.Deriv])
			}
			for _, in := range n.Inputs {
				o := nodes[in]
				if n.Grad && !o.Grad && !o.Constant && n.Layer != o.Layer && !slices.ContainsFunc(nodes, func(r Node) bool {
					return !r.Grad && r.Layer == n.Layer && slices.Contains(r.Inputs, in)
				}) {
					t.Errorf("%+v reads %+v, which %s neither computes nor reads", n, o, n.Layer)
				}
				if len(o.Layers) == 0 || n.Grad || n.Read || n.Layer == o.Layer {
					continue
				}
				for _, l := range net.Layers {
					if got, want := o.Shape.Size(), listedImages*l.Out.Size(); l.Name == o.Layers[len(o.Layers)-1] && got != want {
						t.Errorf("%+v hands on %d values, want %d", o, got, want)
					}
				}
			}
		}
		for _, l := range net.Layers {
			if l.Kind != KindFlatten || nodes[len(nodes)-1].Read {
				want = append(want, l.Name)
			}
		}
		if diff := cmp.Diff(want, computed); diff != "" {
			t.Errorf("layers, - want, + got\n%s", diff)
		}
	})
}

// TestNodesFuse: an op of several layers is one node.
func TestNodesFuse(t *testing.T) {
	_, m := listed(t, Fused, Forward)
	var got [][]string
	for _, n := range m.Nodes() {
		if len(n.Layers) > 1 {
			got = append(got, n.Layers)
		}
	}
	if diff := cmp.Diff([][]string{{"conv1", "relu2", "pool2"}}, got); diff != "" {
		t.Errorf("- want, + got\n%s", diff)
	}
}

// TestNodesKeep: a layer keeps something if its ∂ reads what the layer read or
// computed. Parameters do not count, which stay anyway.
func TestNodesKeep(t *testing.T) {
	check := func(t *testing.T, nodes []Node) {
		reads, keeps := map[string]bool{}, map[string]bool{}
		for _, n := range nodes {
			if len(n.Keeps) > 0 {
				keeps[n.Layer] = true
			}
			for _, in := range n.Inputs {
				if o := nodes[in]; n.Grad && !n.Read && !o.Grad && !o.Constant && (o.Name == "" || o.Layer == "x" || o.Layer == "y") {
					reads[n.Layer] = true
				}
			}
		}
		if diff := cmp.Diff(reads, keeps); diff != "" {
			t.Errorf("- what the ∂ reads, + what is kept\n%s", diff)
		}
		for _, n := range nodes {
			if strings.ContainsAny(n.Op, "({<") || strings.Contains(n.Op, "0x") {
				t.Errorf("%+v: the op's name has arguments", n)
			}
		}
	}
	eachListed(t, func(t *testing.T, net *Network, m *Machine, nodes []Node) { check(t, nodes) })
	eachProbe(t, func(t *testing.T, p *Probe) { check(t, p.Nodes()) })
}

// TestFusedOps: the list has the ops and what they keep, which nothing does in a
// network that cannot be trained.
func TestFusedOps(t *testing.T) {
	conv := FusedOp{Layers: []string{"conv1", "relu1", "pool1"}, Keeps: []string{"input", "who won"}}
	for _, test := range []struct {
		layers Sequential
		want   []FusedOp
	}{
		{Sequential{Conv2d(3, 2), Rectify, MaxPool2D(2), Flatten, Dense(4), Rectify, Dense(3), SoftMax}, []FusedOp{
			conv,
			{Layers: []string{"dense1", "relu2"}, Keeps: []string{"input", "output"}},
			{Layers: []string{"dense2"}, Keeps: []string{"input"}},
			{Layers: []string{"softmax1"}, Keeps: []string{"p − y"}},
		}},
		{Sequential{Conv2d(3, 2), Rectify, MaxPool2D(2), Flatten}, []FusedOp{{Layers: conv.Layers}, {Layers: []string{"flatten1"}}}},
		{Sequential{Conv2d(3, 2), Rectify, MaxPool2D(2), Flatten, SoftMax}, []FusedOp{conv, {Layers: []string{"softmax1"}, Keeps: []string{"p − y"}}}},
		{Sequential{Rectify, Flatten, SoftMax}, []FusedOp{{Layers: []string{"relu1"}}, {Layers: []string{"softmax1"}}}},
	} {
		net, err := test.layers.Build(2, 9, 8)
		if err != nil {
			t.Fatal(err)
		}
		got, err := net.FusedOps()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%v: - want, + got\n%s", test.layers, diff)
		}
	}
}
