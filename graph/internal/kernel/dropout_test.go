package kernel

import (
	"math"
	"slices"
	"testing"
)

// ones returns n ones.
func ones(n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = 1
	}
	return s
}

// TestDropoutKeepsItsShare: the mean of the mask is 1, its variance Rate/(1-Rate), each within five standard errors.
func TestDropoutKeepsItsShare(t *testing.T) {
	const n = 1 << 20
	x, y := ones(n), make([]float32, n)
	for _, rate := range []float64{0, 0.2, 0.25, 0.5, 0.55, 0.9, 0.999} {
		for layer := range uint64(3) {
			DropoutMask{Seed: 5, Step: 9, Layer: layer, Rate: rate}.Apply(0, x, y)
			var sum, squares float64
			for _, v := range y {
				sum += float64(v)
				squares += float64(v) * float64(v)
			}
			mean, want := sum/n, rate/(1-rate)
			if far := 5 * math.Sqrt(want/n); math.Abs(mean-1) > far+1e-6 {
				t.Errorf("rate %g: got mean %g, want 1 ± %g", rate, mean, far)
			}
			if variance, far := squares/n-mean*mean, 5*math.Sqrt(want*(1/(1-rate)-1)*(1/(1-rate))/n); math.Abs(variance-want) > far+0.01*want {
				t.Errorf("rate %g: got variance %g, want %g ± %g", rate, variance, want, far)
			}
		}
	}
}

// TestDropoutMasksAreApart: masks of another seed, step, layer or place agree with one another as often as chance says.
func TestDropoutMasksAreApart(t *testing.T) {
	const n = 1 << 18
	x := ones(n)
	apply := func(m DropoutMask, first uint64) []float32 {
		y := make([]float32, n)
		m.Rate = 0.5
		m.Apply(first, x, y)
		return y
	}
	var masks [][]float32
	for seed := range uint64(3) {
		for step := range uint64(3) {
			for layer := range uint64(3) {
				masks = append(masks, apply(DropoutMask{Seed: seed, Step: step, Layer: layer}, 0))
			}
		}
	}
	masks = append(masks, apply(DropoutMask{}, 1), apply(DropoutMask{}, 2), apply(DropoutMask{}, n), apply(DropoutMask{}, 1<<40))
	for i, a := range masks {
		for _, b := range masks[:i] {
			same := 0
			for k := range a {
				if a[k] == b[k] {
					same++
				}
			}
			if off := math.Abs(float64(same)/n - 0.5); off > 6*0.5/math.Sqrt(n) {
				t.Errorf("mask %d agrees with one before in %d of %d places", i, same, n)
			}
		}
	}
}

// TestDropoutInParts: parts of a tensor get the mask of the whole.
func TestDropoutInParts(t *testing.T) {
	m := DropoutMask{Seed: 1, Step: 2, Layer: 3, Rate: 0.3}
	x := normal(random(1), 1000)
	want, got := make([]float32, 1000), make([]float32, 1000)
	m.Apply(7, x, want)
	for _, cut := range []int{0, 1, 2, 333, 999, 1000} {
		m.Apply(7, x[:cut], got)
		m.Apply(7+uint64(cut), x[cut:], got[cut:])
		if !slices.Equal(got, want) {
			t.Errorf("cut at %d: the parts differ from the whole", cut)
		}
	}
}

// TestDropoutKeeps: Keeps tells of each place what Apply does there, and the places of a hash are those of its halves.
func TestDropoutKeeps(t *testing.T) {
	m := DropoutMask{Seed: 3, Step: 4, Layer: 5, Rate: 0.3}
	for _, first := range []uint64{0, 1, 1<<33 + 7} {
		y := make([]float32, 101)
		m.Apply(first, ones(len(y)), y)
		for i, v := range y {
			if got := m.Keeps(first + uint64(i)); got != (v != 0) {
				t.Errorf("place %d: got %t, want %t", first+uint64(i), got, v != 0)
			}
		}
	}
	// These are the first numbers of SplitMix64 from 0, as its authors' program gives
	// them (prng.di.unimi.it/splitmix64.c).
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := mix(uint64(i) * golden); got != want {
			t.Errorf("number %d: got %#x, want %#x", i, got, want)
		}
	}
}
