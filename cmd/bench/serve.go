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
	"tapenet/models"
	"tapenet/train"
)

// serve makes this program a peer, so that all who train in turns are processes of
// their own and are asked in the same way:
//
//	$ bench serve --network onelayer --batch 200 --threads 2 --data DIR
//	ready avx512
//	epoch                (asked)
//	0.721                (answered, in seconds)
//	quit                 (asked)
//
// It has more flags: --ops, --limit and --transpose, as onelayer has them.
func serve(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	name, path, transpose, limit := networkNames()[0], "", false, 0
	c := train.Config{Lowering: graph.DefaultLowering, Batch: 200, Epochs: 1, Workers: 1}
	fs := flag.NewFlagSet("bench serve", flag.ContinueOnError)
	fs.Var(command.Choice(&name, networkNames()...), "network", "")
	fs.Var(command.Count(&c.Batch, 1), "batch", "")
	fs.Var(command.Count(&c.Workers, 1), "threads", "")
	data.Flags(fs, &path, &transpose, &limit)
	fs.Var(command.Choice(&c.Lowering, append(graph.Lowerings(), graph.FusedBF16)...), "ops", "")
	if _, err := command.Parse(fs, args, "Usage: bench serve [flags]\n", stdout); err != nil {
		return err
	}
	sets, err := data.Load(ctx, path, transpose)
	if err != nil {
		return err
	}
	if sets, err = sets.Limit(limit); err != nil {
		return err
	}
	n, err := newNetwork(name, sets.Classes, sets.Shape)
	if err != nil {
		return err
	}
	t, err := train.New(n.Network, models.Init(n.Network, 1), c)
	if err != nil {
		return err
	}
	if _, err := t.Fit(ctx, sets.Train, train.Data{}); err != nil { // to warm up
		return err
	}
	fmt.Fprintln(stdout, "ready", graph.Level())
	// A signal ends the input, even if nobody asks anything.
	asked, input := io.Pipe()
	defer asked.Close()
	defer context.AfterFunc(ctx, func() { input.Close() })()
	go func() {
		io.Copy(input, stdin)
		input.Close()
	}()
	for lines := bufio.NewScanner(asked); lines.Scan(); {
		switch line := lines.Text(); line {
		case "epoch":
			h, err := t.Fit(ctx, sets.Train, train.Data{})
			if err != nil {
				return err
			}
			fmt.Fprintln(stdout, h[0].Time.Seconds())
		case "quit":
			return nil
		default:
			return errors.Errorf("got %q, want epoch or quit", line)
		}
	}
	return ctx.Err()
}
