package graph

import (
	"slices"
	"testing"
)

// TestFusedDenseAfterFlatten: the weight of the drawing at fused.slot is stored
// as it says.
func TestFusedDenseAfterFlatten(t *testing.T) {
	net, err := Sequential{Flatten, Dense(2)}.Build(2, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := net.Pack(Fused, []float32{1, 2, 3, 4, 5, 6, 7, 8, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := packed[:8], []float32{1, 5, 3, 7, 2, 6, 4, 8}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
