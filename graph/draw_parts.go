package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
)

// part is what a node of an ExprGraph is drawn as a part of.
type part struct {
	group string // as in Machine.groups
	grad  bool   // not of the group itself but of its ∂, which computes gradients
}

// seed is the part of the gradient that all others start from, ∂ loss / ∂ loss.
var seed = part{"1", true}

// parts are the parts of all nodes. Gorgonia differentiates op by op, each
// time from the gradient of the op's result. So what reads the gradient of a
// group's node belongs to the group's ∂.
func (m *Machine) parts() map[*G.Node]part {
	parts := map[*G.Node]part{}
	starts := map[*G.Node]part{} // the ∂ that starts from a gradient
	for _, n := range m.nodes() {
		p := part{group: m.groups[n]}
		if p.group == gradients {
			p = m.gradPart(n, parts, starts)
		}
		parts[n] = p
		// An op that adds hands its gradient on as it is. So several nodes can
		// have the same, and it is the first of them that computes with it.
		if d := n.Deriv(); d != nil && n.Op() != nil && starts[d] == (part{}) {
			starts[d] = part{p.group, true}
		}
	}
	if m.cost != nil && m.cost.Deriv() != nil {
		parts[m.cost.Deriv()] = seed
	}
	return parts
}

// gradPart is the part of a node that Grad added.
func (m *Machine) gradPart(n *G.Node, parts, starts map[*G.Node]part) part {
	operands := m.operands(n)
	for _, o := range operands {
		if p, ok := starts[o]; ok {
			return p
		}
	}
	for _, o := range operands {
		if p := parts[o]; p.grad {
			return p
		}
	}
	if len(operands) == 0 {
		return part{} // a constant
	}
	// A node that reads no gradient, a size say: that of the last op it reads.
	last := slices.MaxFunc(operands, func(a, b *G.Node) int { return int(a.ID() - b.ID()) })
	return part{parts[last].group, true}
}

// link is an edge between two parts.
type link struct{ from, to part }

// links are the pairs of parts that an edge of the ExprGraph joins, each once,
// in the order of the nodes. Constants join nothing, because equal ones are one
// node wherever they are read.
func (m *Machine) links(parts map[*G.Node]part) []link {
	var links []link
	for _, n := range m.nodes() {
		for _, o := range m.operands(n) {
			l := link{parts[o], parts[n]}
			if l.from != l.to && (!m.constant(o) || l.from == seed) && !slices.Contains(links, l) {
				links = append(links, l)
			}
		}
	}
	return links
}

// nodes are the nodes of the graph in the order they were added, operands
// first. Grad too adds them in the same order every time.
func (m *Machine) nodes() G.Nodes { return m.graph.AllNodes() }

func (m *Machine) operands(n *G.Node) G.Nodes {
	var nodes G.Nodes
	for it := m.graph.From(n.ID()); it.Next(); {
		nodes = append(nodes, it.Node().(*G.Node))
	}
	return nodes
}

func (m *Machine) constant(n *G.Node) bool { return n.Op() != nil && len(m.operands(n)) == 0 }
