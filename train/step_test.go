package train

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"tapenet/graph"
)

func TestLanes(t *testing.T) {
	for batch, want := range map[int]lanes{1: {1, 1}, 15: {1, 15}, 16: {2, 8}, 37: {2, 19}, 100: {2, 50}, 200: {4, 50}, 1024: {8, 64}, 10000: {8, 63}} {
		if got := lanesOf(batch); got != want {
			t.Errorf("batch %d: got %+v, want %+v", batch, got, want)
		}
	}
	for batch := range 5000 {
		batch++
		l := lanesOf(batch)
		runs := ceil(batch, l.images)
		if l.count < 1 || l.count > maxLanes || l.count&(l.count-1) != 0 || l.images < 1 || l.images > maxImages {
			t.Fatalf("batch %d: got %+v", batch, l)
		}
		if used := min(runs, l.count); used < l.count && batch >= 4*l.count {
			t.Errorf("batch %d: %d of %d lanes have work", batch, used, l.count)
		}
	}
}

// TestParts: lanes are cut where whole ones would leave a worker without work.
func TestParts(t *testing.T) {
	for _, test := range []struct{ lanes, workers, want int }{
		{1, 1, 0}, {1, 2, 4}, {1, 4, 8}, {4, 1, 0}, {4, 2, 0}, {4, 3, 4}, {4, 4, 0}, {4, 5, 4}, {4, 8, 4}, {4, 16, 8}, {8, 2, 0}, {8, 7, 4}, {8, 32, 8},
	} {
		if got := (lanes{count: test.lanes}).parts(test.workers); got != test.want {
			t.Errorf("%d lanes, %d workers: got %d parts, want %d", test.lanes, test.workers, got, test.want)
		}
	}
}

// TestGatherInParts: the parts of a micro-batch that is not full set what the whole
// does, and blank the rest.
func TestGatherInParts(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(3)
	if err != nil {
		t.Fatal(err)
	}
	const images, full = 7, 4
	d := Data{Pixels: []uint8{255, 0, 51, 0, 255, 255}, Labels: []uint8{1, 0}}
	var wantX, wantY []float32
	for i := range full { // images 0 and 1 in turns
		wantX = append(wantX, [][]float32{{1, 0, 0.2}, {0, 1, 1}}[i%2]...)
		wantY = append(wantY, [][]float32{{0, 1}, {1, 0}}[i%2]...)
	}
	wantX, wantY = append(wantX, make([]float32, 9)...), append(wantY, make([]float32, 6)...)
	for _, parts := range []int{1, 2, 3, 8} {
		m, err := net.Compile(graph.Fused, images, make([]float32, graph.LineFloats*2), graph.Training)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.X {
			m.X[i] = 9
		}
		for i := range m.Y {
			m.Y[i] = 9
		}
		for part := range parts {
			d.gather(m, part*images/parts, (part+1)*images/parts, full, func(i int) int { return i % 2 })
		}
		if !slices.Equal(m.X, wantX) || !slices.Equal(m.Y, wantY) {
			t.Errorf("%d parts: got\n%v\n%v, want\n%v\n%v", parts, m.X, m.Y, wantX, wantY)
		}
	}
}

// TestMachines: there are as many training machines as workers that get work.
func TestMachines(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ batch, workers, want int }{{1, 8, 1}, {32, 8, 2}, {32, 1, 1}, {200, 8, 4}, {200, 3, 3}, {1024, 8, 8}} {
		tr, err := New(net, make([]float32, net.NumParams()), Config{Batch: test.batch, Workers: test.workers})
		if err != nil {
			t.Fatal(err)
		}
		if len(tr.train) != test.want || len(tr.free) != 0 {
			t.Errorf("batch %d, %d workers: got %d machines, %d to predict, want %d and none", test.batch, test.workers, len(tr.train), len(tr.free), test.want)
		}
	}
}

// TestPredictorMachines: however many goroutines call, there are no more machines
// than workers, and a machine is no larger than its call.
func TestPredictorMachines(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	for images, want := range map[int]int{1: 1, 9: 1, 10: 10, 99: 10, 100: 100, 1000: 100} {
		p, err := NewPredictor(net, make([]float32, net.NumParams()), Config{Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for range 32 {
			calls.Go(func() {
				if _, err := p.Predict(make([]uint8, images)); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
		if n := len(p.free[want]); n < 1 || n > 2 || len(p.free) != 1 {
			t.Errorf("%d images: got %d machines for %d images and %d sizes, want at most 2 of one size", images, n, want, len(p.free))
		}
	}
}

// TestAdamIsKeras takes ten steps with gradients of all sizes, summed over a
// batch, and compares with the formula in float64. Small gradients tell where
// epsilon is.
func TestAdamIsKeras(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, batch = 37, 8
	a := adam{rate: 1e-3, m: make([]float32, n), v: make([]float32, n)}
	w, g := make([]float32, n), make([]float32, n)
	var want, m, v, most [n]float64 // most is the largest gradient so far
	for step := 1.; step <= 10; step++ {
		for i := range n {
			g[i] = float32(batch * rng.NormFloat64() * math.Pow(10, -float64(i%9)))
			grad := float64(g[i]) / batch
			most[i] = max(most[i], math.Abs(grad))
			m[i] += (grad - m[i]) * 0.1
			v[i] += (grad*grad - v[i]) * 0.001
			want[i] -= 1e-3 * math.Sqrt(1-math.Pow(0.999, step)) / (1 - math.Pow(0.9, step)) * m[i] / (math.Sqrt(v[i]) + 1e-7)
		}
		a.step(batch).Step(0, n, w, a.m, a.v, [][]float32{g})
		a.steps++
		for i := range n {
			// float32's powers of β2 are off by 1e-5 of 1-β2ᵗ in the first steps.
			if got := float64(w[i]); math.Abs(got-want[i]) > 2e-5*math.Abs(want[i])+1e-8 {
				t.Errorf("step %.0f, weight %d: got %.9g, want %.9g", step, i, got, want[i])
			}
			if got := float64(a.m[i]); math.Abs(got-m[i]) > 1e-6*most[i] {
				t.Errorf("step %.0f: m[%d] is %g, want %g", step, i, got, m[i])
			}
		}
	}
}

// TestMachinesAreKept: what one call of a Predictor has compiled serves the next.
func TestMachinesAreKept(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPredictor(net, make([]float32, net.NumParams()), Config{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	kept := map[int]*graph.Machine{}
	for range 3 {
		for _, n := range []int{1, 10, 100, 250} {
			if _, err := p.Predict(make([]uint8, n)); err != nil {
				t.Fatal(err)
			}
		}
		for _, images := range []int{1, 10, 100} {
			if free := p.free[images]; len(free) != 1 || kept[images] != nil && free[0] != kept[images] {
				t.Fatalf("%d images: got machines %v, want the one of the first call, %p", images, free, kept[images])
			}
			kept[images] = p.free[images][0]
		}
	}
}
