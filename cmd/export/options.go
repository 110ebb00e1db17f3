package main

import (
	"flag"
	"io"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/export"
	"tapenet/cmd/internal/trained"
)

// options are what the command line says.
type options struct {
	network trained.Choice
	file    string
}

// flags declares every flag of the command on a set. Values are checked while
// the command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	o.network.Flags(fs, "export")
	fs.Var(export.Flag(&o.file), "o", "write to `file`; its ending says how: "+export.Formats)
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet("export", flag.ContinueOnError)
	o.flags(fs)
	if _, err := command.Parse(fs, args, help, stdout); err != nil {
		return nil, err
	}
	if o.file == "" {
		return nil, command.Usagef("want a file to write to: export -o net.onnx")
	}
	return &o, nil
}

// help is what a newcomer needs to know.
const help = `Usage: export [flags] -o file

Writes a trained network for another program, which then gives the same
probabilities: OneLayer, trained on MNIST, or another.

  go run ./cmd/export -o digits.onnx                     for ONNX Runtime
  go run ./cmd/export -model twolayer -o digits.keras    TwoLayer, for Keras
  go run ./cmd/export -weights net.safetensors -o net.onnx
  go run ./cmd/export -weights net.npz -model twolayer -o net.keras

Shells have an export of their own: call a built one by its path, ./export.

A file of -save or -save-best says which network it is of. For others, -model
does; they must be of 28x28 grey pixels and 10 classes.

The exit status is 0 if all is done, 1 if something failed, 2 if the command
line is wrong, 130 if it was interrupted.
`
