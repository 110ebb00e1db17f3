package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// rounded returns n values of about 1 that are bfloat16: a product of two is a float32.
func rounded(r *rand.Rand, n int) []float32 {
	s := normal(r, n)
	for i := range s {
		s[i] = low(bf16(s[i]))
	}
	return s
}

func newDenseBF16(t tester, c DenseConfig) *DenseBF16 {
	l, err := NewDenseBF16(c)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	return l
}

// TestDenseBF16MatchesReference: of factors that are bfloat16 it is a Dense. One plan does several cases: what is left
// of more images must not count.
func TestDenseBF16MatchesReference(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(41)
		for i := range 60 {
			c := DenseConfig{N: 1 + r.IntN(70), D: 1 + r.IntN(250), U: 1 + r.IntN(80), Rectify: i%3 > 0}
			l := newDenseBF16(t, c)
			for _, n := range []int{c.N, 1 + r.IntN(c.N)} {
				newDenseCase(r, c, n, whole).checkLayer(t, l, true)
				newDenseCase(r, c, n, rounded).checkLayer(t, l, false)
			}
		}
	})
}

// TestDenseBF16Rounds: factors are rounded, all of them, and nothing else is.
func TestDenseBF16Rounds(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		r := random(42)
		round := func(s []float32) []float32 {
			s2 := make([]float32, len(s))
			for i, v := range s {
				s2[i] = low(bf16(v))
			}
			return s2
		}
		const n, D, U = 5, 40, 20
		c := DenseConfig{N: n, D: D, U: U}
		x, w, bias, dy := normal(r, n*D), normal(r, D*U), normal(r, U), normal(r, n*U)
		l := newDenseBF16(t, c)
		y, dw, db, dx := make([]float32, n*U), make([]float32, D*U), make([]float32, U), make([]float32, n*D)
		l.Pack(w)
		l.Forward(n, x, bias, y)
		l.GradWeights(n, x, y, dy, dw, db, false)
		l.GradInput(n, y, dy, dx)
		near(t, "y", y, referenceDense(c, n, round(x), round(w), bias))
		wantW, _, wantX := referenceDenseGrad(c, n, round(x), round(w), round(dy))
		near(t, "dw", dw, wantW)
		near(t, "dx", dx, wantX)
		_, wantB, _ := referenceDenseGrad(c, n, x, w, dy)
		near(t, "db", db, wantB)
	})
}

// TestDenseBF16Levels: the assembly gives the bits of the definition.
func TestDenseBF16Levels(t *testing.T) {
	if !BF16() {
		t.Skip("no AMX on this processor and system")
	}
	r := random(43)
	for range 20 {
		c := DenseConfig{N: 1 + r.IntN(70), D: 1 + r.IntN(300), U: 1 + r.IntN(70), Rectify: true}
		l, twin := newDenseBF16(t, c), newDenseBF16(t, c)
		twin.pairs = &generic
		x, w, bias, dy := normal(r, c.N*c.D), normal(r, c.D*c.U), normal(r, c.U), normal(r, c.N*c.U)
		run := func(l *DenseBF16) map[string][]float32 {
			y, dw, db, dx := make([]float32, len(dy)), make([]float32, len(w)), make([]float32, c.U), make([]float32, len(x))
			l.Pack(w)
			l.Forward(c.N, x, bias, y)
			l.GradWeights(c.N, x, y, dy, dw, db, true)
			l.GradInput(c.N, y, dy, dx)
			return map[string][]float32{"y": y, "dw": dw, "db": db, "dx": dx}
		}
		want := run(twin)
		for what, got := range run(l) {
			same(t, fmt.Sprintf("%+v: %s", c, what), got, want[what])
		}
	}
}

// TestDenseBF16Parts: the parts of a plan, at the same time, do what the plan does alone.
func TestDenseBF16Parts(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for _, count := range []int{2, 3, 8} {
			for _, c := range []DenseConfig{{N: 5, D: 133, U: 77, Rectify: true}, {N: 9, D: 3, U: 10}, {N: 5, D: 500, U: 20}} {
				cut := func() cutLayer {
					l := newDenseBF16(t, c)
					return cutLayer{l, func(i, n int) layer { return l.Part(i, n) }, c.D, c.U, c.D * c.U, c.U}
				}
				checkParts(t, fmt.Sprintf("%+v", c), cut(), cut(), c.N, count)
			}
		}
	})
}
