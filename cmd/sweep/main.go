// Command sweep trains networks with many settings and says which are the best. It
// keeps each training in a file of its own, so that a sweep can be stopped, go on,
// grow, and be spread over many machines (docs/cluster.md). -h lists the flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/runs"
	"tapenet/cmd/internal/runs/training"
	"tapenet/cmd/sweep/internal/grid"
)

func main() {
	command.Main("sweep", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// run does what the command line says.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	s := &sweep{options: *o, stdout: stdout, stderr: stderr}
	if s.merge != "" {
		return s.mergeFolder(ctx)
	}
	return s.do(ctx)
}

// sweep is the work of one command.
type sweep struct {
	options
	stdout, stderr io.Writer

	sets data.Sets
	plan grid.Plan
	runs []training.Settings // all of the plan, in order
	mine []training.Settings // those of -part
}

// do trains what is missing, and writes the table if then nothing is.
func (s *sweep) do(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	switch {
	case s.list:
		return s.print(s.mine)
	case s.dryRun:
		missing, err := runs.Missing(s.dir, s.mine)
		if err != nil {
			return err
		}
		return s.print(missing)
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	config := runs.Config{Dir: s.dir, Sets: s.sets, Workers: s.workers, Jobs: s.jobs, Stderr: s.stderr}
	if err := config.Train(ctx, s.mine); err != nil {
		return err
	}
	if missing, err := runs.Missing(s.dir, s.runs); err != nil || len(missing) > 0 {
		return err // another part ends with the table
	}
	return s.report(ctx)
}

// load reads the images, and says which runs there are on them.
func (s *sweep) load(ctx context.Context) error {
	sets, err := data.Load(ctx, s.data, s.transpose)
	if err != nil {
		return err
	}
	for _, note := range sets.Notes {
		s.notice("-data %s: %s", s.data, note)
	}
	digest := sets.Digest() // of all, whatever the limit
	if s.sets, err = sets.Limit(s.limit); err != nil {
		return err
	}
	images := training.Images{Data: digest, Train: s.sets.Train.Len(), Test: s.sets.Test.Len(), Classes: s.sets.Classes}
	s.plan = grid.Plan{Grid: s.grid.Values(), Images: images}
	if s.runs, err = s.grid.List(images); err != nil {
		return err
	}
	for _, r := range s.runs {
		if r.Seed != s.runs[0].Seed {
			break // the same configurations again
		}
		if _, err := runs.Build(s.sets, r); err != nil {
			return err
		}
	}
	s.mine = grid.Part(s.runs, s.part.index, s.part.of)
	return nil
}

// notice writes a line to the standard error.
func (s *sweep) notice(format string, args ...any) {
	fmt.Fprintf(s.stderr, "sweep: %s\n", command.Printable(fmt.Sprintf(format, args...)))
}

// print writes the names of runs, one a line.
func (s *sweep) print(all []training.Settings) error {
	for _, r := range all {
		if _, err := fmt.Fprintln(s.stdout, r.Name()); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// begin makes the folder of -o and keeps the plan there.
func (s *sweep) begin(ctx context.Context) error {
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return errors.Wrap(err, "-o")
	}
	path := filepath.Join(s.dir, s.plan.Name())
	if _, err := os.Stat(path); err == nil {
		return nil // the name is a hash of it
	}
	return errors.WithMessage(atomicfile.Write(ctx, path, s.plan.Write), "-o")
}
