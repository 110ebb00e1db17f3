package main

import (
	"testing"

	"tapenet/graph"
	"tapenet/mnist"
)

// TestStepFLOP spells the work out: 2 for a product and its addition, times
// filters or units, times the inputs of each, times places.
func TestStepFLOP(t *testing.T) {
	tests := []struct {
		network string
		want    int
	}{
		{"onelayer", 2*16*25*24*24 + 2*16*25*12*12 + 3*2*2304*100 + 3*2*100*10}, // 1,964,400
		// The second pool leaves out a row and a column of 11x11.
		{"twolayer", 2*16*25*24*24 + 2*16*25*12*12 + 2*8*64*10*10 + 2*2*8*64*5*5 + 3*2*200*100 + 3*2*100*10}, // 855,600
		{"edited", 2*32*9*26*26 + 2*32*9*13*13 + 2*64*288*10*10 + 2*2*64*288*5*5 + 3*2*1600*128 + 3*2*128*10},
	}
	for _, test := range tests {
		n, err := newNetwork(test.network, mnist.Classes, mnistShape)
		if err != nil {
			t.Fatal(err)
		}
		if got := n.stepFLOP(); got != test.want {
			t.Errorf("%s: got %d, want %d", test.network, got, test.want)
		}
	}
}

func TestLayerFLOP(t *testing.T) {
	conv := graph.Conv2d(3, 2) // of (2, 8, 8): 3 filters of 8 weights at 7x7 places
	tests := []struct {
		name      string
		after     graph.Sequential
		out, grad int
	}{
		{"alone", nil, 2 * 3 * 8 * 49, 2 * 3 * 8 * 49},
		{"pool 3 drops a row and a column", graph.Sequential{graph.MaxPool2D(3)}, 2 * 3 * 8 * 36, 2 * 3 * 8 * 4},
		{"rectify before the pool", graph.Sequential{graph.Rectify, graph.MaxPool2D(3)}, 2 * 3 * 8 * 36, 2 * 3 * 8 * 4},
		{"rectify after the pool", graph.Sequential{graph.MaxPool2D(3), graph.Rectify}, 2 * 3 * 8 * 36, 2 * 3 * 8 * 4},
		{"two pools", graph.Sequential{graph.MaxPool2D(2), graph.MaxPool2D(3)}, 2 * 3 * 8 * 36, 2 * 3 * 8},
		{"a pool of the next convolution", graph.Sequential{graph.Conv2d(1, 2), graph.MaxPool2D(2)}, 2 * 3 * 8 * 49, 2 * 3 * 8 * 49},
	}
	for _, test := range tests {
		net, err := append(graph.Sequential{conv}, test.after...).Build(2, 8, 8)
		if err != nil {
			t.Fatal(err)
		}
		if out, grad := layerFLOP(net.Layers); out != test.out || grad != test.grad {
			t.Errorf("%s: got %d and %d, want %d and %d", test.name, out, grad, test.out, test.grad)
		}
	}
}
