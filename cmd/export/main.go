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
	"tapenet/models/onnx"
	"tapenet/models/pretrained"
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
	net, values, err := o.network.Open(ctx)
	if err != nil {
		return err
	}
	var about onnx.About
	if o.network.Weights == "" {
		about = onnx.About{Classes: export.Digits(), Accuracy: pretrained.Accuracy(o.network.Name())}
	}
	return errors.WithMessagef(export.Write(ctx, o.file, net, values, about), "-o %s", o.file)
}
