package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/sweep/internal/grid"
)

// options is what the command line says.
type options struct {
	grid       grid.Grid
	gridFile   string
	dir, merge string
	data       string
	transpose  bool
	limit      int
	part       part
	jobs       int // 0: as many as there are workers
	workers    int
	list       bool
	dryRun     bool
	partial    bool
}

// part is which of how many parts of the runs a command trains: index is below of.
type part struct{ index, of int }

func (p part) String() string { return fmt.Sprintf("%d/%d", p.index, p.of) }

// readPart reads I/N.
func readPart(word string) (p part, err error) {
	index, of, _ := strings.Cut(word, "/")
	if p.index, err = strconv.Atoi(index); err == nil {
		p.of, err = strconv.Atoi(of)
	}
	if err != nil || p.index < 0 || p.index >= p.of {
		return part{}, errors.New("want I/N, with I from 0 to N-1, such as 0/4")
	}
	return p, nil
}

// flags declares every flag of the command on a set. Values are checked while
// the command line is read.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{dir: "results", part: part{0, 1}, workers: runtime.GOMAXPROCS(0)}
	o.grid.Flags(fs)
	fs.Var(command.Name(&o.gridFile), "grid", "read the values of -network, -batch, -lr and so on that are not given from `file`, a JSON object such as {\"lr\": [0.001, 0.003], \"seeds\": 5}")
	data.Flags(fs, &o.data, &o.transpose, &o.limit)
	fs.Var(command.Name(&o.dir), "o", "write to `folder`; the runs that it has are not trained again")
	fs.Var(command.Value(&o.part, readPart), "part", "train only part `I/N` of the runs, I from 0 to N-1: always the same ones for the same flags; parts may share a folder")
	fs.Var(command.Count(&o.workers, 1), "workers", "use `N` cores; the results have the same bits for any N")
	fs.Var(command.Count(&o.jobs, 0), "jobs", "train `N` runs at once, which share the cores; 0 is one for each core (default 0)")
	fs.Var(command.Toggle(&o.list), "list", "train nothing: print the names of the runs, in order")
	fs.Var(command.Toggle(&o.dryRun), "dry-run", "train nothing: print the names of the runs that are missing in the folder of -o")
	fs.Var(command.Name(&o.merge), "merge", "train nothing: write the table of all runs in `folder` and in folders below it to -o")
	fs.Var(command.Toggle(&o.partial), "partial", "with -merge, leave out the runs that are missing")
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet("sweep", flag.ContinueOnError)
	o.flags(fs)
	set, err := command.Parse(fs, args, help, stdout)
	if err != nil {
		return nil, err
	}
	if o.merge != "" {
		for name := range set {
			if name != "merge" && name != "o" && name != "partial" {
				return nil, command.Usagef("-%s: with -merge, the files say what was trained", name)
			}
		}
		if !set["o"] {
			o.dir = o.merge
		}
	}
	switch {
	case o.partial && o.merge == "":
		return nil, command.Usagef("-partial: needs -merge FOLDER")
	case o.list && o.dryRun:
		return nil, command.Usagef("-list: not with -dry-run")
	case o.gridFile == "":
		return &o, nil
	}
	f, err := os.Open(o.gridFile)
	if err != nil {
		return nil, errors.Wrap(err, "-grid")
	}
	defer f.Close()
	return &o, errors.WithMessagef(grid.Read(f, fs, set), "-grid %s", o.gridFile)
}

// help is the text above the flags.
const help = `Usage: sweep [flags]

Trains all combinations of the values of some parameters, each with a number of
seeds, and says which are the best, and whether that is more than chance.

  sweep -batch 200,1024 -lr 0.001,0.003 -seeds 5    2 networks, 40 trainings
  sweep -lr 0.0001:0.01 -batch 50:1000 -sample 30   30 random combinations
  sweep -grid lr.json -part 0/8 -o /shared/lr       an eighth of a sweep
  sweep -merge /shared/lr                           and the table of all parts

The folder of -o gets runs/ with a file for each run, and, as soon as all are
there, sweep.csv, sweep.jsonl and sweep.html. A run is kept when it is done, and
never trained again: the same command goes on, and one with more values or seeds
trains what is new. Any number of commands may share a folder. Runs that differ
in their epochs alone are one training: the shorter are stops of the longest.

The table goes to the standard output, progress and errors to standard error.
The exit status is 0 if all is done, 1 if something failed or, with -merge, runs
are missing, 2 if the command line is wrong, 130 if it was interrupted.
`
