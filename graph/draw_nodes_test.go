package graph

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/graph/internal/figure"

	"github.com/google/go-cmp/cmp"
)

// everyLayer has every layer, two before the first gradient and SoftMax inside.
var everyLayer = Sequential{
	Rectify, MaxPool2D(1), Conv2d(3, 2), Rectify, MaxPool2D(2), Conv2d(2, 2), Flatten, Rectify, Dense(5), SoftMax, Dense(3), SoftMax,
}

// drawnMachine is a network and the machine that its pictures are made from.
func drawnMachine(t *testing.T, lowering Lowering, mode Mode) (*Network, *Machine) {
	t.Helper()
	net, err := everyLayer.Build(2, 9, 8)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := net.Pack(lowering, make([]float32, net.NumParams()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := net.Compile(lowering, drawnImages, weights, mode)
	if err != nil {
		t.Fatal(err)
	}
	return net, m
}

// TestNodesIsTheGraph holds the boxes and arrows of the picture against the
// nodes of the ExprGraph and their operands.
func TestNodesIsTheGraph(t *testing.T) {
	for _, lowering := range Lowerings() {
		net, m := drawnMachine(t, lowering, Training)
		var dot bytes.Buffer
		if err := net.WriteDOT(&dot, Picture{Drawing: DrawNodes, Lowering: lowering}); err != nil {
			t.Fatal(err)
		}
		var boxes, arrows, wantBoxes, wantArrows []string
		for _, b := range regexp.MustCompile(`(?m)^  (n\d\w*) \[`).FindAllStringSubmatch(dot.String(), -1) {
			boxes = append(boxes, b[1])
		}
		for _, e := range regexp.MustCompile(`(?m)^  (n\d\w*) -> (n\d\w*) \[(.*)\];$`).FindAllStringSubmatch(dot.String(), -1) {
			if strings.HasPrefix(e[3], "dir=back") {
				e[1], e[2] = e[2], e[1]
			}
			arrows = append(arrows, e[1]+" -> "+e[2])
		}
		for _, n := range m.nodes() {
			name := fmt.Sprint("n", n.ID())
			if !m.constant(n) {
				wantBoxes = append(wantBoxes, name)
			}
			for _, o := range m.operands(n) {
				operand := fmt.Sprint("n", o.ID())
				if m.constant(o) {
					operand = name + operand
					wantBoxes = append(wantBoxes, operand)
				}
				wantArrows = append(wantArrows, operand+" -> "+name)
			}
		}
		for _, list := range [][]string{boxes, arrows, wantBoxes, wantArrows} {
			slices.Sort(list)
		}
		if diff := cmp.Diff(wantBoxes, boxes); diff != "" {
			t.Errorf("%s: boxes, - want, + got\n%s", lowering, diff)
		}
		if diff := cmp.Diff(wantArrows, arrows); diff != "" {
			t.Errorf("%s: arrows, - want, + got\n%s", lowering, diff)
		}
		if strings.Contains(dot.String(), "0x") {
			t.Errorf("%s: the picture shows a pointer", lowering)
		}
	}
}

// Pictures show the shapes of the Network. What flows in the graph must be as
// many values.
func TestShapesAreTheGraphs(t *testing.T) {
	net, m := drawnMachine(t, Gorgonia, Forward)
	parts := m.parts()
	for _, l := range net.Layers {
		for _, n := range m.nodes() {
			for _, o := range m.operands(n) {
				if parts[o].group != l.Name || parts[n] == parts[o] || m.constant(o) {
					continue
				}
				if got, want := Shape(o.Shape()).Size(), drawnImages*l.Out.Size(); got != want {
					t.Errorf("%v hands on %d values, want %d", l.Layer, got, want)
				}
			}
		}
	}
}

// What the fused drawing calls one op must be one node of the graph, whose
// value is what it keeps, and what it calls no op must be none. Only SoftMax
// may have a second one before it, which puts the values into another order.
func TestFusedIsTheGraph(t *testing.T) {
	net, m := drawnMachine(t, Fused, Forward)
	sizes := map[string][]int{}
	for _, n := range m.nodes() {
		if n.Op() != nil {
			group := m.groups[n]
			sizes[group] = append(sizes[group], Shape(n.Shape()).Size())
		}
	}
	f, err := net.figure(Picture{Drawing: DrawFused})
	if err != nil {
		t.Fatal(err)
	}
	nodes := slices.Concat(f.Rows...)
	several, none := 0, 0
	for _, b := range fusedBoxes(net) {
		want := []int{drawnImages * b.out.Size()}
		n := nodes[slices.IndexFunc(nodes, func(n figure.Node) bool { return n.Name == b.name })]
		switch {
		case slices.Contains(n.Lines, "no op"):
			want = nil
			none++
		case n.Kind == figure.Op:
			several++
		case b.layers[0].Kind == KindSoftMax && len(sizes[b.name]) == 2:
			want = append(want, want[0])
		}
		if diff := cmp.Diff(want, sizes[b.name]); diff != "" {
			t.Errorf("%s: sizes of its nodes, - want, + got\n%s", b.name, diff)
		}
	}
	if several < 1 || none != 1 {
		t.Errorf("got %d ops of several layers and %d layers that are no op, want some and 1", several, none)
	}
}
