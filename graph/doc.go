// Package graph turns a list of layers into Gorgonia expression graphs and runs
// them.
//
// A [Sequential] is the list as it is written; [Parse] reads one from text.
// [Sequential.Build] checks it against the shape of one image and gives a
// [Network]: the same layers with names, shapes and parameters.
// [Network.Compile] lowers a Network to a Gorgonia ExprGraph for a fixed number
// of images, with the gradients that gorgonia.Grad derives, and gives a
// [Machine] that executes it:
//
//	layers := graph.Sequential{graph.Flatten, graph.Dense(10), graph.SoftMax}
//	net, err := layers.Build(1, 28, 28)
//	…
//	weights, err := net.Pack(graph.Fused, values) // one for each of net.NumParams()
//	…
//	m, err := net.Compile(graph.Fused, 1, weights, graph.Forward)
//	…
//	copy(m.X, pixels)
//	_, err = m.Run(nil, false)
//	…
//	probabilities, err := m.Outputs()
//
// [Network.Probe] gives a [Probe]: one image, and every tensor on its way through
// the network and back, to look at.
//
// All numbers are float32. One vector holds all parameters of a network, in the
// order of [Network.Params] and in PyTorch's layout; a lowering may keep them
// in another order, see [Network.Pack].
//
// Letters in shapes, here and in every package of this module:
//
//	N images   C channels   H rows   W columns   D values of an image
//	F filters  K filter side   P window side   S stride   M units or classes
//
// The package knows no dataset and does not train: package train does. It does
// offer the arithmetic that training needs, such as [AdamStep], because the fast
// kernels are below it.
package graph
