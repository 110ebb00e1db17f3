package fast_test

import (
	"fmt"
	"log"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"tapenet/graph/fast"
)

// A convolution learns the class of an image. Three calls are ours, all else is as it would be with Gorgonia's own.
func Example() {
	g := G.NewGraph()
	x := G.NewTensor(g, G.Float32, 4, G.WithShape(1, 1, 3, 4), G.WithName("x"))
	y := G.NewMatrix(g, G.Float32, G.WithShape(1, 2), G.WithName("y"))
	w := G.NewTensor(g, G.Float32, 4, G.WithShape(2, 1, 3, 3), G.WithName("w"), G.WithInit(G.Zeroes()))

	edges, err := fast.Conv2d(x, w, tensor.Shape{3, 3}, []int{0, 0}, []int{1, 2}, []int{1, 1})
	if err != nil {
		log.Fatal(err)
	}
	logits, err := fast.Reshape(edges, tensor.Shape{1, 2})
	if err != nil {
		log.Fatal(err)
	}
	loss, err := fast.CrossEntropy(logits, y)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := G.Grad(loss, w); err != nil {
		log.Fatal(err)
	}

	m := G.NewTapeMachine(g, G.BindDualValues(w))
	defer m.Close()
	solver := G.NewVanillaSolver(G.WithLearnRate(1))
	image := tensor.New(tensor.WithShape(1, 1, 3, 4), tensor.WithBacking([]float32{0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0}))
	class := tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float32{1, 0}))
	for range 2 {
		if err := G.Let(x, image); err != nil {
			log.Fatal(err)
		}
		if err := G.Let(y, class); err != nil {
			log.Fatal(err)
		}
		if err := m.RunAll(); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("loss %.4f\n", loss.Value())
		if err := solver.Step(G.NodesToValueGrads(G.Nodes{w})); err != nil {
			log.Fatal(err)
		}
		m.Reset()
	}
	// Output:
	// loss 0.6931
	// loss 0.0025
}
