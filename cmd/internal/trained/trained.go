// Package trained chooses the trained network that a command works with, by flags,
// and reads it.
package trained

import (
	"context"
	"flag"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/models/weights"
)

// Choice is what the flags say of the network.
type Choice struct {
	Model   string // a name of models.Names; "": the network that the file of Weights names, or without a file the first
	Weights string // a file; "": the weights of package pretrained
}

// Flags declares -model and -weights. Verb says what the command does.
func (c *Choice) Flags(fs *flag.FlagSet, verb string) {
	fs.Var(command.Choice(&c.Model, models.Names()...), "model", verb+" the network of this `name`: onelayer or twolayer (default onelayer; with -weights, the network that the file names)")
	fs.Var(command.Name(&c.Weights), "weights", verb+" the network with the weights in `file`, one of -save or -save-best, or with -model any that -init reads (default: weights trained on MNIST that are part of this command)")
}

// Open returns the network and its weights. If ctx ends first, the error is one of
// command.Interruptedf.
func (c Choice) Open(ctx context.Context) (net *graph.Network, values []float32, err error) {
	if c.Weights == "" {
		return pretrained.Open(c.Name())
	}
	err = command.Wait(ctx, "reading -weights "+c.Weights, func() error {
		f, err := os.Open(c.Weights)
		if err != nil {
			return errors.Wrap(err, "-weights")
		}
		defer f.Close()
		net, values, err = c.read(f)
		return errors.WithMessagef(err, "-weights %s", c.Weights)
	})
	if err != nil {
		return nil, nil, err
	}
	return net, values, nil
}

// Classifies returns an error unless the network gives probabilities.
func Classifies(net *graph.Network) error {
	if last := net.Layers[len(net.Layers)-1]; last.Kind != graph.KindSoftMax {
		return errors.Errorf("the last layer of the network is %v, want SoftMax, which gives probabilities", last.Layer)
	}
	return nil
}

// Name is the name of the network without -weights.
func (c Choice) Name() string {
	if c.Model == "" {
		return models.Names()[0]
	}
	return c.Model
}

// read reads the file of -weights: as weights of -model, or without -model as a file
// that names its network. If it names none, the error says which model it fits.
func (c Choice) read(f *os.File) (*graph.Network, []float32, error) {
	if c.Model != "" {
		return readAs(f, c.Model)
	}
	net, values, err := weights.Open(f)
	if err == nil {
		return net, values, nil
	}
	for _, model := range models.Names() {
		if _, _, other := readAs(f, model); other == nil {
			return nil, nil, errors.Errorf("%v; it fits -model %s", err, model)
		}
	}
	return nil, nil, err
}

// readAs reads a file in any format as weights of the named model.
func readAs(f *os.File, model string) (*graph.Network, []float32, error) {
	m, _ := models.ByName(model)
	net, err := m.Layers(mnist.Classes).Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, nil, errors.WithStack(err)
	}
	var values []float32
	if info.Mode().IsRegular() {
		values, err = weights.Import(f, info.Size(), net)
	} else { // a pipe
		values, err = weights.Load(f, net)
	}
	return net, values, err
}
