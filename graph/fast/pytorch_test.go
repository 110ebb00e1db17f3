package fast_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/fast"
)

// TestPyTorch compares convolutions and pools with what testdata/pytorch.py has recorded.
func TestPyTorch(t *testing.T) {
	text, err := os.ReadFile("testdata/pytorch.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Kind                          string
		X, W, Y, DY, DX, DW           []float32
		XShape, WShape, YShape        tensor.Shape
		Kernel, Pad, Stride, Dilation []int
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		t.Run(fmt.Sprintf("%s/%d", c.Kind, i), func(t *testing.T) {
			g := G.NewGraph()
			in, want := G.Nodes{input(g, "x", c.XShape, c.X)}, [][]float32{c.DX}
			var y *G.Node
			if c.Kind == "Conv2d" {
				in, want = append(in, input(g, "w", c.WShape, c.W)), append(want, c.DW)
				y, err = fast.Conv2d(in[0], in[1], c.WShape[2:], c.Pad, c.Stride, c.Dilation)
			} else {
				y, err = fast.MaxPool2D(in[0], c.Kernel, c.Pad, c.Stride)
			}
			if err != nil {
				t.Fatal(err)
			}
			if !y.Shape().Eq(c.YShape) {
				t.Fatalf("got shape %v, want %v", y.Shape(), c.YShape)
			}
			grads, err := G.Grad(G.Must(G.Sum(G.Must(G.HadamardProd(y, input(g, "dy", c.YShape, c.DY))))), in...)
			if err != nil {
				t.Fatal(err)
			}
			var result G.Value
			G.Read(y, &result)
			if err := G.NewTapeMachine(g).RunAll(); err != nil {
				t.Fatal(err)
			}
			near(t, "result", floats(result), float64s(c.Y))
			for i, n := range grads {
				near(t, fmt.Sprint("gradient ", i), floats(n.Value()), float64s(want[i]))
			}
		})
	}
}
