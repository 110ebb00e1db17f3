// Package fit is the command that trains one network: its flags, what it
// prints, and the order of its work.
package fit

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/picture"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/train"
)

// Main runs the command that trains the network of this name, which package models
// has, and exits.
func Main(name string) {
	m, _ := models.ByName(name)
	command.Main(name, func(ctx context.Context) error {
		return run(ctx, m.Title, m.Layers, os.Args[1:], os.Stdout, os.Stderr)
	})
}

// run does what args, the command line, asks for.
func run(ctx context.Context, title string, layers func(classes int) graph.Sequential, args []string, stdout, stderr io.Writer) error {
	name := strings.ToLower(title)
	size := "" // a list for other images need not fit MNIST's
	if net, err := layers(mnist.Classes).Build(1, mnist.Rows, mnist.Cols); err == nil {
		size = fmt.Sprintf(" of %d parameters", net.NumParams())
	}
	o, err := parse(name, args, help(name, size), stdout)
	if err != nil {
		return err
	}
	j := &job{options: *o, ctx: ctx, title: title, layers: layers, stdout: stdout}
	if j.verbose == bar {
		j.bar = newProgress(stderr)
	}
	j.notice = func(format string, args ...any) {
		fmt.Fprintf(stderr, "%s: %s\n", name, command.Printable(fmt.Sprintf(format, args...)))
	}
	if useful := (train.Config{Batch: o.batch, Lowering: o.lowering}).UsefulWorkers(); o.askedWorkers && o.workers > useful {
		j.notice("-workers %d: a step of %d images uses %d cores at most", o.workers, o.batch, useful)
	}
	return j.do()
}

// job is one run of the command.
type job struct {
	options
	ctx    context.Context // the first signal ends it
	title  string
	layers func(classes int) graph.Sequential
	sets   data.Sets
	net    *graph.Network // layers for these sets

	training, val train.Data // what is trained and validated on

	stdout io.Writer
	bar    *progress // nil: a line an epoch
	notice func(format string, args ...any)
}

// do does the work, in order: what can be refused is refused before the training
// starts.
func (j *job) do() error {
	if err := j.checkOutputs(); err != nil {
		return err
	}
	if j.checkpoint != "" {
		release, err := atomicfile.Lock(j.checkpoint, "training")
		if err != nil {
			return errors.WithMessagef(err, "-checkpoint %s", j.checkpoint)
		}
		defer release()
	}
	if err := j.load(); err != nil {
		return err
	}
	t, err := j.newTraining()
	if err != nil {
		return err
	}
	if j.dot != "" {
		p := draw.Picture{Title: j.title, Drawing: j.dotGraph, Lowering: j.lowering}
		p.Command = picture.Command(strings.ToLower(j.title), j.data, p)
		if err := atomicfile.Write(j.ctx, j.dot, func(w io.Writer) error { return picture.Write(j.ctx, w, j.dot, j.net, p) }); err != nil {
			return errors.WithMessagef(err, "-dot %s", j.dot)
		}
	}
	if err := t.startCurves(); err != nil {
		return err
	}
	if j.summary {
		columns := 80
		if of := command.Columns(j.stdout); of != nil {
			columns = of()
		}
		if err := writeSummary(j.stdout, j.title, j.net, columns); err != nil {
			return err
		}
	}
	err = t.fit()
	closed := t.closeCurves()
	if err != nil {
		return err
	}
	// The network is trained: each of the last steps is taken, even if one before
	// it fails.
	saved := t.saveWeights("-save", j.save)
	test, err := t.evaluate()
	return together(closed, saved, err, t.export(test))
}

// load reads the data and builds the network for it.
func (j *job) load() error {
	sets, err := data.Load(j.ctx, j.data, j.transpose)
	if err != nil {
		return err
	}
	for _, note := range sets.Notes {
		j.notice("-data %s: %s", j.data, note)
	}
	if j.sets, err = sets.Limit(j.limit); err != nil {
		return err
	}
	if j.training, j.val, err = split(j.sets, j.validation); err != nil {
		return err
	}
	j.net, err = j.layers(sets.Classes).Build(sets.Shape...)
	from := "MNIST"
	if j.data != "" {
		from = "-data " + j.data
	}
	return errors.WithMessagef(err, "%s: images of %s", from, sets.Shape)
}

// split returns the images to train on and those to validate on: the last part of
// the training images, as Keras's validation_split cuts them, or the test images
// if part is 0. The error, of command.Usagef, is that there would be none of one.
func split(s data.Sets, part float64) (training, val train.Data, err error) {
	if part == 0 {
		return s.Train, s.Test, nil
	}
	n := s.Train.Len()
	at := int(float64(n) * (1 - part))
	if at == 0 || at == n {
		return training, val, command.Usagef("-validation %v: of %d training images %d are to train on and %d to validate on: want at least 1 of each", part, n, at, n-at)
	}
	pixels, labels, cut := s.Train.Pixels, s.Train.Labels, at*s.Shape.Size()
	return train.Data{Pixels: pixels[:cut], Labels: labels[:at]}, train.Data{Pixels: pixels[cut:], Labels: labels[at:]}, nil
}

// initial returns the weights of -init, or random ones.
func (j *job) initial() ([]float32, error) {
	values := models.Init(j.net, j.seed)
	if j.init == "" {
		return values, nil
	}
	var part weights.Partial
	err := command.Wait(j.ctx, "reading -init "+j.init, func() error {
		f, err := os.Open(j.init)
		if err != nil {
			return errors.Wrap(err, "-init")
		}
		defer f.Close()
		info, err := f.Stat()
		switch {
		case err != nil:
		case j.initPartial:
			values, part, err = weights.LoadPartial(f, j.net, values)
		case info.Mode().IsRegular():
			values, err = weights.Import(f, info.Size(), j.net)
		default: // a pipe
			values, err = weights.Load(f, j.net)
		}
		if errors.As(err, new(weights.MismatchError)) && !j.initPartial {
			err = errors.Errorf("%v; -init-partial takes what fits", err)
		}
		return errors.WithMessagef(err, "-init %s", j.init)
	})
	if err != nil {
		return nil, err
	}
	if j.initPartial {
		j.notice("-init %s: %v", j.init, part)
	}
	return values, nil
}

// together returns all errors as one, in one line, or nil if there is none. It
// keeps the exit status of an error that has one.
func together(errs ...error) (all error) {
	for _, err := range errs {
		if all == nil {
			all = err
		} else if err != nil {
			all = fmt.Errorf("%w; %w", all, err)
		}
	}
	return all
}
