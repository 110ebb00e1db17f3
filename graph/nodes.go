package graph

import (
	"math"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
)

// Node is a node of the ExprGraph of a Machine or a Probe as plain data: an input, or an op
// with its result.
type Node struct {
	ID     int    // its index in the list of nodes
	Name   string // of an input: x, y, selector or the parameter's; else ""
	Op     string // Gorgonia's name of the op without its arguments, as conv1 or Reshape; "" for an input
	Inputs []int  // IDs of what the op reads, in its order
	Shape  Shape  // with the batch axis, in the lowering's order of axes; nil for a scalar
	Order  int    // its place among the ops in the order that the tape machine executes them, from 0; -1 for an input

	Constant bool // an op without inputs. Equal constants are one node, which belongs to no layer
	Read     bool // an op that hands the value of its only input to the caller

	// Layer is what the node belongs to: a layer, "x", "y", "selector" or, where the
	// loss has nodes of its own, "loss". A parameter belongs to its layer, and a fused op to
	// the first of its layers.
	Layer  string
	Layers []string // of an op that is no gradient: the layers that all such ops of Layer compute together; none for x and loss
	Keeps  []string // of the same ops: what they leave in memory for ∂ Layer, in words as "input" or "who won"; none if there is no ∂

	Grad  bool // it computes a gradient, or hands one out: it is part of ∂ Layer
	Deriv int  // ID of the gradient of the loss by this node; -1 if it has none
	Start bool // it is the gradient that all others start from: the constant ∂ loss / ∂ loss, or a Probe's selector
}

// section is a stretch of the ExprGraph: the nodes of one Layer.
type section struct {
	layer         string
	layers, keeps []string
	end           int // ID of the first node after it
}

// readOp is what Gorgonia calls the op of gorgonia.Read.
const readOp = "print"

// listing is what a list of Nodes is made from.
type listing struct {
	graph    *G.ExprGraph
	sections []section // of the nodes up to last, in their order
	last     int64     // ID of the last node before the gradients
	start    *G.Node   // the gradient that all others start from; nil if there are none
}

// Nodes lists the nodes of the machine's ExprGraph in the order in which they
// were added, so that operands come first. Machines of equal networks, lowerings
// and modes have equal lists.
//
// Gorgonia differentiates op by op, each time from the gradient of the op's
// result: what reads that gradient belongs to the ∂ of the op's layer. It executes
// ops in the order in which they were added.
func (m *Machine) Nodes() []Node {
	l := listing{graph: m.graph, sections: m.sections, last: math.MaxInt64}
	if m.cost != nil {
		l.last, l.start = m.cost.ID(), m.cost.Deriv()
	}
	return l.nodes()
}

func (l listing) nodes() []Node {
	graph := l.graph.AllNodes()
	nodes := make([]Node, len(graph))
	starts := map[int]string{} // by ID of a gradient, the layer whose ∂ starts from it
	ops := 0
	for id, n := range graph {
		nodes[id] = l.node(n, nodes, starts)
		if d := nodes[id].Deriv; d >= 0 {
			starts[d] = nodes[id].Layer
		}
		if n.Op() != nil {
			nodes[id].Order = ops
			ops++
		}
	}
	if l.start != nil {
		start := &nodes[l.start.ID()]
		start.Start, start.Grad = true, true
	}
	return nodes
}

// node is n as plain data, but for its Order. The nodes before n are done.
func (l listing) node(n *G.Node, before []Node, starts map[int]string) Node {
	node := Node{ID: int(n.ID()), Deriv: -1, Order: -1}
	if len(n.Shape()) > 0 {
		node.Shape = shapeOf(n)
	}
	if d := n.Deriv(); d != nil {
		node.Deriv = int(d.ID())
	}
	if n.Op() == nil {
		node.Name = n.Name()
		node.Layer, _, _ = strings.Cut(node.Name, ".")
		return node
	}
	for it := l.graph.From(n.ID()); it.Next(); {
		node.Inputs = append(node.Inputs, int(it.Node().ID()))
	}
	node.Op = opName(n.Op())
	switch {
	case node.Op == readOp:
		of := before[node.Inputs[0]]
		node.Op, node.Read, node.Shape, node.Layer, node.Grad = "read", true, of.Shape, of.Layer, of.Grad
	case len(node.Inputs) == 0:
		node.Constant = true
	case n.ID() > l.last:
		node.Layer, node.Grad = gradLayer(node, before, starts), true
	default:
		s := l.sections[slices.IndexFunc(l.sections, func(s section) bool { return node.ID < s.end })]
		node.Layer, node.Layers, node.Keeps = s.layer, slices.Clone(s.layers), slices.Clone(s.keeps)
	}
	return node
}

// gradLayer is the layer whose ∂ a node that Grad added belongs to.
func gradLayer(n Node, before []Node, starts map[int]string) string {
	for _, in := range n.Inputs {
		if layer := starts[in]; layer != "" {
			return layer
		}
	}
	return before[slices.Max(n.Inputs)].Layer // of a gradient, or of a value whose size it reads
}

// opName is the name of an op without its arguments, most of which the shapes
// tell.
func opName(op G.Op) string {
	name := op.String()
	name = strings.TrimSuffix(strings.TrimSuffix(name, " true"), " false") // whether a comparison gives numbers
	if i := strings.IndexAny(name, "({<"); i > 0 {
		name = name[:i]
	}
	return name
}

// FusedOp is an op of the forward part of the lowering Fused.
type FusedOp struct {
	Layers []string // that it computes together. It stores the result of the last one alone
	Keeps  []string // what it leaves in memory for its gradient, as Node.Keeps; none in a network that cannot be trained
}

// FusedOps lists the ops that the lowering Fused makes of the layers, in their
// order. A Flatten that is no op, because it leaves its values where they are, is
// in none of them.
func (net *Network) FusedOps() ([]FusedOp, error) {
	mode := Forward
	if net.Layers[len(net.Layers)-1].Kind == KindSoftMax && len(net.Params) > 0 {
		mode = Training
	}
	low := fused{}
	_, size := net.slots(low)
	m, err := net.compile(low, 1, make([]float32, size), mode)
	if err != nil {
		return nil, err
	}
	var ops []FusedOp
	layer := ""
	for _, n := range m.Nodes() {
		if len(n.Layers) > 0 && n.Layer != layer {
			layer = n.Layer
			ops = append(ops, FusedOp{Layers: n.Layers, Keeps: n.Keeps})
		}
	}
	return ops, nil
}
