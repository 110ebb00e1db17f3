package main

import (
	"flag"
	"io"
	"runtime"
	"strings"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/train"
)

// options are what the command line says.
type options struct {
	networks    []network
	batches     []int
	workers     int
	repetitions int
	peer        string
	quick, json bool
}

// budget is how long the measurements take.
type budget struct {
	peak, step, layer time.Duration
	// images of one repetition, by who trains: an epoch where that takes a second
	vector, generic, gorgonia int
	answer                    time.Duration // longest that a child may take to start, or for an epoch
}

var (
	thorough = budget{500 * time.Millisecond, 3 * time.Second, 200 * time.Millisecond, epochImages, 4000, 2000, time.Hour}
	quick    = budget{100 * time.Millisecond, 500 * time.Millisecond, 50 * time.Millisecond, 6000, 1000, 200, time.Hour}
)

// flags declares every flag of the command on a set. Values are checked while the
// command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{networks: networks[:2], batches: []int{200, 1024}, workers: runtime.GOMAXPROCS(0), repetitions: 3}
	fs.Func("network", "measure the network of this `name` alone: onelayer, twolayer or edited (default onelayer, then twolayer)", func(s string) error {
		n, err := networkOf(s)
		o.networks = []network{n}
		return err
	})
	fs.Func("batch", "train in steps of `N` images (default 200, then 1024)", func(s string) error {
		o.batches = []int{0}
		return command.Count(&o.batches[0], 1).Set(s)
	})
	fs.Var(command.Count(&o.workers, 1), "workers", "train with `N` cores, at most 8")
	fs.Var(command.Count(&o.repetitions, 1), "epochs", "repeat each epoch `N` times, in turns with the others")
	fs.StringVar(&o.peer, "peer", "", "train in turns with the program that `command` starts, and nothing else; see cmd/bench/pytorch_peer.py")
	fs.Var(command.Toggle(&o.quick), "quick", "measure for a tenth of the time, with less certainty")
	fs.Var(command.Toggle(&o.json), "json", "print JSON instead of tables")
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	o.flags(fs)
	set, err := command.Parse(fs, args, help, stdout)
	if err != nil {
		return nil, err
	}
	if set["peer"] && len(strings.Fields(o.peer)) == 0 {
		return nil, command.Usagef("invalid value %q for flag -peer: want a command", o.peer)
	}
	if set["peer"] && o.quick {
		return nil, command.Usagef("-quick: not with -peer, whose epochs are whole; -epochs 1 is quickest")
	}
	o.workers = min(o.workers, train.MaxWorkers) // peers get no more than ours
	return &o, nil
}

// help is what a newcomer needs to know.
const help = `Usage: bench [flags]

Measures how fast networks train on this machine: what the processor can do, each
part of a training step, layers of other shapes, and whole epochs at every
instruction set and with Gorgonia's own ops. It takes about two minutes.

  bench -quick                                         half a minute
  bench -peer "python3 cmd/bench/pytorch_peer.py"      compare with PyTorch

Other programs slow it down: of repetitions, believe the shortest, and compare
only what was measured in turns.
`
