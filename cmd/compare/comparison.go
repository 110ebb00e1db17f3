package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/report"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// comparison is one run of the command.
type comparison struct {
	options
	stdout, stderr io.Writer

	training, test train.Data
	settings       result.Settings
	runs           []result.Run // all there are, those of earlier commands too
}

// do is the work, in order: everything that can be refused is refused before
// the training starts.
func (c *comparison) do(ctx context.Context) error {
	release, err := c.own()
	if err != nil {
		return err
	}
	defer release()
	if err := command.Wait(ctx, "reading the data", c.load); err != nil {
		return err
	}
	if err := command.Wait(ctx, "reading the results", c.open); err != nil {
		return err
	}
	c.tellKernels()
	if c.merge != "" {
		if err := c.saveResults(ctx); err != nil {
			return err
		}
	} else if err := c.trainMissing(ctx); err != nil {
		return err
	}
	seeds := c.allSeeds()
	if c.merge != "" && !c.asked {
		seeds = nil // those that are there
	}
	r, err := report.Build(report.Comparison{
		Settings: c.settings, Runs: c.runs, Seeds: seeds, Images: c.test.Pixels, Labels: c.test.Labels,
	})
	if err != nil {
		return err
	}
	return c.saveReport(ctx, r)
}

// load reads the images and says what they are.
func (c *comparison) load() error {
	load := mnist.Load
	if c.data != "" {
		load = func() (train, test mnist.Set, err error) {
			train, test, err = mnist.LoadDir(c.data)
			return train, test, errors.WithMessage(err, "-data")
		}
	}
	training, test, err := load()
	if err != nil {
		return err
	}
	if c.limit > training.Len() {
		return command.Usagef("-limit %d: there are %d training images: want a smaller number", c.limit, training.Len())
	}
	c.settings = result.Settings{Data: result.Digest(training, test), Epochs: c.epochs}
	training = training.Head(c.limit)
	c.settings.Train, c.settings.Test = training.Len(), test.Len()
	c.training = train.Data(training)
	c.test = train.Data(test)
	return nil
}

// tellKernels says on the standard error if the runs that are there, and those
// to come, are not of the same kernels.
func (c *comparison) tellKernels() {
	kernels := result.Kernels(c.runs)
	if c.merge == "" && len(c.tasks()) > 0 && !slices.Contains(kernels, graph.Level()) {
		kernels = append(kernels, graph.Level()+" (here)")
	}
	if len(kernels) > 1 {
		fmt.Fprintf(c.stderr, "compare: %s\n", command.Printable("the runs are of different kernels, and their last digits differ: "+strings.Join(kernels, ", ")))
	}
}

// allSeeds are those that the command line asks for.
func (c *comparison) allSeeds() []uint64 {
	seeds := make([]uint64, c.seeds)
	for i := range seeds {
		seeds[i] = c.seed + uint64(i)
	}
	return seeds
}
