// Command compare trains the notebook's four configurations and reports what
// they show: tables, pictures, and sentences that are computed from the runs.
// -h lists the flags.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/report"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/graph"
	"tapenet/train"
)

func main() {
	command.Main("compare", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// run does what the command line says.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	c := &comparison{options: *o, stdout: stdout, stderr: stderr, origin: origin(args, time.Now())}
	if useful := c.usefulWorkers(); c.askedWorkers && c.jobs == 1 && c.workers > useful {
		c.notice("-workers %d: a step uses %d cores at most", c.workers, useful)
	}
	return c.do(ctx)
}

// usefulWorkers returns how many workers can share a step of any configuration of -only.
func (o *options) usefulWorkers() int {
	most := 0
	for _, k := range o.only {
		most = max(most, train.Config{Batch: result.Configs[k-1].Batch}.UsefulWorkers())
	}
	return most
}

// notice writes a line to the standard error.
func (c *comparison) notice(format string, args ...any) {
	fmt.Fprintf(c.stderr, "compare: %s\n", command.Printable(fmt.Sprintf(format, args...)))
}

// comparison is the work of one command.
type comparison struct {
	options
	stdout, stderr io.Writer
	origin         report.Origin

	sets     data.Sets
	settings result.Settings
	merged   result.Merged
	runs     []result.Run // those of merged, of earlier commands too
}

// do does the work in order: what can be refused is refused before the training
// starts.
func (c *comparison) do(ctx context.Context) error {
	release, err := c.own()
	if err != nil {
		return err
	}
	defer release()
	if err := c.load(ctx); err != nil {
		return err
	}
	if err := command.Wait(ctx, "reading the results", c.open); err != nil {
		return err
	}
	c.tellKernels()
	if c.merge == "" {
		if err := c.trainMissing(ctx); err != nil {
			return err
		}
	}
	if err := c.saveResults(ctx); err != nil {
		return err
	}
	seeds := c.allSeeds()
	if c.merge != "" && !c.asked {
		seeds = nil // those that are there
	}
	r, err := report.Build(report.Comparison{
		Settings: c.settings, Runs: c.runs, Seeds: seeds, Images: c.sets.Test.Pixels, Labels: c.sets.Test.Labels, Names: c.sets.Names, Origin: c.origin,
	})
	if err != nil {
		return err
	}
	return c.saveReport(ctx, r)
}

// load reads the images, says what they are, and makes sure that all networks can
// be built for them.
func (c *comparison) load(ctx context.Context) error {
	sets, err := data.Load(ctx, c.data, c.transpose)
	if err != nil {
		return err
	}
	for _, note := range sets.Notes {
		c.notice("-data %s: %s", c.data, note)
	}
	c.settings = result.Settings{Data: sets.Digest(), Epochs: c.epochs}.Of(sets.Shape, sets.Classes)
	for _, config := range result.Configs {
		if _, err := c.settings.Build(config); err != nil {
			return errors.WithMessagef(err, "-data %s", c.data)
		}
	}
	if sets, err = sets.Limit(c.limit); err != nil {
		return err
	}
	c.settings.Train, c.settings.Test = sets.Train.Len(), sets.Test.Len()
	c.sets = sets
	return nil
}

// tellKernels warns on the standard error if the runs, those to come too, are of
// different kernels.
func (c *comparison) tellKernels() {
	kernels := result.Kernels(c.runs)
	if c.merge == "" && len(c.missing()) > 0 && !slices.Contains(kernels, graph.Level()) {
		kernels = append(kernels, graph.Level()+" (here)")
	}
	if len(kernels) > 1 {
		c.notice("the runs are of different kernels, and their last digits differ: %s", strings.Join(kernels, ", "))
	}
}

// allSeeds returns the seeds that the command line asks for.
func (c *comparison) allSeeds() []uint64 {
	seeds := make([]uint64, c.seeds)
	for i := range seeds {
		seeds[i] = c.seed + uint64(i)
	}
	return seeds
}
