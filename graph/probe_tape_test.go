package graph

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	G "gorgonia.org/gorgonia"

	"tapenet/graph/internal/kernel"
)

// probeOf is a probe of a network with random weights and pixels that has run with
// a random selector.
func probeOf(t *testing.T, layers Sequential, in ...int) *Probe {
	t.Helper()
	net, err := layers.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(v []float32) []float32 {
		for i := range v {
			v[i] = rng.Float32() - 0.5
		}
		return v
	}
	p, err := net.Probe(random(make([]float32, net.NumParams())))
	if err != nil {
		t.Fatal(err)
	}
	random(p.X)
	if err := p.Run(random(make([]float32, p.selector.Shape().TotalSize()))); err != nil {
		t.Fatal(err)
	}
	return p
}

// eachProbe calls f for probes of some networks.
func eachProbe(t *testing.T, f func(t *testing.T, p *Probe)) {
	one := Sequential{Conv2d(4, 3), Rectify, MaxPool2D(2), Flatten, Dense(7), Rectify, Dense(4), SoftMax}
	t.Run("one layer", func(t *testing.T) { f(t, probeOf(t, one, 1, 9, 9)) })
	t.Run("every layer", func(t *testing.T) { f(t, probeOf(t, everyLayer, 2, 9, 8)) })
	t.Run("image", func(t *testing.T) { f(t, probeOf(t, Sequential{Conv2d(4, 3), MaxPool2D(2)}, 2, 9, 9)) })
	t.Run("SoftMax", func(t *testing.T) { f(t, probeOf(t, Sequential{SoftMax}, 5)) })
}

// TestProbeIsTheTape: a probe executes the instructions of Gorgonia's program in
// its order, and has the bits that a tape machine has when it keeps a copy of each
// value.
func TestProbeIsTheTape(t *testing.T) {
	instruction := regexp.MustCompile(`(?m)^\t\d+\t([0-9a-f]+):(.*)$`) // as in TestNodesOrder
	eachProbe(t, func(t *testing.T, p *Probe) {
		prog, _, err := G.Compile(p.m.graph)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []int
		nodes := p.Nodes()
		for _, line := range instruction.FindAllStringSubmatch(prog.String(), -1) {
			id, err := strconv.ParseInt(line[1], 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			if nodes[id].Op != "" && line[2] != "" {
				want = append(want, int(id))
			}
		}
		var all time.Duration
		for i, in := range p.Tape() {
			got = append(got, in.Node)
			all += in.Time
			if nodes[in.Node].Order != i {
				t.Errorf("%+v is instruction %d", nodes[in.Node], i)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("- the program's order, + the tape's\n%s", diff)
		}
		if all == 0 {
			t.Error("a run took no time")
		}
		values := make([][]float32, len(nodes))
		for id := range nodes {
			values[id] = slices.Clone(p.Value(id)) // ops of our own have one result for all runs
		}
		if err := G.NewTapeMachine(p.m.graph, G.TraceExec()).RunAll(); err != nil {
			t.Fatal(err)
		}
		for id, n := range p.m.graph.AllNodes() {
			p.values[id] = n.Value()
			if traced := p.Value(id); len(traced) == 0 || !slices.Equal(values[id], traced) {
				t.Errorf("%+v: got %v, a tape machine %v", nodes[id], values[id], traced)
			}
		}
	})
}

// TestProbeReads: the tape has the edges of the graph.
func TestProbeReads(t *testing.T) {
	eachProbe(t, func(t *testing.T, p *Probe) {
		tape := p.Tape()
		place := func(node int64) int {
			return slices.IndexFunc(tape, func(in Instruction) bool { return in.Node == int(node) })
		}
		for i, in := range tape {
			var reads []int
			for it := p.m.graph.From(int64(in.Node)); it.Next(); {
				if j := place(it.Node().ID()); j >= 0 {
					reads = append(reads, j)
				}
			}
			last := i
			for it := p.m.graph.To(int64(in.Node)); it.Next(); {
				last = max(last, place(it.Node().ID()))
			}
			if !slices.Equal(in.Reads, reads) || in.Last != last {
				t.Errorf("%d: got %+v, want it to read %v, and its last reader to be %d", i, in, reads, last)
			}
		}
	})
}

// TestProbeCompletes: every layer's result is completed by one instruction, and so
// is every gradient but that by the logits, which is the selector.
func TestProbeCompletes(t *testing.T) {
	eachProbe(t, func(t *testing.T, p *Probe) {
		var got, want [2][]string // results, gradients
		nodes := p.Nodes()
		for _, in := range p.Tape() {
			if in.Completes == "" {
				continue
			}
			at, of := 0, p.Result(in.Completes)
			if nodes[in.Node].Grad {
				at, of = 1, p.Gradient(in.Completes)
			}
			got[at] = append(got[at], in.Completes)
			value := slices.Sorted(slices.Values(p.Value(in.Node))) // a weight's may be transposed
			if !slices.Equal(value, slices.Sorted(slices.Values(of))) {
				t.Errorf("%+v: got %v, but it completes %v", in, value, of)
			}
		}
		for _, l := range p.net.Layers {
			want[0] = append(want[0], l.Name)
		}
		want[1] = append([]string{"x"}, want[0]...)
		if p.net.Layers[len(p.net.Layers)-1].Kind == KindSoftMax {
			want[1] = want[1][:len(want[1])-1]
		}
		want[1] = want[1][:len(want[1])-1] // the logits
		for _, q := range p.net.Params {
			want[1] = append(want[1], q.Name)
		}
		for i := range got {
			slices.Sort(got[i])
			slices.Sort(want[i])
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("- want, + got\n%s", diff)
		}
	})
}

// TestProbeWinnersAreFused: where values are equal, the fused op has the same
// winners. Its gradient shows where they are.
func TestProbeWinnersAreFused(t *testing.T) {
	const c, h, w, side = 2, 9, 8, 2
	p := probeOf(t, Sequential{MaxPool2D(side)}, c, h, w)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range p.X {
		p.X[i] = float32(rng.IntN(3))
	}
	if err := p.Run(nil); err != nil {
		t.Fatal(err)
	}
	plan, err := kernel.NewMaxPool(kernel.MaxPoolConfig{N: 1, H: h, W: w, C: c, P: side})
	if err != nil {
		t.Fatal(err)
	}
	size := p.net.Out().Size()
	x, y, dy, dx := Aligned(len(p.X)), Aligned(size), Aligned(size), Aligned(len(p.X))
	permute(p.net.In, []int{1, 2, 0}, func(last, first int) { x[last] = p.X[first] })
	for i := range dy {
		dy[i] = float32(i + 1)
	}
	plan.Forward(1, x, y)
	plan.GradInput(1, dy, dx)
	winners := p.Winners("pool1")
	permute(p.net.Out(), []int{1, 2, 0}, func(last, first int) {
		channel := first / (size / c)
		if at := int(winners[first])*c + channel; dx[at] != dy[last] {
			t.Errorf("result %d: pixel %d of map %d did not win", first, winners[first], channel)
		}
	})
}
