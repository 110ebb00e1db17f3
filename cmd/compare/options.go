package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
)

// options is what the command line says.
type options struct {
	dir, merge, data string
	transpose        bool
	only             []int // configurations to train
	seeds            int
	seed             uint64
	asked            bool // -seed or -seeds was given
	workers          int
	askedWorkers     bool // -workers was given
	jobs             int  // 0: as many as there are workers
	limit, epochs    int
}

// maxSeeds are more trainings than anyone waits for.
const maxSeeds = 1000

// flags declares every flag of the command on a set. Values are checked while
// the command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{dir: "report", seeds: 1, seed: 1, jobs: 1, workers: runtime.GOMAXPROCS(0)}
	for _, c := range result.Configs {
		o.only = append(o.only, c.K)
	}
	fs.Var(command.Name(&o.dir), "o", "write to `folder`; the runs that it has are not trained again")
	fs.Func("only", "train the configurations `K` alone, such as 2 or 1,3 (default 1,2,3,4)", o.setOnly)
	fs.Var(command.Count(&o.seeds, 1), "seeds", "train each configuration `N` times, with the seeds S, S+1, …")
	fs.Var(command.Seed(&o.seed), "seed", "the first seed `S`, as in onelayer and twolayer")
	fs.Var(command.Name(&o.merge), "merge", "train nothing: report on all runs in `folder` and in folders below it, put together, and on those of -o")
	fs.Var(command.Count(&o.workers, 1), "workers", "use `N` cores, at most 32 for a training; the results have the same bits for any N")
	fs.Var(command.Count(&o.jobs, 0), "jobs", "train `N` runs at once, which share the cores; 0 is one for each core. No bit changes, but the times, which the report compares")
	data.Flags(fs, &o.data, &o.transpose, &o.limit)
	limit := fs.Lookup("limit")
	limit.Usage = "for a quick look, " + limit.Usage
	fs.Var(command.Count(&o.epochs, 0), "epochs", "for a quick look, train for `N` epochs at most; 0 is as the notebook (default 0)")
}

// setOnly reads numbers of configurations with commas between them.
func (o *options) setOnly(s string) error {
	o.only = nil
	for _, word := range strings.Split(s, ",") {
		k, err := strconv.Atoi(word)
		if err != nil || k < 1 || k > len(result.Configs) || slices.Contains(o.only, k) {
			return errors.Errorf("want different numbers from 1 to %d, with commas between them", len(result.Configs))
		}
		o.only = append(o.only, k)
	}
	slices.Sort(o.only)
	return nil
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet("compare", flag.ContinueOnError)
	o.flags(fs)
	set, err := command.Parse(fs, args, help(), stdout)
	if err != nil {
		return nil, err
	}
	if set["merge"] && set["only"] {
		return nil, command.Usagef("-only: with -merge nothing is trained, and the report is on all that is there")
	}
	if o.seeds > maxSeeds {
		return nil, command.Usagef("-seeds %d: want at most %d", o.seeds, maxSeeds)
	}
	if last := uint64(o.seeds - 1); o.seed > math.MaxUint64-last {
		return nil, command.Usagef("-seed %d: with -seeds %d, want at most %d", o.seed, o.seeds, math.MaxUint64-last)
	}
	o.asked = set["seed"] || set["seeds"]
	o.askedWorkers = set["workers"]
	longest := slices.MaxFunc(result.Configs, func(a, b result.Config) int { return a.Epochs - b.Epochs })
	if o.epochs >= longest.Epochs {
		o.epochs = 0 // no limit
	}
	return &o, nil
}

// help is the text above the flags.
func help() string {
	var configs strings.Builder
	for _, c := range result.Configs {
		fmt.Fprintf(&configs, "  %d  %v, %d epochs\n", c.K, c, c.Epochs)
	}
	return `Usage: compare [flags]

Trains the notebook's four configurations on MNIST, or on -data, and compares
them: what the batch size does, what more epochs do, what the second layer does.
With the same seed 3 is the first ten epochs of 4: one training gives both.

` + configs.String() + `
The folder of -o gets runs/ with a file for each run, and, as soon as all are
there, report.html and report.md, their pictures (.svg), and results.json with
all that was measured. A run is kept when it is done, and never trained again:
if the command is interrupted, the same one goes on with what is missing.

  compare -limit 3000 -epochs 2        a quick look
  compare -seeds 3                     how much the seed changes
  compare -only 2 -seed 7 -o parts/7   one run of many, and, when all are done,
  compare -merge parts                 the report on them all (docs/cluster.md)

The table goes to the standard output, progress and errors to the standard
error.
The exit status is 0 if all is done, 1 if something failed, 2 if the command
line is wrong, 130 if it was interrupted.
`
}
