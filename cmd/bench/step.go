package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"tapenet/graph"
	"tapenet/train"
)

// The step that is taken apart, cut as package train cuts it.
const (
	stepBatch  = 200
	stepLanes  = 4
	stepImages = stepBatch / stepLanes // of a micro-batch
)

// The parts of a step that are no ops.
const (
	partImages = "gathering images"
	partAdam   = "Adam"
	partRest   = "rest: tape machine"
	partWhole  = "step"
)

// part is an op, or something else that takes time.
type part struct {
	Name   string  `json:"name"`
	FLOP   int     `json:"flop_per_image,omitempty"`
	Micros spread  `json:"us_per_image"`
	GFLOPS float64 `json:"gflops,omitempty"`
	OfPeak float64 `json:"of_peak,omitempty"`
}

// newPart is a part of samples in µs an image; its rate is that of the shortest.
func newPart(name string, flop int, samples []float64, peak float64) part {
	p := part{Name: name, FLOP: flop, Micros: spreadOf(samples)}
	if flop > 0 {
		p.GFLOPS = float64(flop) / p.Micros.Min / 1e3
		p.OfPeak = p.GFLOPS / peak
	}
	return p
}

// step is where the time of a training step of one worker goes.
type step struct {
	Network string `json:"network"`
	Parts   []part `json:"parts"` // the last is the step itself
}

// measureStep trains with a look at the clock after every part.
func (b *bench) measureStep(ctx context.Context, n network) (*step, error) {
	s, err := newStepper(n)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(b.step); len(s.samples) == 0 || time.Now().Before(end); {
		if err := s.take(b.data); err != nil {
			return nil, err
		}
	}
	return &step{n.name, s.parts(b.Processor.Peak)}, ctx.Err()
}

// stepper trains a network as package train does with one worker.
type stepper struct {
	net           *graph.Network
	machine       *graph.Machine
	weights, m, v []float32
	grads         [][]float32
	samples       map[string][]float64 // by part, µs an image
}

func newStepper(n network) (*stepper, error) {
	net, initial, err := n.build()
	if err != nil {
		return nil, err
	}
	weights, err := net.Pack(graph.Fused, initial)
	if err != nil {
		return nil, err
	}
	machine, err := net.Compile(graph.Fused, stepImages, weights, graph.Training)
	if err != nil {
		return nil, err
	}
	machine.TrustGradient = true
	machine.Times = map[string]time.Duration{}
	s := &stepper{net: net, machine: machine, weights: weights, samples: map[string][]float64{}}
	s.m, s.v = graph.Aligned(len(weights)), graph.Aligned(len(weights))
	for range stepLanes {
		s.grads = append(s.grads, graph.Aligned(len(weights)))
	}
	return s, nil
}

// take takes a step over random images of d.
func (s *stepper) take(d train.Data) error {
	times := s.machine.Times // where the ops add theirs
	clear(times)
	begin := time.Now()
	for _, grad := range s.grads {
		start := time.Now()
		s.gather(d)
		times[partImages] += time.Since(start)
		if _, err := s.machine.Run(grad, false); err != nil {
			return err
		}
	}
	start := time.Now()
	update := graph.AdamStep{Alpha: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Scale: 1. / stepBatch}
	update.Step(0, len(s.weights), s.weights, s.m, s.v, s.grads)
	s.machine.Changed()
	times[partAdam] = time.Since(start)
	whole := time.Since(begin)
	rest := whole
	for _, t := range times {
		rest -= t
	}
	times[partRest], times[partWhole] = rest, whole
	for name, t := range times {
		s.samples[name] = append(s.samples[name], t.Seconds()*1e6/stepBatch)
	}
	return nil
}

// gather sets the machine's inputs to random images.
func (s *stepper) gather(d train.Data) {
	m := s.machine
	size, classes := len(m.X)/m.N, len(m.Y)/m.N
	clear(m.Y)
	for i := range m.N {
		k := rand.IntN(d.Len())
		graph.ScaleBytes(m.X[i*size:(i+1)*size], d.Pixels[k*size:(k+1)*size])
		m.Y[i*classes+int(d.Labels[k])] = 1
	}
}

// parts are what was sampled: the ops that owe work in their order, the other
// ops, the parts that are no ops.
func (s *stepper) parts(peak float64) []part {
	order := append(stepWork(s.net), work{partImages, 0}, work{partAdam, 0}, work{partRest, 0}, work{partWhole, stepFLOP(s.net)})
	at := len(order) - 4
	for _, op := range slices.Backward(slices.Sorted(maps.Keys(s.samples))) {
		// The ops of biases, and the gradient of the loss, hand out what the op
		// before has computed.
		hands := strings.HasPrefix(op, "∂ ") && (strings.HasSuffix(op, ".bias") || strings.HasSuffix(op, " loss"))
		if !hands && !slices.ContainsFunc(order, func(w work) bool { return w.op == op }) {
			order = slices.Insert(order, at, work{op, 0})
		}
	}
	parts := make([]part, len(order))
	for i, w := range order {
		parts[i] = newPart(w.op, w.flop, s.samples[w.op], peak)
	}
	return parts
}

func (s *step) table() table {
	t := table{
		title: fmt.Sprintf("Training step of %s: 1 worker, batch %d in micro-batches of %d", s.Network, stepBatch, stepImages),
		head:  []string{"", "FLOP/image", "µs/image", "median", "GFLOP/s", "of peak"},
		notes: []string{"The first convolution owes less than is counted: it leaves out the blank parts of MNIST's digits."},
	}
	for _, p := range s.Parts {
		t.add(p.Name, p.FLOP, p.Micros.Min, p.Micros.Median, p.GFLOPS, percent(p.OfPeak))
	}
	return t
}
