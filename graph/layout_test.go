package graph

import (
	"slices"
	"testing"
)

// TestPermute has the example of slot, and an image whose channels come last.
func TestPermute(t *testing.T) {
	for _, test := range []struct {
		shape Shape
		perm  []int
		want  []int // the values 0, 1, 2, … as they are stored
	}{
		{Shape{2, 3}, []int{1, 0}, []int{0, 3, 1, 4, 2, 5}},
		{Shape{2, 1, 3}, []int{1, 2, 0}, []int{0, 3, 1, 4, 2, 5}},             // (C, H, W) to (H, W, C)
		{Shape{1, 2, 2, 2}, []int{2, 3, 1, 0}, []int{0, 4, 1, 5, 2, 6, 3, 7}}, // (M, C, H, W) to (H, W, C, M)
		{Shape{4}, []int{0}, []int{0, 1, 2, 3}},
	} {
		got := make([]int, test.shape.Size())
		permute(test.shape, test.perm, func(i, j int) { got[i] = j })
		if !slices.Equal(got, test.want) {
			t.Errorf("%v in the order %v: got %v, want %v", test.shape, test.perm, got, test.want)
		}
	}
}
