package weights_test

import (
	"bytes"
	"fmt"

	"tapenet/models"
	"tapenet/models/weights"
)

func ExampleOpen() {
	net, err := models.OneLayer(10).Build(1, 28, 28)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := weights.Save(&file, net, models.Init(net, 1)); err != nil {
		fmt.Println(err)
		return
	}
	// The file is all that the next program needs.
	opened, values, err := weights.Open(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(opened.Sequential())
	fmt.Println("on", opened.In, "with", len(values), "values")
	// Output:
	// Conv2d(16, 5), Rectify, MaxPool2D(2), Flatten, Dense(100), Rectify, Dense(10), SoftMax
	// on 1×28×28 with 231926 values
}

func ExampleLoad() {
	one, err := models.OneLayer(10).Build(1, 28, 28)
	if err != nil {
		fmt.Println(err)
		return
	}
	two, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := weights.Save(&file, one, models.Init(one, 1)); err != nil {
		fmt.Println(err)
		return
	}
	_, err = weights.Load(&file, two)
	fmt.Println(err)
	// Output:
	// the file is of another network: layer 4, got Flatten, want Conv2d(8, 2)
}
