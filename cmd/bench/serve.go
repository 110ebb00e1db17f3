package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/graph"
	"tapenet/train"
)

// bench serve is this module as a peer, so that all who train in turns are
// programs of their own and are asked in the same way:
//
//	$ bench serve --network onelayer --batch 200 --threads 2 --data DIR
//	ready avx512
//	epoch                (asked)
//	0.721                (answered, in seconds)
//	quit                 (asked)
//
// Further flags are --ops and --images, to train on only the first N.

// serveOptions are what its command line says.
type serveOptions struct {
	network network
	train.Config
	data   string
	images int // 0 is all
}

func parseServe(args []string, stdout io.Writer) (*serveOptions, error) {
	o := serveOptions{network: networks[0], data: "."}
	o.Config = train.Config{Lowering: graph.Fused, Batch: 200, Epochs: 1, Workers: 1}
	fs := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	fs.Func("network", "", func(s string) (err error) { o.network, err = networkOf(s); return err })
	fs.Var(command.Count(&o.Batch, 1), "batch", "")
	fs.Var(command.Count(&o.Workers, 1), "threads", "")
	fs.Var(command.Name(&o.data), "data", "")
	fs.Var(command.Choice(&o.Lowering, graph.Lowerings()...), "ops", "")
	fs.Var(command.Count(&o.images, 0), "images", "")
	_, err := command.Parse(fs, args, "Usage: bench serve [flags]\n", stdout)
	return &o, err
}

// serve trains an epoch to warm up and one for each line that asks for it.
func serve(ctx context.Context, o *serveOptions, stdin io.Reader, stdout io.Writer) error {
	sets, err := data.Load(ctx, o.data)
	if err != nil {
		return err
	}
	if sets, err = sets.Limit(o.images); err != nil {
		return err
	}
	net, weights, err := o.network.build()
	if err != nil {
		return err
	}
	t, err := train.New(net, weights, o.Config)
	if err != nil {
		return err
	}
	epoch := func() (train.Epoch, error) {
		h, err := t.Fit(ctx, sets.Train, train.Data{})
		if err != nil {
			return train.Epoch{}, err
		}
		return h[0], nil
	}
	if _, err := epoch(); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "ready", graph.Level())
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(stdin); in.Scan(); {
			lines <- in.Text()
		}
	}()
	for {
		select {
		case <-ctx.Done(): // who is asked nothing can be interrupted too
			return ctx.Err()
		case line, more := <-lines:
			if !more {
				return nil
			}
			switch line {
			case "epoch":
				e, err := epoch()
				if err != nil {
					return err
				}
				fmt.Fprintln(stdout, e.Time.Seconds())
			case "quit":
				return nil
			default:
				return errors.Errorf("got %q, want epoch or quit", line)
			}
		}
	}
}
