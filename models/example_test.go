package models_test

import (
	"fmt"
	"slices"

	"tapenet/models"
)

func ExampleInit() {
	net, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := models.Init(net, 1)
	fmt.Println(len(weights), "values")
	for _, p := range net.Params[:2] {
		w := p.Of(weights)
		fmt.Printf("%s %v: %d from %.2f to %.2f\n", p.Name, p.Shape, len(w), slices.Min(w), slices.Max(w))
	}
	// Output:
	// 22046 values
	// conv1.weight 16×1×5×5: 400 from -0.12 to 0.12
	// conv1.bias 16: 16 from 0.00 to 0.00
}
