package graphtest

import (
	"slices"
	"testing"

	"tapenet/graph"
)

// TestOutputs: the results of several images are those of each by itself, in order.
func TestOutputs(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(2), graph.Rectify}.Build(3)
	if err != nil {
		t.Fatal(err)
	}
	values := []float32{1, 2, 3, -1, 0, 1, 10, 20} // weights (2, 3), biases (2)
	x := []float32{1, 0, 0, 0, 1, 0, 0, 0, -30, 1, 1, 1}
	want := []float64{11, 19, 12, 20, 0, 0, 16, 20}
	if got := Outputs(net, values, x); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
