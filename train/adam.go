package train

import (
	"math"

	"github.com/pkg/errors"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph"
)

// Adam is Keras's Adam (Kingma and Ba 2014; keras/src/optimizers/adam.py), in
// float32 throughout as Keras computes it. Its epsilon stands outside the bias
// correction, unlike PyTorch's and Gorgonia's:
//
//	m += (g-m)·(1-β1)   v += (g²-v)·(1-β2)   w -= α·m / (√v+ε)
//	α = η·√(1-β2ᵗ) / (1-β1ᵗ)
//
// It is a gorgonia.Solver whose state can be read and set. The zero Adam with a
// learning rate is one that has seen no gradient.
type Adam struct {
	LearningRate float32   // η
	Steps        int       // t, the steps done
	M, V         []float32 // running means of the gradient and its square, one for each weight; nil before the first step
}

var _ G.Solver = (*Adam)(nil)

const (
	beta1   = 0.9
	beta2   = 0.999
	epsilon = 1e-7
)

// step is the arithmetic of the next step, for gradients that are sums over
// batch images.
func (a *Adam) step(batch int) graph.AdamStep {
	power := func(beta float32) float32 { return float32(math.Pow(float64(beta), float64(a.Steps+1))) }
	alpha := a.LearningRate * float32(math.Sqrt(float64(1-power(beta2)))) / (1 - power(beta1))
	return graph.AdamStep{Alpha: float64(alpha), Beta1: beta1, Beta2: beta2, Epsilon: epsilon, Scale: 1 / float64(batch)}
}

// Step moves the values of model along their gradients and sets those to zero.
// It takes float32 tensors, the same ones in the same order every time.
func (a *Adam) Step(model []G.ValueGrad) error {
	var weights, grads [][]float32
	size := 0
	for i, p := range model {
		w, err := float32s(p.Value())
		if err != nil {
			return errors.WithMessagef(err, "value %d", i)
		}
		grad, err := p.Grad()
		if err != nil {
			return errors.Wrapf(err, "gradient %d", i)
		}
		g, err := float32s(grad)
		if err != nil {
			return errors.WithMessagef(err, "gradient %d", i)
		}
		if len(g) != len(w) {
			return errors.Errorf("gradient %d: got %d values, want %d", i, len(g), len(w))
		}
		weights, grads, size = append(weights, w), append(grads, g), size+len(w)
	}
	if a.M == nil && a.V == nil {
		a.M, a.V = make([]float32, size), make([]float32, size)
	}
	if len(a.M) != size || len(a.V) != size {
		return errors.Errorf("got %d values, the former steps had %d", size, len(a.M))
	}
	step, at := a.step(1), 0
	for i, w := range weights {
		n := len(w)
		step.Step(0, n, w, a.M[at:at+n], a.V[at:at+n], grads[i:i+1])
		clear(grads[i])
		at += n
	}
	a.Steps++
	return nil
}

func float32s(v G.Value) ([]float32, error) {
	t, ok := v.(*tensor.Dense)
	if !ok || t.Dtype() != tensor.Float32 || t.RequiresIterator() {
		return nil, errors.Errorf("got %T, want a dense float32 tensor in order", v)
	}
	return t.Float32s(), nil
}
