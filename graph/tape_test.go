package graph

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
)

// TestInCaller: a fused machine executes its tape in the goroutine that calls
// Run. If another Gorgonia does not allow that any more, training still works,
// at half the speed with two workers; this test says so.
func TestInCaller(t *testing.T) {
	net, err := Sequential{Dense(2), SoftMax}.Build(3)
	if err != nil {
		t.Fatal(err)
	}
	_, size := net.slots(fused{})
	for _, mode := range []Mode{Forward, Training} {
		var stack string
		look := lookingOn{do: func() {
			buf := make([]byte, 1<<16)
			stack = string(buf[:runtime.Stack(buf, false)])
		}}
		m, err := net.compile(look, 1, make([]float32, size), mode)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.run(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stack, "TestInCaller") {
			t.Errorf("mode %d: an op runs in another goroutine:\n%s", mode, stack)
		}
	}
}

// TestInCallerNeedsInstructions: a program of another kind is an error, so that a
// machine can run by RunAll.
func TestInCallerNeedsInstructions(t *testing.T) {
	run := func([]string) error { return nil }
	for _, program := range []any{&struct{ instructions []int }{}, &struct{ code []string }{}} {
		if _, err := inCaller(run, program); err == nil {
			t.Errorf("%+v: no error", program)
		}
	}
}

// lookingOn is a lowering to one op that calls do.
type lookingOn struct {
	fused
	do func()
}

func (l lookingOn) build(b *builder) error {
	o := b.newOp("look", G.Nodes{b.x}, shapeOf(b.x), func(in []G.Value) (G.Value, error) {
		l.do()
		return in[0], nil
	})
	_, err := G.ApplyOp(&o, b.x)
	return err
}

// TestRunMatchesRunAll: executing the tape in the caller's goroutine gives the
// bits that Gorgonia's RunAll gives.
func TestRunMatchesRunAll(t *testing.T) {
	for name, layers := range map[string]Sequential{
		"one layer": {Conv2d(16, 5), Rectify, MaxPool2D(2), Flatten, Dense(20), Rectify, Dense(10), SoftMax},
		"two layer": {Conv2d(16, 5), Rectify, MaxPool2D(2), Conv2d(8, 2), Rectify, MaxPool2D(2), Flatten, Dense(20), Rectify, Dense(10), SoftMax},
		"odd":       {Rectify, Conv2d(3, 2), MaxPool2D(3), Rectify, Flatten, Dense(7), SoftMax, Dense(10), SoftMax},
	} {
		net, err := layers.Build(1, 28, 28)
		if err != nil {
			t.Fatal(err)
		}
		_, size := net.slots(fused{})
		rng := rand.New(rand.NewPCG(1, 2))
		weights := make([]float32, size)
		for i := range weights {
			weights[i] = rng.Float32() - 0.5
		}
		m, err := net.Compile(Fused, 6, weights, Training)
		if err != nil {
			t.Fatal(err)
		}
		var grads [2][]float32
		var scores [2]Score
		for how, run := range []func() error{m.run, m.runAll} {
			rng := rand.New(rand.NewPCG(3, 4))
			m.run = run
			for range 3 { // registers keep their values between runs of Run
				for i := range m.X {
					m.X[i] = rng.Float32()
				}
				clear(m.Y)
				for i := range m.N {
					m.Y[i*10+rng.IntN(10)] = 1
				}
				grads[how] = make([]float32, size)
				if scores[how], err = m.Run(grads[how], false); err != nil {
					t.Fatal(err)
				}
			}
		}
		if !slices.Equal(grads[0], grads[1]) || scores[0] != scores[1] {
			t.Errorf("%s: Run and RunAll differ: scores %+v", name, scores)
		}
	}
}

// TestRunAllocatesLittle: ops own their results, so that what a run allocates
// is the tape machine's own, some words for each instruction, whatever the size
// of the images.
func TestRunAllocatesLittle(t *testing.T) {
	net, err := Sequential{Conv2d(16, 5), Rectify, MaxPool2D(2), Flatten, Dense(100), Rectify, Dense(10), SoftMax}.Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	_, size := net.slots(fused{})
	for _, n := range []int{5, 50} {
		m, err := net.Compile(Fused, n, make([]float32, size), Training)
		if err != nil {
			t.Fatal(err)
		}
		grad := make([]float32, size)
		const runs = 50
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		allocs := testing.AllocsPerRun(runs, func() {
			m.Changed()
			if _, err := m.Run(grad, false); err != nil {
				t.Fatal(err)
			}
		})
		runtime.ReadMemStats(&after)
		first := uint64(4 * (size + n*20000)) // kernels make their scratch in the first run
		if bytes := after.TotalAlloc - before.TotalAlloc; allocs > 100 || bytes > first+runs*4<<10 {
			t.Errorf("%d images: %.0f allocations a run, %d bytes in %d runs", n, allocs, bytes, runs)
		}
	}
}
