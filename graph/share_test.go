package graph_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// normal returns n values of about a third.
func normal(seed uint64, n int) []float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64() / 3)
	}
	return v
}

// goroutines runs each part in a goroutine of its own, and counts the parts.
func goroutines(count *atomic.Int64) func(n int, do func(part int)) {
	return func(n int, do func(part int)) {
		var all sync.WaitGroup
		for part := range n {
			all.Go(func() { do(part) })
		}
		all.Wait()
		count.Add(int64(n))
	}
}

// TestShare: a machine that shares its work gives the same bits, for every kind of
// layer, when weights and masks change and gradients are added.
func TestShare(t *testing.T) {
	const images = 20
	atEveryLevel(t, func(t *testing.T) {
		for name, layers := range map[string]graph.Sequential{
			"pooled":  {graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(60), graph.Rectify, graph.Dense(3), graph.SoftMax},
			"windows": {graph.Conv2d(20, 3).Same(), graph.Dropout(0.3), graph.MaxPool2D(3).Stride(2), graph.Conv2d(33, 3).Pad(1).Stride(2), graph.Rectify, graph.Flatten, graph.Dropout(0.2), graph.Dense(90), graph.Dense(3), graph.SoftMax},
		} {
			net, err := layers.Build(2, 16, 16)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := net.Pack(graph.Fused, normal(3, net.NumParams()))
			if err != nil {
				t.Fatal(err)
			}
			run := func(share func(m *graph.Machine)) (results []float32) {
				weights := slices.Clone(packed)
				m, err := net.Compile(graph.Fused, images, weights, graph.Training)
				if err != nil {
					t.Fatal(err)
				}
				share(m)
				copy(m.X, normal(1, len(m.X)))
				for i := range images {
					m.Y[i*3+i%3] = 1
				}
				grad := make([]float32, len(weights))
				for step := range 3 {
					m.Mask = graph.Mask{Seed: 5, Step: uint64(step / 2), Image: 7 * step}
					s, err := m.Run(grad, step == 1)
					if err != nil {
						t.Fatal(err)
					}
					out, err := m.Outputs()
					if err != nil {
						t.Fatal(err)
					}
					results = slices.Concat(results, grad, out, []float32{float32(s.Loss)})
					if step == 1 {
						for i := range weights {
							weights[i] *= 0.9
						}
						m.Changed()
					}
				}
				return results
			}
			want := run(func(*graph.Machine) {})
			for _, parts := range []int{1, 2, 5, 32} {
				var count atomic.Int64
				if got := run(func(m *graph.Machine) { m.Share(parts, goroutines(&count)) }); !slices.Equal(got, want) {
					t.Errorf("%s: other bits in %d parts", name, parts)
				}
				// Each run has at least three ops in two parts, and then five of the gradients.
				if got := count.Load(); parts > 1 && got < 3*11 {
					t.Errorf("%s: %d parts of %d an op in three runs, want 33 at least", name, got, parts)
				}
			}
		}
	})
}

// TestShareAfterAnError: a run that fails leaves nothing to the next.
func TestShareAfterAnError(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(500), graph.Rectify, graph.Dense(3), graph.SoftMax}.Build(300)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := net.Pack(graph.Fused, normal(3, net.NumParams()))
	if err != nil {
		t.Fatal(err)
	}
	m, err := net.Compile(graph.Fused, 10, weights, graph.Training)
	if err != nil {
		t.Fatal(err)
	}
	var count atomic.Int64
	m.Share(4, goroutines(&count))
	m.Y[0] = 1
	grad := make([]float32, len(weights))
	if _, err := m.Run(grad, false); err != nil {
		t.Fatal(err)
	}
	parts := count.Swap(0)
	m.X[0] = float32(math.NaN())
	if _, err := m.Run(grad, false); !errors.Is(err, graph.ErrNaN) {
		t.Fatalf("got error %v, want ErrNaN", err)
	}
	m.X[0] = 0
	weights[0] = float32(math.NaN())
	m.Changed()
	if _, err := m.Run(grad, false); !errors.Is(err, graph.ErrNaN) {
		t.Fatalf("got error %v, want ErrNaN", err)
	}
	weights[0] = 0
	m.Changed()
	count.Store(0)
	if _, err := m.Run(grad, false); err != nil {
		t.Fatal(err)
	}
	if got := count.Load(); got != parts {
		t.Errorf("got %d parts in a run after an error, want the usual %d", got, parts)
	}
}
