// Package train fits a graph.Network to labelled images and measures it, as
// Keras's fit and evaluate do. A [Trainer] holds the weights and the state of
// the optimiser, [Config] says how it trains, [History] what came out.
//
// A batch is cut into micro-batches, so that graphs of one fixed size serve
// every batch, and these are dealt to lanes, each of which adds up the gradient
// of its own. Lanes, and the order in which their gradients are added,
// depend on the size of the batch alone: the number of workers that share the
// lanes changes no bit of the result.
//
// The package knows no dataset and no network, and prints nothing.
package train
