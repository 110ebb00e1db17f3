package fit

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/train"
)

// job is one run of the command.
type job struct {
	options
	ctx    context.Context // the first signal ends it
	title  string
	net    *graph.Network
	stdout io.Writer
	bar    *progress // nil: lines
	notice func(format string, args ...any)
}

// do is the work, in order: everything that can be refused is refused before
// the training starts.
func (j *job) do(ctx context.Context) error {
	j.ctx = ctx
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
	var weights []float32
	err := command.Wait(ctx, "reading -init "+j.init, func() (err error) {
		weights, err = j.initial()
		return err
	})
	if err != nil {
		return err
	}
	var data, test train.Data
	err = command.Wait(ctx, "reading the data", func() (err error) {
		data, test, err = j.load()
		return err
	})
	if err != nil {
		return err
	}
	t, err := j.newTraining(weights, data, test)
	if err != nil {
		return err
	}
	if j.dot != "" {
		picture := graph.Picture{Title: j.title, Drawing: j.dotGraph, Lowering: j.lowering}
		if err := atomicfile.Write(ctx, j.dot, func(w io.Writer) error { return j.net.WriteDOT(w, picture) }); err != nil {
			return errors.WithMessagef(err, "-dot %s", j.dot)
		}
	}
	if err := t.startCurves(); err != nil {
		return err
	}
	if j.summary {
		if err := writeSummary(j.stdout, j.title, j.net); err != nil {
			return err
		}
	}
	err = t.fit(ctx, data, test)
	closed := t.closeCurves()
	if err != nil {
		return err
	}
	// The network is trained: each of the last steps is done, whether the ones
	// before it succeed or not.
	return together(closed, t.saveWeights("-save", j.save), t.evaluate(test))
}

// together is all errors in one line, or nil if there is none.
func together(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return several(errs)
}

type several []error

func (s several) Error() string {
	var texts []string
	for _, err := range s {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, "; ")
}

// Unwrap keeps the exit status of an error that has one.
func (s several) Unwrap() []error { return s }

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
	weights, err := weights.Load(f, j.net)
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
		return data, test, command.Usagef("-limit %d: there are %d training images: want a smaller number", j.limit, training.Len())
	}
	training = training.Head(j.limit)
	return train.Data(training), train.Data(testing), nil
}
