package kernel

import (
	"math"
	"testing"
)

func TestCrossEntropyMatchesReference(t *testing.T) {
	r := random(11)
	for m := 1; m < 20; m++ {
		const n = 9
		logits, target := normal(r, n*m), make([]float32, n*m)
		for i := range logits {
			logits[i] *= 5
		}
		for i := range n - 1 { // the last row is padding
			target[i*m+r.IntN(m)] = 1
		}
		a := arrays{t}
		p, d := a.blank(n*m), a.blank(n*m)
		loss, correct := CrossEntropy(n, m, a.of(logits), a.of(target), p, d)
		var wantLoss float64
		var wantCorrect int
		for i := range n {
			x, y := logits[i*m:][:m], target[i*m:][:m]
			wantP := referenceSoftMax(x)
			one, gradient := referenceCrossEntropy(wantP, y)
			wantLoss += one
			best, label := 0, -1
			for j, want := range wantP {
				if want > wantP[best] {
					best = j
				}
				// The exponential, the scale and their product are rounded.
				tol := want * 3 * 0x1p-24
				if got := float64(p[i*m+j]); math.Abs(got-want) > tol {
					t.Fatalf("p of %d classes: got %v, want %v ± %v", m, got, want, tol)
				}
				if got := float64(d[i*m+j]); math.Abs(got-gradient[j]) > tol+0x1p-24 {
					t.Fatalf("gradient of %d classes: got %v, want %v", m, got, gradient[j])
				}
				if y[j] == 1 {
					label = j
				}
			}
			if label == best {
				wantCorrect++
			}
		}
		// Both sides are float64; the sums are below a few hundred.
		if math.Abs(loss-wantLoss) > 1e-12 || correct != wantCorrect {
			t.Errorf("%d classes: got loss %v, %d correct, want %v, %d", m, loss, correct, wantLoss, wantCorrect)
		}
		alone := make([]float32, n*m)
		SoftMax(n, m, logits, alone)
		same(t, "softmax alone", alone, p)
	}
}

// TestCrossEntropyRoundsTwice: products are rounded before they are added, also where Go would fuse them.
func TestCrossEntropyRoundsTwice(t *testing.T) {
	const m = 1000
	r := random(26)
	logits, target := normal(r, m), normal(r, m)
	p, d := make([]float32, m), make([]float32, m)
	loss, _ := CrossEntropy(1, m, logits, target, p, d)
	greatest, logSum := softmax(logits, make([]float32, m))
	var weight float32
	var wantLoss float64
	for i, v := range target {
		weight += v
		term := float64(float64(v) * (logSum - (float64(logits[i]) - float64(greatest))))
		wantLoss += term
	}
	if loss != wantLoss {
		t.Errorf("got loss %v, want %v", loss, wantLoss)
	}
	for i, got := range d {
		product := float32(p[i] * weight)
		if want := product - target[i]; got != want {
			t.Fatalf("gradient %d: got %v, want %v", i, got, want)
		}
	}
}

func TestCrossEntropyEdges(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name           string
		logits, target []float32
		loss           float64
		correct        int
		gradient       []float32
	}{
		{"no overflow", []float32{1000, 0}, []float32{1, 0}, 0, 1, []float32{0, 0}},
		{"no overflow by the last", []float32{0, 1000}, []float32{0, 1}, 0, 1, []float32{0, 0}},
		{"no log of 0", []float32{1000, 0}, []float32{0, 1}, 1000, 0, []float32{1, -1}},
		{"very negative", []float32{-1000, -1000}, []float32{1, 0}, math.Ln2, 1, []float32{-0.5, 0.5}},
		{"first of equals", []float32{1, 1}, []float32{0, 1}, math.Ln2, 0, []float32{0.5, -0.5}},
		{"padding", []float32{3, 1}, []float32{0, 0}, 0, 0, []float32{0, 0}},
		{"padding hides NaN", []float32{nan, 1}, []float32{0, 0}, 0, 0, []float32{0, 0}},
		{"weight 2", []float32{1, 1}, []float32{2, 0}, 2 * math.Ln2, 1, []float32{-1, 1}},
		{"NaN", []float32{1, nan}, []float32{0, 1}, math.NaN(), 0, []float32{nan, nan}},
	} {
		p, d := make([]float32, 2), make([]float32, 2)
		loss, correct := CrossEntropy(1, 2, c.logits, c.target, p, d)
		equal := func(got, want float64) bool { return got == want || got != got && want != want }
		if math.Abs(loss-c.loss) > 1e-15 || (loss != loss) != (c.loss != c.loss) || correct != c.correct {
			t.Errorf("%s: got loss %v, %d correct, want %v, %d", c.name, loss, correct, c.loss, c.correct)
		}
		for i := range d {
			if !equal(float64(d[i]), float64(c.gradient[i])) {
				t.Errorf("%s: got gradient %v, want %v", c.name, d, c.gradient)
			}
		}
	}
}
