package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// special returns n values with a denormal one, a great one, an infinite one or a NaN among them.
func special(r *rand.Rand, n int) []float32 {
	s := normal(r, n)
	for range n / 3 {
		bits := r.Uint32()
		switch r.IntN(4) {
		case 0:
			bits &^= 0x7f800000
		case 1:
			bits = bits&^0x7f800000 | 0x3f<<23 // squares are about 2 to the power of -128
		}
		s[r.IntN(n)] = math.Float32frombits(bits)
	}
	return s
}

// least returns n values whose products are about the least that is not denormal, so sums of both signs are.
func least(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = math.Float32frombits(r.Uint32()&^0x7f800000 | 0x40<<23)
	}
	return s
}

// randomAMX returns blocks of a shape in arrays that end with them.
func randomAMX(t tester, r *rand.Rand, rows, cols int) *amx {
	gap := func() int { return r.IntN(3) }
	k := &amx{steps: 1 + r.IntN(3), nt: 1 + r.IntN(3), add: r.IntN(2)}
	k.aS, k.bS, k.cS = 16*k.steps+gap(), cols+gap(), cols+gap()
	k.aT, k.bT, k.cT = k.aS*rows*r.IntN(2), cols*r.IntN(2), k.cS*rows
	a, values := arrays{t}, special
	if r.IntN(3) == 0 {
		values = least
	}
	pairs := func(n int) []uint32 {
		words := a.blank(n)
		s := values(r, 2*n)
		p := pairsOf(words)
		for i := range p {
			p[i] = bf16(s[2*i]) | bf16(s[2*i+1])<<16
		}
		return p
	}
	k.a = pairs((k.nt-1)*k.aT + (rows-1)*k.aS + 16*k.steps)
	k.b = pairs((k.nt-1)*k.bT + (16*k.steps-1)*k.bS + cols)
	k.c = a.of(special(r, (k.nt-1)*k.cT+(rows-1)*k.cS+cols))
	return k
}

// pairsOf returns the memory of words as pairs.
func pairsOf(words []float32) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(words))), len(words))
}

// TestAMX compares the processor with its definition, bit by bit, in every shape.
func TestAMX(t *testing.T) {
	if !BF16() {
		t.Skip("no AMX on this processor and system")
	}
	r := random(46)
	for rows := 1; rows <= 32; rows++ {
		for cols := 1; cols <= 32; cols++ {
			got := randomAMX(t, r, rows, cols)
			want := *got
			want.c = append([]float32{}, got.c...)
			c := got.c
			amxGeneric(rows, cols, &want)
			active.amx(rows, cols, got)
			for i, w := range want.c {
				if g := c[i]; math.Float32bits(g) != math.Float32bits(w) && !(g != g && w != w) {
					t.Fatalf("%d x %d, %d steps, %d blocks, add %d: value %d: got %v, want %v", rows, cols, want.steps, want.nt, want.add, i, g, w)
				}
			}
		}
	}
}

// TestMultiplyTiles compares products of whole numbers, which are exact, with loops.
func TestMultiplyTiles(t *testing.T) {
	lv := generic
	if BF16() {
		lv = *active
	}
	r := random(47)
	for range 200 {
		m, n, steps := 1+r.IntN(100), 1+r.IntN(100), 1+r.IntN(3)
		k, width := 32*steps, roundUp(n, 16)
		a, b, c := whole(r, m*k), whole(r, k*n), whole(r, m*n)
		want := append([]float32{}, c...)
		add := r.IntN(2) == 0
		pairs := amx{a: make([]uint32, m*k/2), aS: k / 2, b: make([]uint32, k/2*width), bS: width, steps: steps, c: c, cS: n}
		for i := range m {
			roundBF16Generic(k, a[i*k:], pairs.a[i*k/2:])
		}
		for p := range k / 2 {
			pairBF16Generic(n, b[2*p*n:], b[(2*p+1)*n:], pairs.b[p*width:])
		}
		for i := range m {
			for j := range n {
				if !add {
					want[i*n+j] = 0
				}
				for x := range k {
					want[i*n+j] += a[i*k+x] * b[x*n+j]
				}
			}
		}
		lv.multiplyTiles(&pairs, m, n, add)
		same(t, fmt.Sprintf("%d x %d x %d", m, k, n), c, want)
	}
}
