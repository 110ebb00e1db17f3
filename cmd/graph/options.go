package main

import (
	"flag"
	"io"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/picture"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/models"
)

// options are what the command line says.
type options struct {
	model    string // as models.ByName has it
	drawing  draw.Drawing
	lowering graph.Lowering
	data     string // "" is MNIST
	values   string // a file of weights; "" is none
	file     string // "" is the standard output
}

// flags declares every flag of the command on a set. Values are checked while
// the command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{model: models.Names()[0], drawing: draw.Drawings()[0], lowering: graph.DefaultLowering}
	fs.Var(command.Choice(&o.model, models.Names()...), "model", "draw the network of this `name`: onelayer or twolayer")
	fs.Var(command.Choice(&o.drawing, draw.Drawings()...), "graph", "draw `what`: forward (the network as written), fused (which layers run as one op), training (one step with its gradients) or nodes (every node that the tape machine executes)")
	fs.Var(command.Choice(&o.lowering, graph.Lowerings()...), "ops", "draw training and nodes for `ops`: fused (ours) or gorgonia (its own); the others look the same for both")
	data.PathFlag(fs, &o.data, "draw the network for the images and classes of the data at `path`")
	fs.Var(command.Name(&o.values), "values", "write into each box what the network computes with the weights in `file`: range, mean and share of zeros over the first 100 test images. It reads what -init reads")
	fs.Func("o", "write the picture to `file`: .svg, .dot, or .png if Graphviz is installed (default DOT on the standard output)", func(s string) error {
		if !slices.Contains(picture.Formats(), picture.Format(s)) {
			return errors.New("want a name that ends in .svg, .dot or .png")
		}
		o.file = s
		return nil
	})
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet("graph", flag.ContinueOnError)
	o.flags(fs)
	_, err := command.Parse(fs, args, help, stdout)
	return &o, err
}

// help is what a newcomer needs to know.
const help = `Usage: graph [flags]

Draws a network of the notebook. An .svg needs no Graphviz, opens in any browser
and follows its light or dark scheme; .dot is for Graphviz and its many formats.

  graph -o net.svg                                  the network as written
  graph -model twolayer -graph fused -o net.svg     what runs as one op
  graph -values net.safetensors -o net.svg          what it computes with these
  graph -data folder -o net.svg                     for other images and classes
  graph -graph training | dot -Tpdf > step.pdf      a training step, by Graphviz

The exit status is 0 if all is done, 1 if something failed, 2 if the command
line is wrong, 130 if it was interrupted.
`
