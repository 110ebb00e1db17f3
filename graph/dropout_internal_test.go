package graph

import "testing"

// TestScramble: these are the first numbers of SplitMix64 from 0, as its authors'
// programs give them (prng.di.unimi.it/splitmix64.c).
func TestScramble(t *testing.T) {
	for x, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec} {
		if got := scramble(uint64(x)); got != want {
			t.Errorf("number %d: got %#x, want %#x", x, got, want)
		}
	}
}
