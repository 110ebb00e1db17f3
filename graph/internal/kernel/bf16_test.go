package kernel

import (
	"math"
	"slices"
	"testing"
)

// TestBF16IsNearest compares with the two bfloat16 around a value.
func TestBF16IsNearest(t *testing.T) {
	r := random(44)
	for range 100000 {
		v := math.Float32frombits(r.Uint32())
		if r.IntN(4) == 0 { // half way
			v = math.Float32frombits(math.Float32bits(v)&^0xffff | 0x8000)
		}
		got := low(bf16(v))
		switch bits := math.Float32bits(v); {
		case v != v:
			if got == got {
				t.Fatalf("NaN %#x became %v", bits, got)
			}
		case bits>>23&0xff == 0:
			if got != 0 || math.Signbit(float64(got)) != math.Signbit(float64(v)) {
				t.Fatalf("denormal %v became %v, want 0 of its sign", v, got)
			}
		case bits>>16&0x7fff >= 0x7f7f:
			continue // see TestBF16Ends
		default:
			down, up := math.Float32frombits(bits&^0xffff), math.Float32frombits(bits&^0xffff+1<<16)
			below, above := math.Abs(float64(v)-float64(down)), math.Abs(float64(up)-float64(v))
			want := down
			if above < below || above == below && math.Float32bits(up)>>16&1 == 0 {
				want = up
			}
			if got != want {
				t.Fatalf("%v became %v, want %v", v, got, want)
			}
		}
	}
}

func TestBF16Ends(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct{ v, want float32 }{
		{0, 0}, {1, 1}, {inf, inf}, {-inf, -inf}, {math.MaxFloat32, inf}, {0x1.fep127, 0x1.fep127},
		{0x1.fefffep127, 0x1.fep127}, {0x1p-126, 0x1p-126}, {math.SmallestNonzeroFloat32, 0},
	} {
		if got := low(bf16(c.v)); got != c.want {
			t.Errorf("%v became %v, want %v", c.v, got, c.want)
		}
	}
	if got := low(bf16(math.Float32frombits(0x7f800001))); got == got {
		t.Errorf("a NaN with bits in the lower half became %v", got)
	}
}

// TestPairs: every level gives the pairs of the definition, with zeros after them, and reads no value more.
func TestPairs(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		if !BF16() {
			t.Skip("no AMX at this level")
		}
		r := random(45)
		for n := 1; n <= 100; n++ {
			a := arrays{t}
			x, y := a.of(special(r, n)), a.of(special(r, n))
			got, want := make([]uint32, roundUp(n, 32)), make([]uint32, roundUp(n, 32))
			for i := range got {
				got[i], want[i] = 7, 7
			}
			active.roundBF16(n, x, got)
			roundBF16Generic(n, x, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d values: got %x, want %x", n, got, want)
			}
			active.pairBF16(n, x, y, got)
			pairBF16Generic(n, x, y, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d pairs: got %x, want %x", n, got, want)
			}
		}
	})
}
