// Command predict says which digits pictures show, or which of the classes that
// another network was trained on. -h lists the flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/prepare"
	"tapenet/cmd/internal/trained"
	"tapenet/graph"
	"tapenet/train"
)

func main() {
	debug.SetMemoryLimit(400e6) // the memory of a large picture is free as soon as it is small
	command.Main("predict", func(ctx context.Context) error {
		return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	})
}

// run is the command.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	p, err := newPredictor(ctx, o)
	if err != nil {
		return err
	}
	w := newWriter(stdout, o, p)
	if o.index >= 0 {
		image, label, err := p.testImage(ctx, o.index)
		if err != nil {
			return err
		}
		if err := p.predict(w, result{File: fmt.Sprintf("test image %d", o.index), Label: &label}, image); err != nil {
			return err
		}
	}
	failed := 0
	for _, file := range o.files {
		var image []uint8
		err := command.Wait(ctx, "reading "+file, func() (err error) {
			image, err = p.read(file, stdin)
			return errors.WithMessage(err, file)
		})
		switch {
		case err == nil:
			err = p.predict(w, result{File: file}, image)
			if err != nil {
				return err
			}
		case ctx.Err() != nil || len(o.files) == 1:
			return err
		default:
			failed++
			fmt.Fprintf(stderr, "predict: %s\n", command.Printable(err.Error()))
		}
		if ctx.Err() != nil {
			return command.Interruptedf("interrupted after %s", file)
		}
	}
	if failed > 0 {
		return errors.Errorf("%d of %d pictures could not be read", failed, len(o.files))
	}
	return nil
}

// predictor is the network, and how it wants pictures.
type predictor struct {
	*train.Predictor
	net     *graph.Network
	names   []string // of the classes, nil if they have none
	prepare prepare.Way
}

func newPredictor(ctx context.Context, o *options) (*predictor, error) {
	net, values, err := o.network.Open(ctx)
	if err != nil {
		return nil, err
	}
	if in := net.In; len(in) != 3 || in[0] != 1 && in[0] != 3 {
		return nil, errors.Errorf("the network takes (%s), want images (1, rows, columns) or (3, rows, columns)", in.Join(", "))
	}
	if err := trained.Classifies(net); err != nil {
		return nil, err
	}
	t, err := train.NewPredictor(net, values, train.Config{})
	if err != nil {
		return nil, err
	}
	p := &predictor{t, net, nil, o.prepare}
	if o.classes != "" {
		if p.names, err = data.ReadClasses(ctx, o.classes, net.Out().Size()); err != nil {
			return nil, err
		}
	}
	switch {
	case !prepare.TakesDigits(p.net) && o.index >= 0:
		return nil, command.Usagef("-index %d: the network takes (%s) and has %d classes, want one of MNIST's digits: (1, 28, 28) and 10", o.index, net.In.Join(", "), net.Out().Size())
	case !prepare.TakesDigits(p.net) && p.prepare == prepare.Digit:
		return nil, command.Usagef("-prepare digit: the network takes (%s) and has %d classes, want one of MNIST's digits: (1, 28, 28) and 10", net.In.Join(", "), net.Out().Size())
	case p.prepare == automatic && prepare.TakesDigits(p.net) && p.names == nil:
		p.prepare = prepare.Digit
	case p.prepare == automatic:
		p.prepare = prepare.Plain
	}
	return p, nil
}

// predict writes what the network says of an image, beside what r has.
func (p *predictor) predict(w *writer, r result, image []uint8) error {
	var err error
	if r.Probabilities, err = p.Predict(image); err != nil {
		return errors.WithMessage(err, r.File)
	}
	r.Digit = graph.Argmax(r.Probabilities)
	if p.names != nil {
		r.Class = p.names[r.Digit]
	}
	return w.write(r, image)
}
