package graph

import (
	"sync"
	"time"
)

// shared is how a machine's work is shared among goroutines. The zero value leaves
// all of it to the one that calls Run.
type shared struct {
	parts  int
	run    func(n int, do func(part int))
	later  []func() // what nothing else in the run reads: done side by side at its end
	timing sync.Mutex
}

// Share cuts the work of later runs into parts and hands them to run, which calls do
// for each part below n, several at the same time, and returns when all are done.
// Those who run parts may be fewer or more than the parts. No bit of a result depends
// on it.
//
// The ops of Conv2d, Dense, MaxPool2D and Dropout are cut in the lowering Fused, the
// others take too little time. Each part has scratch memory of its own, about that of
// one image and of the gradient of one convolution's weights.
func (m *Machine) Share(parts int, run func(n int, do func(part int))) {
	m.shared.parts, m.shared.run = parts, run
}

// shareable is something that computes and, if it can be shared, its parts, each of
// which takes the same arguments and does a share of the work.
type shareable[T any] struct {
	whole T
	part  func(i, n int) T // nil: there are no parts
	most  int              // parts that are worth a goroutine
	parts []T
}

// little is work that takes about as long as it takes to share it, in multiply-adds.
const little = 1 << 17

// newShareable is whole with parts, given its work in multiply-adds.
func newShareable[T any](whole T, work int, part func(i, n int) T) *shareable[T] {
	return &shareable[T]{whole: whole, part: part, most: 1 + work/little}
}

// of returns the parts for a machine; none, if it does not share.
func (s *shareable[T]) of(m *Machine) []T {
	n := min(m.shared.parts, s.most)
	if n <= 1 || s.part == nil {
		return nil
	}
	if len(s.parts) != n {
		s.parts = nil
		for i := range n {
			s.parts = append(s.parts, s.part(i, n))
		}
	}
	return s.parts
}

// each calls do for s, or for each of its parts, and adds the time to m.Times.
func each[T any](m *Machine, name string, s *shareable[T], do func(T)) {
	parts := s.of(m)
	if parts == nil {
		m.timed(name, func() { do(s.whole) })
		return
	}
	m.shared.run(len(parts), func(i int) { m.timed(name, func() { do(parts[i]) }) })
}

// eachLater is each at the end of the run, if the machine shares its work: for what is
// in no other op's input. Then the parts of several ops are done side by side.
func eachLater[T any](m *Machine, name string, s *shareable[T], do func(T)) {
	if m.shared.run == nil {
		each(m, name, s, do)
		return
	}
	parts := s.of(m)
	if parts == nil {
		parts = []T{s.whole}
	}
	for _, p := range parts {
		m.shared.later = append(m.shared.later, func() { m.timed(name, func() { do(p) }) })
	}
}

// finish does what was left for later, the last ops first: those are the
// convolutions, whose parts are the largest.
func (s *shared) finish() {
	if n := len(s.later); n > 0 {
		s.run(n, func(i int) { s.later[n-1-i]() })
	}
}

// timed calls do, and adds the time it takes to m.Times, if that is not nil.
func (m *Machine) timed(name string, do func()) {
	if m.Times == nil {
		do()
		return
	}
	start := time.Now()
	do()
	took := time.Since(start)
	m.shared.timing.Lock()
	m.Times[name] += took
	m.shared.timing.Unlock()
}
