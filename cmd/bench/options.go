package main

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/models"
	"tapenet/train"
)

// options are what the command line says.
type options struct {
	names        []string // of networks
	batches      []int
	workers      int
	askedWorkers bool // -workers was given
	repetitions  int
	peer         string
	quick, json  bool
}

// budget is how long the measurements take.
type budget struct {
	peak, step time.Duration
	// Images of one repetition, by who trains: as many as take about a second.
	vector, generic, gorgonia int
	answer                    time.Duration // the longest wait for a child to start, or for one of its epochs
}

var (
	thorough = budget{peak: 500 * time.Millisecond, step: 3 * time.Second, vector: epochImages, generic: 4000, gorgonia: 2000, answer: time.Hour}
	quick    = budget{peak: 100 * time.Millisecond, step: 500 * time.Millisecond, vector: 6000, generic: 1000, gorgonia: 200, answer: time.Hour}
)

// help is the text above the flags.
const help = `Usage: bench [flags]

Measures how fast networks train on this machine: what the processor can do,
each part of a training step, and whole epochs at every instruction set and with
Gorgonia's own ops. It takes about two minutes.

  bench -quick                                         half a minute
  bench -peer "python3 cmd/bench/pytorch_peer.py"      compare with PyTorch

Other programs slow it down: of repetitions, believe the shortest, and compare
only what was measured in turns.
`

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := &options{names: models.Names(), batches: []int{200, 1024}, workers: runtime.GOMAXPROCS(0), repetitions: 3}
	var name string
	var batch int
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.Var(command.Choice(&name, networkNames()...), "network", "measure the network of this `name` alone: "+
		strings.Join(models.Names(), ", ")+" or edited (default "+strings.Join(models.Names(), ", then ")+")")
	fs.Var(command.Count(&batch, 1), "batch", "train in steps of `N` images (default 200, then 1024)")
	fs.Var(command.Count(&o.workers, 1), "workers", "train with `N` cores, at most 32")
	fs.Var(command.Count(&o.repetitions, 1), "epochs", "repeat each epoch `N` times, in turns with the others")
	fs.StringVar(&o.peer, "peer", "", "train in turns with the program that `command` starts, and nothing else; see cmd/bench/pytorch_peer.py")
	fs.Var(command.Toggle(&o.quick), "quick", "measure for a tenth of the time, with less certainty")
	fs.Var(command.Toggle(&o.json), "json", "print JSON instead of tables")
	set, err := command.Parse(fs, args, help, stdout)
	switch {
	case err != nil:
		return nil, err
	case set["peer"] && len(strings.Fields(o.peer)) == 0:
		return nil, command.Usagef("invalid value %q for flag -peer: want a command", o.peer)
	case set["peer"] && o.quick:
		return nil, command.Usagef("-quick: not with -peer, whose epochs are whole; -epochs 1 is quickest")
	}
	if set["network"] {
		o.names = []string{name}
	}
	if set["batch"] {
		o.batches = []int{batch}
	}
	o.askedWorkers = set["workers"]
	return o, nil
}

// noticeIdle says for which batches some of -workers have nothing to do.
func (o *options) noticeIdle(w io.Writer) {
	for _, batch := range o.batches {
		if useful := (train.Config{Batch: batch}).UsefulWorkers(); o.askedWorkers && o.workers > useful {
			fmt.Fprintf(w, "bench: -workers %d: a step of %d images uses %d cores at most\n", o.workers, batch, useful)
		}
	}
}
