package graph_test

import (
	"fmt"

	"tapenet/graph"
)

// The nodes of a training step, fused: two layers run as one op, and the last
// op computes SoftMax with the loss.
func ExampleMachine_Nodes() {
	net, err := graph.Sequential{graph.Dense(3), graph.Rectify, graph.Dense(2), graph.SoftMax}.Build(4)
	if err != nil {
		fmt.Println(err)
		return
	}
	weights, err := net.Pack(graph.Fused, make([]float32, net.NumParams()))
	if err != nil {
		fmt.Println(err)
		return
	}
	const images = 5
	m, err := net.Compile(graph.Fused, images, weights, graph.Training)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range m.Nodes() {
		fmt.Printf("%d %s%s", n.ID, n.Name, n.Op)
		if len(n.Inputs) > 0 {
			fmt.Printf(" of %v", n.Inputs)
		}
		if n.Shape != nil {
			fmt.Printf(", %v", n.Shape)
		}
		if len(n.Layers) > 0 {
			fmt.Printf(": computes %q, keeps %q", n.Layers, n.Keeps)
		}
		fmt.Println()
	}
	// Output:
	// 0 x, 5×4
	// 1 dense1.weight, 4×3
	// 2 dense1.bias, 3
	// 3 dense2.weight, 3×2
	// 4 dense2.bias, 2
	// 5 dense1 of [0 1 2], 5×3: computes ["dense1" "relu1"], keeps ["input" "output"]
	// 6 dense2 of [5 3 4], 5×2: computes ["dense2"], keeps ["input"]
	// 7 y, 5×2
	// 8 softmax1 loss of [6 7]: computes ["softmax1"], keeps ["p − y"]
	// 9 const 1
	// 10 ∂ softmax1 loss of [8 9], 5×2
	// 11 ∂ dense2.weight of [5 6 10], 3×2
	// 12 ∂ dense2.bias of [11], 2
	// 13 ∂ dense2 input of [6 10], 5×3
	// 14 ∂ dense1.weight of [0 5 13], 4×3
	// 15 ∂ dense1.bias of [14], 3
}
