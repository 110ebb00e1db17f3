package graph

import (
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
)

// Node is a node of a Machine's ExprGraph as plain data: an input, or an op
// with its result.
type Node struct {
	ID     int    // its index in the list of Machine.Nodes
	Name   string // of an input: x, y or the parameter's; else ""
	Op     string // Gorgonia's name of the op without its arguments, as conv1 or Reshape; "" for an input
	Inputs []int  // IDs of what the op reads, in its order
	Shape  Shape  // with the batch axis, in the lowering's order of axes; nil for a scalar
	Order  int    // its place among the ops in the order that the tape machine executes them, from 0; -1 for an input

	Constant bool // an op without inputs. Equal constants are one node, which belongs to no layer
	Read     bool // an op that hands the value of its only input to the caller

	// Layer is what the node belongs to: a layer, "x", "y" or, where the loss has
	// nodes of its own, "loss". A parameter belongs to its layer, and a fused op to
	// the first of its layers.
	Layer  string
	Layers []string // of an op that is no gradient: the layers that all such ops of Layer compute together; none for x and loss
	Keeps  []string // of the same ops: what they leave in memory for ∂ Layer, in words as "input" or "who won"; none if there is no ∂

	Grad  bool // it computes a gradient, or hands one out: it is part of ∂ Layer
	Deriv int  // ID of the gradient of the loss by this node; -1 if it has none
	Start bool // it is the gradient that all others start from, the constant ∂ loss / ∂ loss
}

// section is a stretch of the ExprGraph: the nodes of one Layer.
type section struct {
	layer         string
	layers, keeps []string
	end           int // ID of the first node after it
}

// readOp is what Gorgonia calls the op of gorgonia.Read.
const readOp = "print"

// Nodes lists the nodes of the machine's ExprGraph in the order in which they
// were added, so that operands come first. Machines of equal networks, lowerings
// and modes have equal lists.
//
// Gorgonia differentiates op by op, each time from the gradient of the op's
// result: what reads that gradient belongs to the ∂ of the op's layer. It executes
// ops in the order in which they were added.
func (m *Machine) Nodes() []Node {
	graph := m.graph.AllNodes()
	nodes := make([]Node, len(graph))
	starts := map[int]string{} // by ID of a gradient, the layer whose ∂ starts from it
	ops := 0
	for id, n := range graph {
		nodes[id] = m.node(n, nodes, starts)
		if d := nodes[id].Deriv; d >= 0 {
			starts[d] = nodes[id].Layer
		}
		if n.Op() != nil {
			nodes[id].Order = ops
			ops++
		}
	}
	if m.cost != nil {
		start := &nodes[m.cost.Deriv().ID()]
		start.Start, start.Grad = true, true
	}
	return nodes
}

// node is n as plain data, but for its Order. The nodes before n are done.
func (m *Machine) node(n *G.Node, before []Node, starts map[int]string) Node {
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
	for it := m.graph.From(n.ID()); it.Next(); {
		node.Inputs = append(node.Inputs, int(it.Node().ID()))
	}
	node.Op = opName(n.Op())
	switch {
	case node.Op == readOp:
		of := before[node.Inputs[0]]
		node.Op, node.Read, node.Shape, node.Layer, node.Grad = "read", true, of.Shape, of.Layer, of.Grad
	case len(node.Inputs) == 0:
		node.Constant = true
	case m.cost != nil && n.ID() > m.cost.ID():
		node.Layer, node.Grad = gradLayer(node, before, starts), true
	default:
		s := m.sections[slices.IndexFunc(m.sections, func(s section) bool { return node.ID < s.end })]
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
