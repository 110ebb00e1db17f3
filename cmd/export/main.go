// Command export writes a trained network for other programs: ONNX Runtime, Keras,
// PyTorch, NumPy. -h lists the flags.
package main

import (
	"context"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/export"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/onnx"
	"tapenet/models/pretrained"
	"tapenet/models/weights"
)

func main() {
	command.Main("export", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout) })
}

// run is the command.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	if err := atomicfile.Check(o.file); err != nil {
		return errors.WithMessagef(err, "-o %s", o.file)
	}
	net, values, about, err := o.read(ctx)
	if err != nil {
		return err
	}
	return errors.WithMessagef(export.Write(ctx, o.file, net, values, about), "-o %s", o.file)
}

// read returns the network that is to be written, and what is known about it.
func (o *options) read(ctx context.Context) (net *graph.Network, values []float32, about onnx.About, err error) {
	if o.weights == "" {
		net, values, err = pretrained.Open(o.model)
		return net, values, onnx.About{Classes: export.Digits(), Accuracy: pretrained.Accuracy(o.model)}, err
	}
	err = command.Wait(ctx, "reading -weights "+o.weights, func() error {
		f, err := os.Open(o.weights)
		if err != nil {
			return errors.Wrap(err, "-weights")
		}
		defer f.Close()
		net, values, err = o.open(f)
		return errors.WithMessagef(err, "-weights %s", o.weights)
	})
	return net, values, onnx.About{}, err
}

// open reads the file of -weights: as that of -model, or as one that says which
// network it is of. If it does not, the error says which model it would fit.
func (o *options) open(f *os.File) (*graph.Network, []float32, error) {
	if o.model != "" {
		return openAs(f, o.model)
	}
	net, values, err := weights.Open(f)
	if err == nil {
		return net, values, nil
	}
	for _, model := range models.Names() {
		if _, _, other := openAs(f, model); other == nil {
			return nil, nil, errors.Errorf("%v; it fits -model %s", err, model)
		}
	}
	return nil, nil, err
}

// openAs reads a file in any format as weights of the named model.
func openAs(f *os.File, model string) (*graph.Network, []float32, error) {
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
