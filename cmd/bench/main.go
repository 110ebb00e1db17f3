// Command bench measures how fast networks train on this machine: what the
// processor can do, each part of a training step, layers of other shapes, and
// whole epochs at every instruction set and with Gorgonia's own ops. With -peer
// it trains in turns with another program. -h lists the flags.
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
	command.Main("bench", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdin, os.Stdout) })
}

// run is the command.
func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	return interrupted(ctx, measureOrServe(ctx, args, stdin, stdout))
}

// interrupted is the error err of work with ctx. Whatever went wrong after a
// signal was its doing.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return command.Interruptedf("interrupted")
	}
	return err
}

// measureOrServe does what the command line says.
func measureOrServe(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) > 0 && args[0] == "serve" {
		o, err := parseServe(args[1:], stdout)
		if err != nil {
			return err
		}
		return serve(ctx, o, stdin, stdout)
	}
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	return measure(ctx, o, stdout)
}

// bench is one run of the command and what it has measured so far.
type bench struct {
	options
	budget
	data train.Data
	dir  string // of the data as IDX files
	text io.Writer

	workersPeak float64 // GFLOP/s of all workers together, the best so far
	report
}

// report is all that a run measures, as -json prints it.
type report struct {
	Processor *processor `json:"processor,omitempty"`
	Steps     []*step    `json:"steps,omitempty"`
	Layers    layerRates `json:"layers,omitempty"`
	Epochs    epochTimes `json:"epochs,omitempty"`
	Ratios    ratios     `json:"ratios,omitempty"`
	Peer      []*match   `json:"peer,omitempty"`
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
	b := &bench{options: *o, budget: thorough, dir: dir}
	b.data = train.Data(training)
	if o.quick {
		b.budget = quick
	}
	return b.run(ctx, stdout)
}

// run measures and prints.
func (b *bench) run(ctx context.Context, stdout io.Writer) error {
	if b.text = stdout; b.json {
		b.text = io.Discard
	}
	if err := b.all(ctx); err != nil || !b.json {
		return err
	}
	enc := json.NewEncoder(stdout)
	enc.SetIndent("", "  ")
	return errors.WithStack(enc.Encode(b.report))
}

// all measures everything, and prints each table as soon as it is complete.
func (b *bench) all(ctx context.Context) error {
	if b.peer != "" {
		return b.eachNetwork(func(n network, batch int) error {
			m, err := b.play(ctx, n, batch)
			if err != nil {
				return err
			}
			b.Peer = append(b.Peer, m)
			return b.print(m)
		})
	}
	b.Processor = b.measureProcessor()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := b.print(b.Processor); err != nil {
		return err
	}
	for _, n := range b.networks {
		s, err := b.measureStep(ctx, n)
		if err != nil {
			return err
		}
		b.Steps = append(b.Steps, s)
		if err := b.print(s); err != nil {
			return err
		}
	}
	var err error
	if b.Layers, err = b.measureLayers(ctx); err != nil {
		return err
	}
	if err := b.print(b.Layers); err != nil {
		return err
	}
	err = b.eachNetwork(func(n network, batch int) error {
		e, err := b.measureEpochs(ctx, n, batch)
		if err != nil {
			return err
		}
		b.Epochs = append(b.Epochs, e...)
		b.Ratios = append(b.Ratios, e.ratios(n)...)
		return b.print(e)
	})
	if err != nil {
		return err
	}
	return b.print(b.Ratios)
}

// eachNetwork calls f for every network and size of a batch.
func (b *bench) eachNetwork(f func(n network, batch int) error) error {
	for _, n := range b.networks {
		for _, batch := range b.batches {
			if err := f(n, batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// print writes what was measured.
func (b *bench) print(t interface{ table() table }) error { return t.table().write(b.text) }
