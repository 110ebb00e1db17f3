package fast_test

import (
	"math"
	"slices"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/fast"
)

// dropouts is a graph with two Dropouts of the same ones.
type dropouts struct {
	g        *G.ExprGraph
	x, a, b  *G.Node
	gradient *G.Node // of Σ a by x
}

const dropRate, dropSize = 0.25, 1 << 16

func newDropouts(t *testing.T) *dropouts {
	d := &dropouts{g: G.NewGraph()}
	ones := slices.Repeat([]float32{1}, dropSize)
	d.x = input(d.g, "x", tensor.Shape{4, dropSize / 4}, ones)
	d.a, d.b = G.Must(fast.Dropout(d.x, dropRate)), G.Must(fast.Dropout(d.x, dropRate))
	grads, err := G.Grad(G.Must(G.Sum(d.a)), d.x)
	if err != nil {
		t.Fatal(err)
	}
	d.gradient = grads[0]
	return d
}

// run returns both results and the gradient.
func (d *dropouts) run(t *testing.T, m G.VM) (a, b, grad []float32) {
	t.Helper()
	if err := m.RunAll(); err != nil {
		t.Fatal(err)
	}
	m.Reset()
	return slices.Clone(floats(d.a.Value())), slices.Clone(floats(d.b.Value())), slices.Clone(floats(d.gradient.Value()))
}

func TestDropout(t *testing.T) {
	d := newDropouts(t)
	m := G.NewTapeMachine(d.g)
	defer m.Close()
	a, b, grad := d.run(t, m)
	kept := 0
	for i, v := range a {
		if v != 0 && v != float32(1/(1-dropRate)) {
			t.Fatalf("value %d: got %g, want 0 or 1/%g", i, v, 1-dropRate)
		}
		if v != 0 {
			kept++
		}
	}
	if far := 5 * math.Sqrt(dropRate*(1-dropRate)*dropSize); math.Abs(float64(kept)-(1-dropRate)*dropSize) > far {
		t.Errorf("%d of %d values are kept, want %g", kept, dropSize, (1-dropRate)*dropSize)
	}
	if !slices.Equal(grad, a) {
		t.Error("the gradient has another mask than the result")
	}
	if slices.Equal(a, b) {
		t.Error("two Dropouts of a graph have the same mask")
	}
	a2, _, grad2 := d.run(t, m)
	if slices.Equal(a2, a) {
		t.Error("the second run has the mask of the first")
	}
	if !slices.Equal(grad2, a2) {
		t.Error("second run: the gradient has another mask than the result")
	}
}

// TestSeedDropout: the seed and the number of the run decide, in any graph that is built the same way.
func TestSeedDropout(t *testing.T) {
	d := newDropouts(t)
	m := G.NewTapeMachine(d.g)
	fast.SeedDropout(d.g, 7, 0)
	var as, bs [][]float32
	for range 3 {
		a, b, _ := d.run(t, m)
		as, bs = append(as, a), append(bs, b)
	}
	resumed := newDropouts(t)
	fast.SeedDropout(resumed.g, 7, 2)
	a, b, _ := resumed.run(t, G.NewTapeMachine(resumed.g))
	if !slices.Equal(a, as[2]) || !slices.Equal(b, bs[2]) {
		t.Error("a resume at run 2 has another mask")
	}
	fast.SeedDropout(resumed.g, 8, 2)
	if a, _, _ := resumed.run(t, G.NewTapeMachine(resumed.g)); slices.Equal(a, as[2]) {
		t.Error("another seed has the same mask")
	}
}

// TestDropoutInEvaluation: a machine in evaluation drops nothing and is no run; the next in training goes on.
func TestDropoutInEvaluation(t *testing.T) {
	want := newDropouts(t)
	m := G.NewTapeMachine(want.g)
	want.run(t, m)
	second, _, _ := want.run(t, m)

	d := newDropouts(t)
	d.run(t, G.NewTapeMachine(d.g))
	a, _, grad := d.run(t, G.NewTapeMachine(d.g, G.EvalMode()))
	if ones := floats(d.x.Value()); !slices.Equal(a, ones) || !slices.Equal(grad, ones) {
		t.Error("evaluation drops values")
	}
	if a, _, _ := d.run(t, G.NewTapeMachine(d.g)); !slices.Equal(a, second) {
		t.Error("the run after an evaluation is not the second")
	}
}
