package graphtest

import "tapenet/graph"

// List is a network for tests that has what the two of package models lack:
// padding, strides, Dropout.
type List struct {
	Name   string
	Layers graph.Sequential
	In     graph.Shape
}

// Lists are networks on images, with SoftMax at the end of the first three, which
// have MNIST's images and classes: LeNet-5 as it is taught today, a small VGG, and
// one that strides instead of pooling. The last one has every kind of window.
func Lists() []List {
	mnist := graph.Shape{1, 28, 28}
	return []List{
		{"lenet5", graph.Sequential{
			graph.Conv2d(6, 5).Pad(2), graph.Rectify, graph.MaxPool2D(2),
			graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
			graph.Flatten,
			graph.Dense(120), graph.Rectify, graph.Dense(84), graph.Rectify, graph.Dense(10), graph.SoftMax,
		}, mnist},
		{"vgg", graph.Sequential{
			graph.Conv2d(32, 3).Same(), graph.Rectify, graph.Conv2d(32, 3).Same(), graph.Rectify, graph.MaxPool2D(2),
			graph.Conv2d(64, 3).Same(), graph.Rectify, graph.Conv2d(64, 3).Same(), graph.Rectify, graph.MaxPool2D(2), graph.Dropout(0.25),
			graph.Flatten,
			graph.Dense(128), graph.Rectify, graph.Dropout(0.5), graph.Dense(10), graph.SoftMax,
		}, mnist},
		{"strided", graph.Sequential{
			graph.Conv2d(16, 3).Pad(1).Stride(2), graph.Rectify, graph.Conv2d(16, 3).Pad(1).Stride(2), graph.Rectify,
			graph.Flatten,
			graph.Dense(10), graph.SoftMax,
		}, mnist},
		{"windows", graph.Sequential{
			graph.Conv2d(4, 4).Same(), graph.MaxPool2D(3).Same().Stride(2), graph.Dropout(0.2), graph.Conv2d(5, 3).Same().Stride(2), graph.Rectify,
			graph.MaxPool2D(3).Pad(1).Stride(2), graph.Conv2d(3, 2).Pad(2).Stride(3), graph.MaxPool2D(2).Stride(1), graph.MaxPool2D(2).Same(), graph.Dropout(0.5),
		}, graph.Shape{3, 26, 21}},
	}
}
