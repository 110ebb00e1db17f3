// Package train teaches a graph.Network to name the classes of images, as Keras's
// fit, evaluate and predict do. It knows no dataset and no network, and prints
// nothing.
//
//	net, err := models.OneLayer(10).Build(1, 28, 28)
//	t, err := train.New(net, models.Init(net, 1), train.Config{Batch: 200, Epochs: 10})
//	history, err := t.Fit(ctx, data, validation) // what each epoch gave
//	metrics, err := t.Evaluate(test)             // loss and accuracy
//	classes, err := t.Classes(pixels)            // the most probable one of each image
//
// Weights that are trained already need no [Trainer]: a [Predictor] has Evaluate,
// Predict and Classes, and serves any number of goroutines.
//
//	p, err := train.NewPredictor(net, weights, train.Config{})
//	probabilities, err := p.Predict(pixels)
//
// To see a training while it runs, set the hooks of [Config]; they may use the
// trainer. To go on with a training later, keep its [State] and Restore it.
//
// # Same bits
//
// The same seed, data and kernels give the same weights, to the last bit, whatever
// the number of workers. A batch is cut into micro-batches, so that graphs of one
// fixed size serve every batch. These are dealt to lanes, each of which sums the
// gradients of its own. The number of lanes, and the order in which their sums are
// added, depend on the size of the batch alone; workers only share out the lanes. More
// workers than lanes share the ops of a lane too, by images, or by rows of a gradient:
// no sum has another order then.
package train
