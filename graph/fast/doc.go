// Package fast has ops for Gorgonia's ExprGraphs, with the names, arguments and shapes of Gorgonia's own. They compute
// float32 with the kernels of this module, in parallel, and work in any graph: beside Gorgonia's own ops, under
// gorgonia.Grad, on a TapeMachine or a LispMachine, with Read, Let, BindDualValues and WithPrecompiled.
//
// Images are (N, C, H, W), as everywhere in Gorgonia. The results have the same bits for any number of cores and at any
// place in memory. They differ from Gorgonia's own in rounding, and where those are wrong: see Rectify, SoftMax, Dropout,
// MaxPool2D and Reshape. docs/gorgonia.md shows how to change an existing program.
//
// # Who owns what
//
// An op owns its result: it hands out the same tensor on every run, and each run sets all of it. So the value of a node is
// that of the last run; clone what should outlive it, or let gorgonia.Read copy it. Gorgonia's ops may work in place on a
// result that nothing reads any more; then the node's value is what they made of it, as with Gorgonia's own ops. The next
// run does not see it.
//
// An op only reads its inputs. What it remembers of them from a run to its gradient is its own, and belongs to the graph:
// several machines may run one graph, but one at a time. To run at the same time, each builds a graph of its own.
//
// gorgonia.Reshape gives the memory of its input a second name, which Gorgonia does not know: an op that works in place
// after it changes the input, and gradients that need it are wrong. Use Reshape.
//
// The gradient of an op's gradient is an error: there is none.
package fast
