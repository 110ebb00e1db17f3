// Package cli is the command that trains one network: its flags, what it
// prints, and the order of its work.
package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/train"
)

// The exit statuses of the command.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells count
)

// Main runs the command that trains layers and exits. The network's name is its
// title in pictures and, in lower case, the name of the command.
func Main(title string, layers graph.Sequential) {
	// The first signal lets the running step finish; the next one ends at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, title, layers, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command; it returns its exit status.
func run(ctx context.Context, title string, layers graph.Sequential, args []string, stdout, stderr io.Writer) int {
	name := strings.ToLower(title)
	fail := func(status int, err error) int {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return status
	}
	net, err := layers.Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return fail(exitFailed, err)
	}
	o, err := parse(name, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help(stdout, name, net)
		return exitDone
	case err != nil:
		return fail(exitUsage, err)
	}
	err = (&job{options: *o, title: title, net: net, stdout: stdout, stderr: stderr}).do(ctx)
	switch {
	case errors.Is(err, errUsage):
		return fail(exitUsage, err)
	case errors.Is(err, context.Canceled):
		return fail(exitInterrupted, errors.Errorf("interrupted in %v; no weights were saved", strings.TrimSuffix(err.Error(), ": "+context.Canceled.Error())))
	case err != nil:
		return fail(exitFailed, err)
	}
	return exitDone
}

// errUsage marks an error of the command line that only the data could show.
var errUsage = errors.New("want a smaller number")

// job is one run of the command.
type job struct {
	options
	title          string
	net            *graph.Network
	stdout, stderr io.Writer
	history        train.History
}

// do is the work, in order: everything that can be refused is refused before
// the training starts.
func (j *job) do(ctx context.Context) error {
	if err := j.checkOutputs(); err != nil {
		return err
	}
	weights, err := j.initial()
	if err != nil {
		return err
	}
	data, test, err := j.load()
	if err != nil {
		return err
	}
	if j.dot != "" {
		picture := graph.Picture{Title: j.title, Drawing: j.dotGraph, Ops: j.ops}
		if err := atomicfile.Write(j.dot, func(w io.Writer) error { return j.net.WriteDOT(w, picture) }); err != nil {
			return errors.WithMessagef(err, "-dot %s", j.dot)
		}
	}
	t, err := j.fit(ctx, weights, data, test)
	if err != nil {
		return err
	}
	if j.save != "" {
		if weights, err = t.Weights(); err != nil {
			return err
		}
		if err := atomicfile.Write(j.save, func(w io.Writer) error { return models.Save(w, j.net, weights) }); err != nil {
			return errors.WithMessagef(err, "-save %s", j.save)
		}
	}
	m, err := t.Evaluate(test)
	if err != nil {
		return errors.WithMessage(err, "test data")
	}
	_, err = io.WriteString(j.stdout, summary(m))
	return errors.WithStack(err)
}

// initial are the weights to start from.
func (j *job) initial() ([]float32, error) {
	if j.init == "" {
		return models.Init(j.net, j.seed), nil
	}
	f, err := os.Open(j.init)
	if err != nil {
		return nil, errors.Wrap(err, "-init")
	}
	defer f.Close()
	weights, err := models.Load(f, j.net)
	return weights, errors.WithMessagef(err, "-init %s", j.init)
}

// load are the images to train on and those to test on.
func (j *job) load() (data, test train.Data, err error) {
	var training, testing mnist.Set
	if j.data == "" {
		training, testing, err = mnist.Load()
	} else {
		training, testing, err = mnist.LoadDir(j.data)
		err = errors.WithMessage(err, "-data")
	}
	if err != nil {
		return data, test, err
	}
	if j.limit > training.Len() {
		return data, test, errors.WithMessagef(errUsage, "-limit %d: there are %d training images", j.limit, training.Len())
	}
	training = training.Head(j.limit)
	return train.Data{Pixels: training.Images, Labels: training.Labels}, train.Data{Pixels: testing.Images, Labels: testing.Labels}, nil
}

// fit trains and reports each epoch.
func (j *job) fit(ctx context.Context, weights []float32, data, test train.Data) (*train.Trainer, error) {
	c := train.Config{
		Ops: j.ops, Batch: j.batch, Epochs: j.epochs, LearningRate: j.lr, Seed: j.seed,
		KeepOrder: !j.shuffle, Workers: j.workers,
	}
	var p *progress
	if j.verbose == bar {
		p = newProgress(j.stderr)
	}
	c.OnStep = func(s train.Progress) {
		if s.Step == 1 {
			j.begin(p, s.Epoch)
		}
		if p != nil {
			p.step(s)
		}
	}
	c.OnEpoch = func(e train.Epoch) error { return j.end(p, e) }
	t, err := train.New(j.net, weights, c)
	if err != nil {
		return nil, err
	}
	_, err = t.Fit(ctx, data, test)
	return t, err
}

// begin says that an epoch has begun.
func (j *job) begin(p *progress, epoch int) {
	w := j.stdout
	if p != nil {
		w = j.stderr
	}
	if j.verbose != silent {
		fmt.Fprintf(w, "Epoch %d/%d\n", epoch, j.epochs)
	}
}

// end says how an epoch went and brings the history file up to date.
func (j *job) end(p *progress, e train.Epoch) error {
	if p != nil {
		p.epoch(e)
	} else if j.verbose != silent {
		if _, err := fmt.Fprintln(j.stdout, epochLine(e)); err != nil {
			return errors.WithStack(err)
		}
	}
	if j.options.history == "" {
		return nil
	}
	j.history = append(j.history, e)
	return errors.WithMessagef(writeHistory(j.options.history, j.history), "-history %s", j.options.history)
}
