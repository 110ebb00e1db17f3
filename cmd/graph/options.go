package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/models"
)

// model is the name of a network on the command line.
type model string

const (
	oneLayer model = "onelayer"
	twoLayer model = "twolayer"
)

// networks are the networks by name, with their titles.
var networks = map[model]struct {
	title  string
	layers func() graph.Sequential
}{
	oneLayer: {"OneLayer", models.OneLayer},
	twoLayer: {"TwoLayer", models.TwoLayer},
}

// options are what the command line says.
type options struct {
	model   model
	drawing graph.Drawing
	ops     graph.Ops
	file    string // "" is the standard output
}

// flags declares every flag of the command on a set. Values are checked while
// the command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{model: oneLayer, drawing: graph.Drawings[0], ops: graph.Lowerings[0]}
	fs.Func("model", "draw the network of this `name`: onelayer or twolayer (default onelayer)", oneOf(&o.model, oneLayer, twoLayer))
	fs.Func("graph", "draw `what`: forward (the network as written), fused (which layers run as one op), training (one step with its gradients) or nodes (every node that the tape machine executes) (default forward)",
		oneOf(&o.drawing, graph.Drawings...))
	fs.Func("ops", "draw training and nodes for `ops`: fused (ours) or gorgonia (its own); the others look the same for both (default fused)",
		oneOf(&o.ops, graph.Lowerings...))
	fs.Func("o", "write the picture to `file`: .svg, .dot, or .png if Graphviz is installed (default DOT on the standard output)", func(s string) error {
		if !slices.Contains([]string{".svg", ".dot", ".png"}, format(s)) {
			return errors.New("want a name that ends in .svg, .dot or .png")
		}
		o.file = s
		return nil
	})
}

// oneOf is how a flag sets p, to one of a few words.
func oneOf[T ~string](p *T, words ...T) func(string) error {
	return func(s string) error {
		if !slices.Contains(words, T(s)) {
			return errors.Errorf("want one of %q", words)
		}
		*p = T(s)
		return nil
	}
}

// parse reads the command line. The error is flag.ErrHelp if it asks for help,
// else one line that says what is wrong with it.
func parse(args []string) (*options, error) {
	var o options
	fs := flag.NewFlagSet("graph", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	o.flags(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, errors.Errorf("unexpected argument %q: flags begin with - and take their value behind a space or =", fs.Arg(0))
	}
	return &o, nil
}

// help writes what a newcomer needs to know.
func help(w io.Writer) {
	fmt.Fprint(w, strings.TrimLeft(`
Usage: graph [flags]

Draws a network of the notebook. An .svg needs no Graphviz, opens in any browser
and follows its light or dark scheme; .dot is for Graphviz and its many formats.

  graph -o net.svg                                  the network as written
  graph -model twolayer -graph fused -o net.svg     what runs as one op, what is never stored
  graph -graph training | dot -Tpdf > step.pdf      one training step, through Graphviz

The exit status is 0 if all is done, 1 if something failed, 2 if the command line
is wrong.

Flags:
`, "\n"))
	fs := flag.NewFlagSet("graph", flag.ContinueOnError)
	new(options).flags(fs)
	fs.SetOutput(w)
	fs.PrintDefaults()
}
