// Command bench measures how fast networks train on this machine: what the
// processor can do, each part of a training step, and whole epochs at every
// instruction set and with Gorgonia's own ops. With -peer it trains in turns
// with another program. -h lists the flags.
package main

import (
	"context"
	"encoding/json"
	"io"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/mnist"
	"tapenet/train"
)

func main() {
	command.Main("bench", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr) })
}

// run does what the command line says.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == "serve" {
		return interrupted(ctx, serve(ctx, args[1:], stdin, stdout))
	}
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	o.noticeIdle(stderr)
	o.workers = min(o.workers, train.MaxWorkers) // peers get no more than we do
	return interrupted(ctx, measure(ctx, o, stdout))
}

// interrupted returns the error of work that ended with err. If a signal ended
// ctx, that is the cause of whatever went wrong.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return command.Interruptedf("interrupted")
	}
	return err
}

// bench is one run of the command and what it has measured so far.
type bench struct {
	options
	budget
	data train.Data
	dir  string    // a folder with the data as IDX files
	self []string  // the command that starts this program as a peer
	text io.Writer // for the tables

	workersPeak float64 // GFLOP/s of all workers together, the best so far
	report
}

// report is all that a run measures, as -json prints it.
type report struct {
	Processor *processor   `json:"processor,omitempty"`
	Steps     []*step      `json:"steps,omitempty"`
	Scaling   []*scaling   `json:"scaling,omitempty"`
	Epochs    []*epochTime `json:"epochs,omitempty"`
	Peer      []*match     `json:"peer,omitempty"`
}

// measure does all that the options ask for and prints it.
func measure(ctx context.Context, o *options, stdout io.Writer) error {
	training, test, err := mnist.Load()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return errors.WithStack(err)
	}
	defer os.RemoveAll(dir)
	if err := mnist.WriteDir(dir, training, test); err != nil {
		return err
	}
	b := &bench{options: *o, budget: thorough, data: train.Data(training), dir: dir}
	if o.quick {
		b.budget = quick
	}
	return b.run(ctx, stdout)
}

// run measures, and prints each table as soon as it is complete, or JSON at the
// end.
func (b *bench) run(ctx context.Context, stdout io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return errors.WithStack(err)
	}
	b.self, b.text = []string{self, "serve"}, stdout
	if b.json {
		b.text = io.Discard
	}
	var networks []network
	for _, name := range b.names {
		n, err := newNetwork(name, mnist.Classes, mnistShape)
		if err != nil {
			return err
		}
		networks = append(networks, n)
	}
	turns := b.play
	if b.peer == "" {
		turns = b.measureEpochs
		if err := b.measureProcessor(ctx); err != nil {
			return err
		}
		for _, n := range networks {
			if err := b.measureStep(ctx, n); err != nil {
				return err
			}
			for _, batch := range b.batches {
				if err := b.measureScaling(ctx, n, batch, b.Steps[len(b.Steps)-1]); err != nil {
					return err
				}
			}
		}
	}
	for _, n := range networks {
		for _, batch := range b.batches {
			if err := turns(ctx, n, batch); err != nil {
				return err
			}
		}
	}
	if !b.json {
		return nil
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return errors.WithStack(enc.Encode(b.report))
}
