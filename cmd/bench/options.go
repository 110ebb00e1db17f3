package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"
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
}

var (
	thorough = budget{500 * time.Millisecond, 3 * time.Second, 200 * time.Millisecond, epochImages, 4000, 2000}
	quick    = budget{100 * time.Millisecond, 500 * time.Millisecond, 50 * time.Millisecond, 6000, 1000, 200}
)

// flags declares every flag of the command on a set. Values are checked while the
// command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{networks: networks[:2], batches: []int{200, 1024}, workers: runtime.NumCPU(), repetitions: 3}
	fs.Func("network", "measure the network of this `name` alone: onelayer, twolayer or edited (default onelayer, then twolayer)", func(s string) error {
		n, err := networkOf(s)
		o.networks = []network{n}
		return err
	})
	fs.Func("batch", "train in steps of `N` images (default 200, then 1024)", func(s string) error {
		o.batches = []int{0}
		return count(&o.batches[0])(s)
	})
	fs.Func("workers", "train with `N` cores (default all)", count(&o.workers))
	fs.Func("epochs", "repeat each epoch `N` times, in turns with the others (default 3)", count(&o.repetitions))
	fs.StringVar(&o.peer, "peer", "", "train in turns with the program that `command` starts, and nothing else; see cmd/bench/pytorch_peer.py")
	fs.BoolVar(&o.quick, "quick", false, "measure for a tenth of the time, with less certainty")
	fs.BoolVar(&o.json, "json", false, "print JSON instead of tables")
}

// count is how a flag sets p, to a whole number of at least 1.
func count(p *int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return errors.New("want a whole number, at least 1")
		}
		*p = n
		return nil
	}
}

// parse reads the command line. The error is flag.ErrHelp if it asks for help,
// else one line that says what is wrong with it.
func parse(args []string) (*options, error) {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	o.flags(fs)
	if err := parseFlags(fs, args); err != nil {
		return nil, err
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if set["peer"] && len(strings.Fields(o.peer)) == 0 {
		return nil, errors.Errorf("invalid value %q for flag -peer: want a command", o.peer)
	}
	if set["peer"] && o.quick {
		return nil, errors.New("-quick: not with -peer, whose epochs are whole; -epochs 1 is quickest")
	}
	return &o, nil
}

func parseFlags(fs *flag.FlagSet, args []string) error {
	fs.SetOutput(io.Discard)
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return errors.Errorf("unexpected argument %q: flags begin with - and take their value behind a space or =", fs.Arg(0))
	}
	return nil
}

// help writes what a newcomer needs to know.
func help(w io.Writer) {
	fmt.Fprint(w, `Usage: bench [flags]

Measures how fast networks train on this machine: what the processor can do, each
part of a training step, layers of other shapes, and whole epochs at every
instruction set and with Gorgonia's own ops. It takes about two minutes.

  bench -quick                                         half a minute
  bench -peer "python3 cmd/bench/pytorch_peer.py"      compare with PyTorch

Other programs slow it down: of repetitions, believe the shortest, and compare
only what was measured in turns.

Flags:
`)
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	new(options).flags(fs)
	fs.SetOutput(w)
	fs.PrintDefaults()
}
