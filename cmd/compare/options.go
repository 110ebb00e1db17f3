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
)

// errUsage marks an error of the command line that only the data could show.
var errUsage = errors.New("want a smaller number")

// options are what the command line says.
type options struct {
	dir, merge, data string
	only             []int // configurations to train
	seeds            int
	seed             uint64
	asked            bool // -seed or -seeds was given
	workers          int
	limit, epochs    int
}

// maxSeeds is more than anyone waits for.
const maxSeeds = 1000

// flags declares every flag of the command on a set. Values are checked while
// the command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{dir: "report", seeds: 1, seed: 1, workers: runtime.NumCPU()}
	for _, c := range result.Configs {
		o.only = append(o.only, c.K)
	}
	fs.StringVar(&o.dir, "o", o.dir, "write to `folder`; the runs that its results.json has are not trained again")
	fs.Func("only", "train the configurations `K` alone, such as 2 or 1,3 (default 1,2,3,4)", o.setOnly)
	fs.Func("seeds", "train each configuration `N` times, with the seeds S, S+1, … (default 1)", whole(&o.seeds, 1, maxSeeds))
	fs.Func("seed", "the first seed `S`, as in onelayer and twolayer (default 1)", func(s string) (err error) {
		if o.seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			return errors.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
		}
		return nil
	})
	fs.StringVar(&o.merge, "merge", "", "train nothing: report on all results.json in `folder` and in folders below it, put together, and on those of -o")
	fs.Func("workers", fmt.Sprintf("use `N` cores; the results have the same bits for any N (default %d)", o.workers), whole(&o.workers, 1, math.MaxInt))
	fs.StringVar(&o.data, "data", "", "read the data from the IDX files in `folder`, plain or .gz, with MNIST's four names (default: MNIST, embedded)")
	fs.Func("limit", "for a quick look, train on the first `N` images only; 0 is all (default 0)", whole(&o.limit, 0, math.MaxInt))
	fs.Func("epochs", "for a quick look, train for `N` epochs at most; 0 is as the notebook (default 0)", whole(&o.epochs, 0, math.MaxInt))
}

// whole is how a flag sets p, to a whole number from least to most.
func whole(p *int, least, most int) func(string) error {
	return func(s string) error {
		n, err := strconv.Atoi(s)
		switch {
		case err == nil && n >= least && n <= most:
			*p = n
			return nil
		case most == math.MaxInt:
			return errors.Errorf("want a whole number, at least %d", least)
		}
		return errors.Errorf("want a whole number from %d to %d", least, most)
	}
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

// parse reads the command line. The error is flag.ErrHelp if it asks for help,
// else one line that says what is wrong with it.
func parse(args []string) (*options, error) {
	var o options
	fs := flag.NewFlagSet("compare", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	o.flags(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, errors.Errorf("unexpected argument %q: flags begin with - and take their value behind a space or =", fs.Arg(0))
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	for _, f := range []struct{ name, value string }{{"o", o.dir}, {"merge", o.merge}, {"data", o.data}} {
		if set[f.name] && f.value == "" {
			return nil, errors.Errorf("invalid value %q for flag -%s: want a name", "", f.name)
		}
	}
	if set["merge"] && set["only"] {
		return nil, errors.New("-only: with -merge nothing is trained, and the report is on all that is there")
	}
	if last := uint64(o.seeds - 1); o.seed > math.MaxUint64-last {
		return nil, errors.Errorf("-seed %d: with -seeds %d, want at most %d", o.seed, o.seeds, math.MaxUint64-last)
	}
	o.asked = set["seed"] || set["seeds"]
	longest := slices.MaxFunc(result.Configs, func(a, b result.Config) int { return a.Epochs - b.Epochs })
	if o.epochs >= longest.Epochs {
		o.epochs = 0 // no limit
	}
	return &o, nil
}

// help writes what a newcomer needs to know.
func help(w io.Writer) {
	fmt.Fprint(w, `Usage: compare [flags]

Trains the notebook's four configurations on MNIST and compares them: what the
batch size does, what more epochs do, what the second layer does.

`)
	for _, c := range result.Configs {
		fmt.Fprintf(w, "  %d  %v, %d epochs\n", c.K, c, c.Epochs)
	}
	fmt.Fprint(w, `
The folder of -o gets report.html and report.md, their pictures (.svg), and
results.json with all that was measured. A run is kept as soon as it is done: if
the command is interrupted, the same one goes on with what is missing.

  compare -limit 3000 -epochs 2        a quick look
  compare -seeds 3                     how much the seed changes
  compare -only 2 -seed 7 -o parts/7   one run of many, and, when all are done,
  compare -merge parts                 the report on all of them (docs/cluster.md)

The table goes to the standard output, progress and errors to the standard error.
The exit status is 0 if all is done, 1 if something failed, 2 if the command line
is wrong, 130 if it was interrupted.

Flags:
`)
	fs := flag.NewFlagSet("compare", flag.ContinueOnError)
	new(options).flags(fs)
	fs.SetOutput(w)
	fs.PrintDefaults()
}
