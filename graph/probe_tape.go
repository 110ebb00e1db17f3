package graph

import (
	"slices"
	"time"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
)

// Instruction is one op of a Probe's graph as the tape machine executes it.
type Instruction struct {
	Node  int   // ID of the op in Probe.Nodes
	Reads []int // the instructions whose results it reads, in the order of the op's inputs that are ops
	Last  int   // the last instruction that reads its result, its own if none does: after it Gorgonia may use the memory again

	// Completes is the name of the result that this instruction has computed, a
	// layer's, or, if the node is a gradient, of what it is the gradient by: "x", a
	// layer's result or a parameter. It is "" if others follow until one is complete.
	Completes string

	Time time.Duration // that it took in the last run; 0 if it was not executed
}

// Tape lists the instructions in the order in which they are executed, first all
// that a run without a selector needs. Reads and Last are indexes of it. The times
// are of the last run.
func (p *Probe) Tape() []Instruction {
	tape := slices.Clone(p.tape)
	for i := range tape {
		tape[i].Reads = slices.Clone(tape[i].Reads)
	}
	return tape
}

// writeTape makes the tape of the graph: its ops in the order in which they were
// added.
func (p *Probe) writeTape() {
	names := p.completed()
	place := map[int]int{} // of an op's node on the tape
	for _, n := range p.Nodes() {
		if n.Op == "" {
			continue
		}
		at := len(p.tape)
		t := Instruction{Node: n.ID, Last: at, Completes: names[n.ID]}
		for _, in := range n.Inputs {
			if i, op := place[in]; op {
				t.Reads = append(t.Reads, i)
				p.tape[i].Last = at
			}
		}
		place[n.ID] = at
		p.tape = append(p.tape, t)
		p.reads = append(p.reads, n.Inputs)
		if n.ID < int(p.selector.ID()) {
			p.forward = len(p.tape)
		}
	}
}

// completed are the names of what each node is the result or the gradient of.
func (p *Probe) completed() map[int]string {
	names := map[int]string{}
	gradient := func(name string, n *G.Node) {
		if d := n.Deriv(); d != nil && names[int(d.ID())] == "" {
			names[int(d.ID())] = name
		}
	}
	gradient("x", p.results["x"])
	for _, l := range p.net.Layers {
		names[int(p.results[l.Name].ID())] = l.Name
		gradient(l.Name, p.results[l.Name])
	}
	for _, s := range p.m.slots {
		gradient(s.Name, p.params[s.Name])
	}
	return names
}

// execute computes the values of the ops from those of the inputs.
//
// The tape machine calls the same ops. But it lets some of them overwrite what
// they read, and it hands out the values of one instruction only with a copy of
// each; Do always has a result of its own.
func (p *Probe) execute(gradients bool) error {
	for i := range p.tape {
		t := &p.tape[i]
		t.Time = 0
		if i >= p.forward && !gradients {
			continue
		}
		in := make([]G.Value, len(p.reads[i]))
		for j, node := range p.reads[i] {
			in[j] = p.values[node]
		}
		start := time.Now()
		v, err := p.nodes[t.Node].Op().Do(in...)
		t.Time = time.Since(start)
		if err != nil {
			return errors.Wrapf(err, "node %d", t.Node)
		}
		p.values[t.Node] = v
	}
	return nil
}
