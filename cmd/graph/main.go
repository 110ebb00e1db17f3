// Command graph draws a network of the notebook: as it is written, as the fused
// ops run it, one training step with its gradients, or every node of the
// expression graph. An SVG needs no Graphviz. -h lists the flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/picture"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/mnist"
	"tapenet/models"
)

func main() {
	command.Main("graph", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout) })
}

// run is the command.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	m, _ := models.ByName(o.model)
	sets, err := o.load(ctx)
	if err != nil {
		return err
	}
	net, err := m.Layers(sets.Classes).Build(sets.Shape...)
	if err != nil {
		return errors.WithMessagef(err, "-data %s: images of %s: %s", o.data, sets.Shape, m.Title)
	}
	p := draw.Picture{Title: m.Title, Drawing: o.drawing, Lowering: o.lowering}
	p.Command = picture.Command(m.Name, o.data, p)
	if o.values != "" {
		p.Command += fmt.Sprintf(" -values %q", o.values)
		if p.Values, err = o.measure(ctx, net, sets); err != nil {
			return err
		}
	}
	if o.file == "" {
		return command.Wait(ctx, "writing to the standard output", func() error { return draw.DOT(stdout, net, p) })
	}
	err = atomicfile.Write(ctx, o.file, func(w io.Writer) error { return picture.Write(ctx, w, o.file, net, p) })
	return errors.WithMessagef(err, "-o %s", o.file)
}

// load reads the data, if anything of it is needed: the shape and the classes of
// MNIST are known.
func (o *options) load(ctx context.Context) (data.Sets, error) {
	if o.data == "" && o.values == "" {
		return data.Sets{Shape: graph.Shape{1, mnist.Rows, mnist.Cols}, Classes: mnist.Classes}, nil
	}
	return data.Load(ctx, o.data, false)
}
