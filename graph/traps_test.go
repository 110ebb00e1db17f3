package graph_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"weak"

	"tapenet/graph"
)

// The tests of this file each guard against one defect of Gorgonia v0.9.18 that
// a lowering could inherit.

// eachLowering runs f for every lowering.
func eachLowering(t *testing.T, f func(t *testing.T, lowering graph.Lowering)) {
	for _, lowering := range graph.Lowerings() {
		t.Run(string(lowering), func(t *testing.T) { f(t, lowering) })
	}
}

// Gorgonia's Rectify has gradient 1 at 0. Under zero biases every black pixel
// is such a 0.
func TestRectifyGradientAtZero(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{
			graph.Conv2d(3, 2), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(4), graph.Rectify, graph.Dense(3), graph.SoftMax,
		}, 4, 1, 7, 7)
		for _, p := range c.net.Params {
			if p.FanIn == 0 {
				clear(p.Of(c.weights))
			}
		}
		clear(c.x[:2*49]) // two black images
		c.classes = []int{0, 1, 2, 0}
		c.check(t, lowering)
	})
}

// Gorgonia's SoftMax over the last axis subtracts the first logit of the batch,
// so that rows far from it vanish or overflow.
func TestSoftMaxRowsFarApart(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for _, logits := range [][]float32{
			{90, 0, 0, 1, 2, 3},
			{200, 0, 0, 1, 2, 3},
			{0, 0, 0, 200, 0, 0},
			{-300, -301, -302, 5, 400, 390},
		} {
			c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Dense(3), graph.SoftMax}, 2, 3)
			clear(c.weights)
			for i := range 3 {
				c.weights[4*i] = 1 // the identity, so that x are the logits
			}
			copy(c.x, logits)
			c.classes = []int{1, 2}
			c.check(t, lowering)
		}
	})
}

// Gorgonia's Reshape shares memory with its input, so that an op in place
// after it would change the images.
func TestRunLeavesInputsAlone(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Flatten, graph.Rectify, graph.Dense(3), graph.SoftMax}, 3, 1, 2, 3)
		m, packed := c.compile(t, lowering, graph.Training)
		before, x, y := slices.Clone(packed), slices.Clone(m.X), slices.Clone(m.Y)
		for range 2 {
			if _, err := m.Run(make([]float32, len(packed)), false); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(m.X, x) || !slices.Equal(m.Y, y) || !slices.Equal(packed, before) {
			t.Error("a run changed its images, classes or weights")
		}
	})
}

// A tape machine that is not reset executes nothing, and says nothing.
func TestRunSeesNewInputs(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Dense(5), graph.Rectify, graph.Dense(3), graph.SoftMax}, 2, 4)
		c.classes = []int{0, 1}
		m, packed := c.compile(t, lowering, graph.Training)
		for i := range 3 {
			c.x[i] += 1
			packed[i] += 1
			var err error
			if c.weights, err = c.net.Unpack(lowering, packed); err != nil {
				t.Fatal(err)
			}
			c.fill(m)
			m.Changed()
			got, err := m.Run(make([]float32, len(packed)), false)
			if err != nil {
				t.Fatal(err)
			}
			if want := c.reference().Loss; math.Abs(got.Loss-want) > 1e-5*want {
				t.Errorf("run %d: got loss %g, want %g", i+1, got.Loss, want)
			}
		}
	})
}

// Gradients must not add up over the runs, unless asked to.
func TestRunAddsGradient(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Dense(5), graph.Rectify, graph.Dense(3), graph.SoftMax}, 2, 4)
		c.classes = []int{0, 1}
		m, packed := c.compile(t, lowering, graph.Training)
		grad := make([]float32, len(packed))
		for i := range grad {
			grad[i] = float32(math.NaN()) // add=false must not read it
		}
		for _, add := range []bool{false, false, true} {
			if _, err := m.Run(grad, add); err != nil {
				t.Fatal(err)
			}
		}
		got, err := c.net.Unpack(lowering, grad)
		if err != nil {
			t.Fatal(err)
		}
		want := c.reference().Grad
		for i := range want {
			want[i] *= 2
		}
		if far, d := apart(got, want, 1e-5); far {
			t.Errorf("one run and one more added: off by %g", d)
		}
	})
}

// A machine fills whatever vector it is given, and more of them than it remembers;
// one of another length is an error.
func TestRunFillsAnyVector(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Dense(5), graph.Rectify, graph.Dense(3), graph.SoftMax}, 2, 4)
		c.classes = []int{0, 1}
		m, packed := c.compile(t, lowering, graph.Training)
		vectors := make([][]float32, 40)
		for i := range vectors {
			vectors[i] = make([]float32, len(packed))
		}
		for range 2 {
			for i, grad := range vectors {
				clear(grad)
				if _, err := m.Run(grad, false); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(grad, vectors[0]) || !slices.ContainsFunc(grad, func(v float32) bool { return v != 0 }) {
					t.Fatalf("vector %d: got %v, want %v", i, grad, vectors[0])
				}
			}
		}
		for _, n := range []int{0, len(packed) - 1, len(packed) + 1} {
			if _, err := m.Run(make([]float32, n), false); err == nil {
				t.Errorf("no error for %d gradients, want one: there are %d", n, len(packed))
			}
		}
	})
}

// MaxPool2D's gradient panics on a window of NaNs, in a goroutine where no one
// can recover.
func TestNaNIsAnError(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for _, where := range []string{"weight", "image"} {
			c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{
				graph.Conv2d(2, 2), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(3), graph.SoftMax,
			}, 2, 1, 5, 5)
			c.classes = []int{0, 1}
			v := c.weights
			if where == "image" {
				v = c.x
			}
			for i := range v {
				v[i] = float32(math.NaN())
			}
			m, packed := c.compile(t, lowering, graph.Training)
			if _, err := m.Run(make([]float32, len(packed)), false); !errors.Is(err, graph.ErrNaN) {
				t.Errorf("NaN in every %s: got error %v, want ErrNaN", where, err)
			}
		}
	})
}

// Gorgonia sets a finalizer on its tape machines, which are in cycles of pointers:
// Go would never free them, nor the memory of all their tensors.
func TestMachinesAreFreed(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		net, err := graph.Sequential{graph.Flatten, graph.Dense(3), graph.SoftMax}.Build(1, 4, 4)
		if err != nil {
			t.Fatal(err)
		}
		weights, err := net.Pack(lowering, make([]float32, net.NumParams()))
		if err != nil {
			t.Fatal(err)
		}
		m, err := net.Compile(lowering, 2, weights, graph.Training)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Run(make([]float32, len(weights)), false); err != nil {
			t.Fatal(err)
		}
		p := weak.Make(m)
		m = nil
		for range 3 {
			runtime.GC()
		}
		if p.Value() != nil {
			t.Error("a machine that nobody uses is still there")
		}
	})
}
