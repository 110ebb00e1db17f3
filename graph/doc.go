// Package graph turns a list of layers into Gorgonia expression graphs and
// runs them.
//
// A [Sequential] is the list as it is written. [Sequential.Build] checks it
// against the shape of one image and gives a [Network]: the same layers with
// names, shapes and parameters. [Network.Compile] lowers a Network to a Gorgonia
// ExprGraph for a fixed number of images, with the gradients that
// gorgonia.Grad derives, and gives a [Machine] that executes it.
//
// All numbers are float32. One vector holds all parameters of a network, in the
// order of [Network.Params] and in PyTorch's layout; a lowering may keep them
// in another order, see [Network.Pack].
//
// Letters in shapes, here and in every package of this module:
//
//	N images   C channels   H rows   W columns   D values of an image
//	F filters  K filter side   P window side   M units or classes
//
// The package knows no dataset and no optimiser, and trains nothing by itself.
package graph
