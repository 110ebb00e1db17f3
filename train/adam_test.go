package train

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// param is a gorgonia.ValueGrad of two tensors.
type param struct{ w, g *tensor.Dense }

func (p param) Value() G.Value         { return p.w }
func (p param) Grad() (G.Value, error) { return p.g, nil }

func vector(v ...float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(len(v)), tensor.WithBacking(v))
}

// TestAdamIsKeras takes ten steps with gradients of all sizes, and compares
// with the formula in float64. Small gradients tell where epsilon stands.
func TestAdamIsKeras(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 37
	sizes := [2]int{30, n - 30}
	w := [2][]float32{make([]float32, sizes[0]), make([]float32, sizes[1])}
	g := [2][]float32{make([]float32, sizes[0]), make([]float32, sizes[1])}
	model := []G.ValueGrad{param{vector(w[0]...), vector(g[0]...)}, param{vector(w[1]...), vector(g[1]...)}}
	a := Adam{LearningRate: 1e-3}
	var want, m, v, most [n]float64 // most is the largest gradient so far
	for step := 1.; step <= 10; step++ {
		for i := range n {
			grad := rng.NormFloat64() * math.Pow(10, -float64(i%9))
			p, j := 0, i
			if i >= sizes[0] {
				p, j = 1, i-sizes[0]
			}
			model[p].(param).g.Float32s()[j] = float32(grad)
			grad = float64(float32(grad))
			most[i] = max(most[i], math.Abs(grad))
			m[i] += (grad - m[i]) * 0.1
			v[i] += (grad*grad - v[i]) * 0.001
			want[i] -= 1e-3 * math.Sqrt(1-math.Pow(0.999, step)) / (1 - math.Pow(0.9, step)) * m[i] / (math.Sqrt(v[i]) + 1e-7)
		}
		if err := a.Step(model); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			p, j := 0, i
			if i >= sizes[0] {
				p, j = 1, i-sizes[0]
			}
			// float32's powers of β2 are off by 1e-5 of 1-β2ᵗ in the first steps.
			if got := float64(model[p].(param).w.Float32s()[j]); math.Abs(got-want[i]) > 2e-5*math.Abs(want[i])+1e-8 {
				t.Errorf("step %.0f, weight %d: got %.9g, want %.9g", step, i, got, want[i])
			}
			if model[p].(param).g.Float32s()[j] != 0 {
				t.Errorf("step %.0f: gradient %d is not cleared", step, i)
			}
			if got := float64(a.M[i]); math.Abs(got-m[i]) > 1e-6*most[i] {
				t.Errorf("step %.0f: M[%d] is %g, want %g", step, i, got, m[i])
			}
		}
	}
	if a.Steps != 10 || len(a.M) != n || len(a.V) != n {
		t.Errorf("state: %d steps, %d and %d moments", a.Steps, len(a.M), len(a.V))
	}
}

func TestAdamErrors(t *testing.T) {
	two := []G.ValueGrad{param{vector(1, 2), vector(1, 2)}}
	a := Adam{LearningRate: 1}
	if err := a.Step(two); err != nil {
		t.Fatal(err)
	}
	for want, model := range map[string][]G.ValueGrad{
		"got 3 values, the former steps had 2":  {param{vector(1, 2, 3), vector(1, 2, 3)}},
		"gradient 0: got 1 values, want 2":      {param{vector(1, 2), vector(1)}},
		"value 0: got *tensor.Dense, want a de": {param{tensor.New(tensor.WithBacking([]float64{1, 2})), vector(1, 2)}},
	} {
		if err := a.Step(model); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
	if a.Steps != 1 {
		t.Errorf("got %d steps, want 1: an error is no step", a.Steps)
	}
}
