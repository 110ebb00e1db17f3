package kernel

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"unsafe"
)

// eachKernel runs f at every level, the definitions included; one that this processor lacks is skipped by name.
func eachKernel(t *testing.T, f func(t *testing.T)) {
	for _, name := range []string{"avx512", "avx2", "neon", "generic", "reference"} {
		t.Run(name, func(t *testing.T) {
			use(t, name)
			f(t)
		})
	}
}

// eachKernelB runs f at every level but the definitions.
func eachKernelB(b *testing.B, f func(b *testing.B)) {
	for _, name := range []string{"avx512", "avx2", "neon", "generic"} {
		b.Run(name, func(b *testing.B) {
			use(b, name)
			f(b)
		})
	}
}

// use activates a level until the test ends.
func use(t testing.TB, name string) {
	for _, lv := range append(slices.Clip(levels), &reference) {
		if lv.name == name {
			before := active
			active = lv
			t.Cleanup(func() { active = before })
			return
		}
	}
	t.Skipf("%s: not on this processor, or built without assembly", name)
}

// A tester is what tests and rapid's checks have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

// A layer is what plans with weights have in common.
type layer interface {
	Pack(w []float32)
	Forward(n int, x, bias, y []float32)
	GradWeights(n int, x, y, dy, dw, db []float32, add bool)
	GradInput(n int, y, dy, dx []float32)
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// normal returns n values of about 1.
func normal(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

// whole returns n small whole numbers. Their sums of products are exact in float32, so a kernel and its definition agree
// in every bit, and equal values are common.
func whole(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(r.IntN(5) - 2)
	}
	return s
}

// near compares within the bound, and exactly where nothing is rounded.
func near(t tester, what string, got []float32, want []sum) {
	t.Helper()
	if len(got) < len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i, w := range want {
		tol := w.bound()
		if w.whole() {
			tol = 0
		}
		if diff := math.Abs(float64(got[i]) - w.v); !(diff <= tol) {
			t.Fatalf("%s: value %d: got %v, want %v ± %v", what, i, got[i], w.v, tol)
		}
	}
}

// same compares bits; 0 and -0 are the same.
func same(t tester, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(got[i] == 0 && want[i] == 0) {
			t.Fatalf("%s: value %d: got %v, want %v", what, i, got[i], want[i])
		}
	}
}

// checkAdds checks that add, on arrays of 3, gives exactly dw and db plus 3.
func checkAdds(t tester, what string, dw, db []float32, add func(dw, db []float32)) {
	t.Helper()
	const old = 3
	a := arrays{t}
	dw2, db2 := a.blank(len(dw)), a.blank(len(db))
	for _, s := range [][]float32{dw, db} {
		for i := range s {
			s[i] += old
		}
	}
	for _, s := range [][]float32{dw2, db2} {
		for i := range s {
			s[i] = old
		}
	}
	add(dw2, db2)
	same(t, what+": dw added", dw2, dw)
	same(t, what+": db added", db2, db)
}

const canary = float32(-12345.5)

// arrays makes float32 arrays with canaries before them; an access after their end faults.
type arrays struct{ t tester }

// of returns a copy of v.
func (a arrays) of(v []float32) []float32 {
	s := a.blank(len(v))
	copy(s, v)
	return s
}

// blank returns n canaries.
func (a arrays) blank(n int) []float32 {
	const before = 64
	s := guarded(a.t, n+before)
	for i := range s {
		s[i] = canary
	}
	a.t.Cleanup(func() {
		for i, v := range s[:before] {
			if v != canary {
				a.t.Errorf("array of %d values: wrote %v at %d values before its start", n, v, before-i)
			}
		}
	})
	return s[before:]
}

// bytes returns n zeros, a multiple of 4; an access after their end faults.
func (a arrays) bytes(n int) []uint8 {
	s := guarded(a.t, n/4)
	return unsafe.Slice((*uint8)(unsafe.Pointer(unsafe.SliceData(s))), n)
}

func TestLevel(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		if got := Level(); got != active.name {
			t.Errorf("got %q, want %q", got, active.name)
		}
	})
}

func TestAligned(t *testing.T) {
	for n := range 100 {
		s := Aligned(n)
		if len(s) != n || cap(s) != n {
			t.Fatalf("%d values: got length %d, capacity %d", n, len(s), cap(s))
		}
		if p := uintptr(unsafe.Pointer(unsafe.SliceData(s))); p%64 != 0 {
			t.Fatalf("%d values: at %#x, want a multiple of 64", n, p)
		}
	}
}

// TestPanels: panels cover the columns in order, and all vectors but the last are full.
func TestPanels(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		for n := 1; n < 200; n++ {
			at := 0
			ps := active.panels(n)
			for i := range ps {
				p := &ps[i]
				if p.first != at || p.cols < 1 || p.tail() < 1 || p.tail() > p.lanes {
					t.Fatalf("%d columns: panel %d is %+v, want it to start at %d", n, i, *p, at)
				}
				if i < len(ps)-1 && p.cols != p.width() {
					t.Fatalf("%d columns: panel %d is %+v, want it full", n, i, *p)
				}
				at += p.cols
			}
			if at != n {
				t.Fatalf("%d columns: panels have %d", n, at)
			}
		}
	})
}

func TestEveryKernelHasADefinition(t *testing.T) {
	lv := reflect.ValueOf(reference)
	for i := range lv.NumField() {
		if f := lv.Field(i); f.Kind() == reflect.Func && f.IsNil() {
			t.Errorf("reference has no %s", lv.Type().Field(i).Name)
		}
	}
}
