package draw

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/graph"
	"tapenet/graph/draw/internal/figure"
)

// everyLayer has every layer, two before the first gradient and SoftMax inside.
var everyLayer = graph.Sequential{
	graph.Rectify, graph.MaxPool2D(1), graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(2), graph.Conv2d(2, 2),
	graph.Flatten, graph.Rectify, graph.Dense(5), graph.SoftMax, graph.Dense(3), graph.SoftMax,
}

// drawn is a network of everyLayer and the nodes that its pictures are made from.
func drawn(t *testing.T, lowering graph.Lowering, mode graph.Mode) (*graph.Network, []graph.Node) {
	t.Helper()
	net, err := everyLayer.Build(2, 9, 8)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := net.Pack(lowering, make([]float32, net.NumParams()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := net.Compile(lowering, images, weights, mode)
	if err != nil {
		t.Fatal(err)
	}
	return net, m.Nodes()
}

// TestNodesIsTheGraph holds the boxes of the picture and the directions of its
// arrows, as any reader of DOT sees them, against the nodes of the ExprGraph and
// their operands.
func TestNodesIsTheGraph(t *testing.T) {
	for _, lowering := range graph.Lowerings() {
		net, nodes := drawn(t, lowering, graph.Training)
		var dot bytes.Buffer
		if err := DOT(&dot, net, Picture{Drawing: Nodes, Lowering: lowering}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(dot.String(), "dir=") {
			t.Errorf("%s: an arrow has another direction than its edge", lowering)
		}
		var boxes, arrows, wantBoxes, wantArrows []string
		for _, b := range regexp.MustCompile(`(?m)^  (\w+) \[label`).FindAllStringSubmatch(dot.String(), -1) {
			boxes = append(boxes, b[1])
		}
		for _, e := range regexp.MustCompile(`(?m)^  (\w+ -> \w+)(?: \[.*\])?;$`).FindAllStringSubmatch(dot.String(), -1) {
			arrows = append(arrows, e[1])
		}
		names := nodeNames(nodes)
		for _, n := range nodes {
			if !n.Constant {
				wantBoxes = append(wantBoxes, names[n.ID])
			}
			for _, in := range n.Inputs {
				operand := names[in]
				if nodes[in].Constant {
					operand = names[n.ID] + "_" + operand
					wantBoxes = append(wantBoxes, operand)
				}
				wantArrows = append(wantArrows, operand+" -> "+names[n.ID])
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
	}
}

// TestOneOrderOfShapes: whatever the lowering, a layer's result and its gradient have
// the channels first, and a parameter and its gradient PyTorch's shape.
func TestOneOrderOfShapes(t *testing.T) {
	lowerings := graph.Lowerings()
	if graph.BF16() {
		lowerings = append(lowerings, graph.FusedBF16)
	}
	for _, lowering := range lowerings {
		net, nodes := drawn(t, lowering, graph.Training)
		all := newTape(net, lowering, nodes, nil)
		check := func(id int, want graph.Shape) {
			t.Helper()
			if drawn, _ := all.look(nodes[id]); !slices.ContainsFunc(drawn.Lines, func(l string) bool { return strings.TrimSuffix(l, " · same pass") == want.String() }) {
				t.Errorf("%s: %s has %q, want %v", lowering, drawn.Name, drawn.Lines, want)
			}
		}
		images4 := 0
		for id, layer := range all.results {
			i := slices.IndexFunc(net.Layers, func(l graph.NamedLayer) bool { return l.Name == layer })
			if want := net.Layers[i].Out; len(want) == 3 {
				images4++
				check(id, append(graph.Shape{images}, want...))
				if d := nodes[id].Deriv; d >= 0 {
					check(d, append(graph.Shape{images}, want...))
				}
			}
		}
		if images4 < 3 {
			t.Errorf("%s: got %d results of images", lowering, images4)
		}
		for _, n := range nodes {
			for _, p := range net.Params {
				if n.Name == p.Name || n.Read && paramOf(n, nodes) == p.Name {
					check(n.ID, p.Shape)
				}
			}
			if lowering == graph.Gorgonia && n.Op != "" && n.Shape != nil && !n.Read && !n.Constant {
				check(n.ID, n.Shape)
			}
		}
	}
}

// TestNodeNames: every node has a name of its own, and those that people look for
// have the one that they expect.
func TestNodeNames(t *testing.T) {
	for lowering, wants := range map[graph.Lowering][]string{
		graph.Fused:    {"x", "y", "conv1", "conv1_weight", "d_conv1_weight", "d_dense1_input", "softmax2_loss"},
		graph.Gorgonia: {"x", "y", "conv1_weight", "d_conv1_weight", "relu1", "d_relu2", "dense1_a_b", "conv1_reshape_2", "loss_sum_0_1_2"},
	} {
		_, nodes := drawn(t, lowering, graph.Training)
		names := nodeNames(nodes)
		for i, name := range names {
			if !regexp.MustCompile(`^[a-z]\w*$`).MatchString(name) || slices.Contains(names[:i], name) {
				t.Errorf("%s: node %d, %q of %q, has the name %q, which DOT would quote or another has", lowering, i, nodes[i].Op, nodes[i].Layer, name)
			}
		}
		for _, want := range wants {
			if !slices.Contains(names, want) {
				t.Errorf("%s: no %q among %q", lowering, want, names)
			}
		}
	}
}

// What the fused drawing calls one op must be one node of the graph, whose
// value is what it keeps, and what it calls no op must be none. Only SoftMax
// may have a second one before it, which puts the values into another order.
func TestFusedIsTheGraph(t *testing.T) {
	net, nodes := drawn(t, graph.Fused, graph.Forward)
	sizes := map[string][]int{}
	for _, n := range nodes {
		if n.Op != "" {
			sizes[n.Layer] = append(sizes[n.Layer], n.Shape.Size())
		}
	}
	f, err := picture(net, Picture{Drawing: Fused})
	if err != nil {
		t.Fatal(err)
	}
	several, none := 0, 0
	for _, n := range slices.Concat(f.Rows...) {
		i := slices.IndexFunc(net.Layers, func(l graph.NamedLayer) bool { return l.Name == n.Name })
		if i < 0 {
			continue // x, the result or a parameter
		}
		want := []int{images * net.Layers[i+max(1, len(n.Entries))-1].Out.Size()}
		switch {
		case slices.Contains(n.Lines, "no op"):
			want = nil
			none++
		case n.Role == figure.Several:
			several++
		case net.Layers[i].Kind == graph.KindSoftMax && len(sizes[n.Name]) == 2:
			want = append(want, want[0])
		}
		if diff := cmp.Diff(want, sizes[n.Name]); diff != "" {
			t.Errorf("%s: sizes of its nodes, - want, + got\n%s", n.Name, diff)
		}
	}
	if several < 1 || none != 1 {
		t.Errorf("got %d ops of several layers and %d layers that are no op, want some and 1", several, none)
	}
}
