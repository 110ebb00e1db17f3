package graph

import (
	"math"
	"testing"
)

// TestLoopPoolKeepsNaN: a NaN in a window is its result, wherever it is.
func TestLoopPoolKeepsNaN(t *testing.T) {
	net, err := Sequential{MaxPool2D(3)}.Build(2, 4, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, channelsLast := range []bool{false, true} {
		for at := range net.In.Size() {
			p := newLoopPool(net.Layers[0], 1, channelsLast)
			x, y := make([]float32, net.In.Size()), make([]float32, 2)
			for i := range x {
				x[i] = float32(i % 5)
			}
			x[at] = float32(math.NaN())
			p.forward(x, y)
			channel, row := at/12, at%12/3
			if channelsLast {
				channel, row = at%2, at/6
			}
			for c, v := range y {
				if want := c == channel && row < 3; want != (v != v) {
					t.Errorf("channels last %t, NaN at %d: channel %d is %v", channelsLast, at, c, v)
				}
			}
		}
	}
}
