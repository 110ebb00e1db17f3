package graph_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tapenet/graph"

	"pgregory.net/rapid"
)

func nan[F float32 | float64](v []F) bool {
	return slices.ContainsFunc(v, func(x F) bool { return x != x })
}

func infinite(v []float32) bool {
	return slices.ContainsFunc(v, func(x float32) bool { return math.IsInf(float64(x), 0) })
}

// TestSpecialValues puts infinities and NaN among the pixels and the weights of
// random lists. A NaN is ErrNaN, and where the float64 loops meet none, results
// and gradients are theirs. Where they do, a kernel may have left out a product
// with 0, but never hides a NaN that it computed.
func TestSpecialValues(t *testing.T) {
	inf := float32(math.Inf(1))
	specials := []float32{inf, -inf, float32(math.NaN())}
	atEveryLevel(t, func(t *testing.T) {
		rapid.Check(t, func(r *rapid.T) {
			layers, in := drawLayers(r)
			r.Log(in, layers)
			n := rapid.IntRange(1, 3).Draw(r, "N")
			c := newSample(t, rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1)), layers, n, in...)
			for range rapid.IntRange(1, 3).Draw(r, "specials") {
				where := c.x
				if len(c.weights) > 0 && rapid.IntRange(0, 3).Draw(r, "weight") == 0 {
					where = c.weights
				}
				where[rapid.IntRange(0, len(where)-1).Draw(r, "at")] = rapid.SampledFrom(specials).Draw(r, "special")
			}
			forward, training := c.reference(), c.dropping()
			if min(forward.Margin, training.Margin) < 1e-4 {
				r.Skip("the network sits on a kink")
			}
			trains := layers[len(layers)-1].Kind == graph.KindSoftMax && len(c.weights) > 0
			for _, lowering := range graph.Lowerings() {
				c.checkSpecial(r, lowering, graph.Forward, forward.Outputs, nil)
				if trains {
					c.checkSpecial(r, lowering, graph.Training, training.Outputs, training.Grad)
				}
			}
		})
	})
}

// checkSpecial is check for values that may be infinite or NaN.
func (c sample) checkSpecial(t rapid.TB, lowering graph.Lowering, mode graph.Mode, outputs, grad []float64) {
	t.Helper()
	m, packed := c.compile(t, lowering, mode)
	got := make([]float32, len(packed))
	score, err := m.Run(got, false)
	if err != nil && !errors.Is(err, graph.ErrNaN) {
		t.Fatalf("%s: %v", lowering, err)
	}
	isNaN := nan(outputs) || mode == graph.Training && nan(grad)
	switch {
	case nan(c.x) && err == nil:
		t.Fatalf("%s: a NaN among the pixels: no error", lowering)
	case err != nil && mode == graph.Training && slices.Contains(c.classes, -1) && (infinite(c.x) || infinite(c.weights)):
		return // the gradient of an image that is left out is 0, and 0 times an infinity a NaN; the loops have none
	case err != nil && !isNaN && !nan(c.x) && !nan(c.weights): // Dropout may have dropped what they made
		t.Fatalf("%s: got %v, but there is no NaN", lowering, err)
	case err != nil:
		return
	}
	out, err := m.Outputs()
	if err != nil {
		t.Fatal(err)
	}
	if nan(out) || nan(got) || math.IsNaN(score.Loss) {
		t.Fatalf("%s: a NaN and no error: loss %v, outputs %v, gradient %v", lowering, score.Loss, out, got)
	}
	if isNaN {
		return
	}
	same(t, lowering, "outputs", out, outputs, 1e-4)
	if mode == graph.Training {
		if got, err = c.net.Unpack(lowering, got); err != nil {
			t.Fatal(err)
		}
		same(t, lowering, "gradient", got, grad, 1e-4+c.gradRoundings(0))
	}
}

// same is an error unless each value is want's up to tol, relative where it is more
// than 1, infinities the same.
func same(t rapid.TB, lowering graph.Lowering, what string, got []float32, want []float64, tol float64) {
	t.Helper()
	for i, w := range want {
		if g := float64(got[i]); g != w && !(math.Abs(g-w) <= tol*(1+math.Abs(w))) {
			t.Fatalf("%s: %s %d: got %v, want %v", lowering, what, i, g, w)
		}
	}
}

// A window that holds nothing but -Inf, or the least finite value, has a
// winner: the first. Gorgonia's MaxPool2D has none, and its gradient panics.
func TestPoolOfLeastValues(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for _, least := range []float32{float32(math.Inf(-1)), -math.MaxFloat32} {
			c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.MaxPool2D(2), graph.Flatten}, 1, 1, 2, 2)
			for i := range c.x {
				c.x[i] = least
			}
			m, _ := c.compile(t, lowering, graph.Forward)
			if _, err := m.Run(nil, false); err != nil {
				t.Fatal(err)
			}
			if out, err := m.Outputs(); err != nil || out[0] != least {
				t.Errorf("got %v (%v), want %v", out, err, least)
			}
		}
	})
}

// A NaN is found even where no result depends on it: in a row that no window
// keeps, in an image that does not count, in a gradient alone.
func TestNaNThatHides(t *testing.T) {
	dropped := graph.Sequential{graph.Conv2d(1, 1), graph.MaxPool2D(1), graph.MaxPool2D(2), graph.Flatten, graph.Dense(2), graph.SoftMax}
	masked := graph.Sequential{graph.Flatten, graph.Dense(2), graph.Rectify, graph.Dense(2), graph.SoftMax}
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for name, test := range map[string]struct {
			layers  graph.Sequential
			weights []float32
			pixel   float64 // the last one
			class   int
		}{
			"in no window":         {dropped, []float32{1, 0, 1, -1, 0, 0}, math.NaN(), 0},
			"in no class":          {dropped, []float32{1, 0, 1, -1, 0, 0}, math.NaN(), -1},
			"Inf, in the gradient": {masked, append(slices.Repeat([]float32{-1}, 18), 0, 0, 1, 2, 3, 4, 0, 0), math.Inf(1), 0},
			"weight, in no class":  {masked, append(slices.Repeat([]float32{float32(math.NaN())}, 18), 0, 0, 1, 2, 3, 4, 0, 0), 1, -1},
		} {
			c := newSample(t, rand.New(rand.NewPCG(1, 1)), test.layers, 1, 1, 3, 3)
			copy(c.weights, test.weights)
			for i := range c.x {
				c.x[i] = float32(i)
			}
			c.x[8] = float32(test.pixel)
			c.classes = []int{test.class}
			m, packed := c.compile(t, lowering, graph.Training)
			grad := make([]float32, len(packed))
			if _, err := m.Run(grad, false); !errors.Is(err, graph.ErrNaN) {
				t.Errorf("%s: got error %v and gradient %v, want ErrNaN", name, err, grad)
			}
		}
	})
}

// A NaN among the weights or the classes is found wherever it is, though an input
// of 0 may hide it.
func TestNaNInWeights(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{
			graph.Conv2d(2, 2), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(3), graph.SoftMax,
		}, 1, 2, 6, 6)
		c.classes = []int{0}
		for i := range c.x {
			c.x[i] = -c.x[i] * c.x[i]
		}
		clear(c.weights[:16]) // Rectify gives 0 for all where its bias is not above
		c.weights[16], c.weights[17] = -1, -1
		for _, mode := range []graph.Mode{graph.Forward, graph.Training} {
			for i, was := range c.weights {
				c.weights[i] = float32(math.NaN())
				m, packed := c.compile(t, lowering, mode)
				if score, err := m.Run(make([]float32, len(packed)), false); !errors.Is(err, graph.ErrNaN) {
					t.Errorf("mode %d, weight %d: got score %+v and error %v, want ErrNaN", mode, i, score, err)
				}
				c.weights[i] = was
			}
			m, packed := c.compile(t, lowering, mode)
			m.Y[0] = float32(math.NaN())
			if _, err := m.Run(make([]float32, len(packed)), false); !errors.Is(err, graph.ErrNaN) {
				t.Errorf("mode %d, a class: got error %v, want ErrNaN", mode, err)
			}
		}
	})
}

// A network that does not end with SoftMax has results, and no score.
func TestRunWithoutSoftMax(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		c := newSample(t, rand.New(rand.NewPCG(1, 1)), graph.Sequential{graph.Flatten, graph.Dense(2)}, 2, 1, 2, 2)
		m, _ := c.compile(t, lowering, graph.Forward)
		if score, err := m.Run(nil, false); err != nil || score != (graph.Score{}) || m.Y != nil {
			t.Errorf("got score %+v, error %v, Y %v, want none", score, err, m.Y)
		}
		c.check(t, lowering)
		if _, err := c.net.Compile(lowering, 2, make([]float32, 32), graph.Training); err == nil {
			t.Error("it can be trained")
		}
	})
}
