package onnx_test

import (
	"bytes"
	"fmt"

	"tapenet/models/onnx"
	"tapenet/models/pretrained"
)

func ExampleWrite() {
	net, values, err := pretrained.Open("twolayer")
	if err != nil {
		fmt.Println(err)
		return
	}
	about := onnx.About{
		Classes:  []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		Accuracy: pretrained.Accuracy("twolayer"),
	}
	var file bytes.Buffer
	err = onnx.Write(&file, net, values, about)
	fmt.Println(file.Len() > 4*len(values), err)
	// Output: true <nil>
}
