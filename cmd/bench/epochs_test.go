package main

import "testing"

// TestInstructions: a level is found by its instructions, however it rounds.
func TestInstructions(t *testing.T) {
	for _, l := range levels {
		for _, name := range []string{l.name, l.name + "-fma"} {
			if got := instructions(name); got != l.name {
				t.Errorf("%s: got %s, want %s", name, got, l.name)
			}
		}
	}
}
