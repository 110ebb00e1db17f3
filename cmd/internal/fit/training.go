package fit

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/models/weights"
	"tapenet/train"
)

// training is a trainer with all that is done beside it: printing, history,
// curves, checkpoints.
type training struct {
	*train.Trainer
	job      *job
	settings settings
	history  train.History
	curves   curves
	begun    int       // the epoch whose first line is printed
	before   int       // epochs of the history that were trained before -resume
	saved    time.Time // when the last checkpoint was written, or tried
}

// newTraining returns a training that starts from the first weights or, with
// -resume, from the checkpoint.
func (j *job) newTraining() (*training, error) {
	t := &training{job: j, curves: newCurves(j.runs()), saved: time.Now()}
	if j.checkpoint != "" {
		t.settings = j.settings()
	}
	var start train.State
	var err error
	if j.resume {
		err = command.Wait(j.ctx, "reading the checkpoint", func() (err error) {
			start, err = j.loadCheckpoint(t.settings)
			return err
		})
	} else {
		start.Weights, err = j.initial()
		if _, missing := os.Stat(j.checkpoint); err == nil && missing == nil {
			err = errors.Errorf("-checkpoint %s: is there already; go on from it with -resume, or remove it", j.checkpoint)
		}
	}
	if err != nil {
		return nil, err
	}
	t.Trainer, err = train.New(j.net, start.Weights, train.Config{
		Lowering: j.lowering, Batch: j.batch, Epochs: j.epochs, LearningRate: j.lr, Seed: j.seed, KeepOrder: !j.shuffle, Workers: j.workers,
		OnStep: t.onStep, OnEpoch: t.onEpoch,
	})
	if err != nil || !j.resume {
		return t, err
	}
	t.history, t.before = start.History, len(start.History)
	return t, errors.WithMessagef(t.Restore(start), "-checkpoint %s", j.checkpoint)
}

// fit trains. If a signal ends it, it saves the checkpoint there.
func (t *training) fit() (err error) {
	j := t.job
	if j.epochs > 0 {
		_, err = t.Fit(j.ctx, j.sets.Train, j.sets.Test)
	}
	if j.bar != nil {
		j.bar.end() // what follows has a line of its own
	}
	if err == nil {
		t.noticeBest()
		return nil
	}
	// After a signal, whatever else went wrong counts as its doing: a terminal
	// that is closed takes no more lines.
	if j.ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		return err
	}
	where := strings.TrimSuffix(err.Error(), ": "+context.Canceled.Error())
	if j.checkpoint == "" {
		return command.Interruptedf("interrupted in %s; without -checkpoint nothing is kept", where)
	}
	if err := t.saveCheckpoint(); err != nil {
		return errors.WithMessagef(err, "interrupted in %s", where)
	}
	return command.Interruptedf("interrupted in %s; to go on, add -resume", where)
}

// onStep prints the first line of an epoch and draws the bar, and writes the
// checkpoint if the last one is older than -checkpoint-every.
func (t *training) onStep(s train.Progress) error {
	j := t.job
	if t.begun != s.Epoch && j.epochs > 1 { // Keras does not number the only epoch
		t.begun = s.Epoch
		if err := j.print("Epoch %d/%d\n", s.Epoch, j.epochs); err != nil {
			return err
		}
	}
	if j.bar != nil {
		j.bar.step(s)
	}
	if j.checkpointEvery == 0 || time.Since(t.saved) < j.checkpointEvery || s.Step == s.Steps {
		return nil
	}
	return t.saveCheckpoint()
}

// onEpoch prints how an epoch went and writes all that is kept of it.
func (t *training) onEpoch(e train.Epoch) error {
	j := t.job
	t.history = append(t.history, e)
	if best(t.history).Epoch == e.Epoch {
		if err := t.saveWeights("-save-best", j.saveBest); err != nil {
			return err
		}
	}
	if j.history != "" {
		if err := writeHistory(j.ctx, j.history, t.history); err != nil {
			return errors.WithMessagef(err, "-history %s", j.history)
		}
	}
	if err := t.curves.add(e, j.lr); err != nil {
		return errors.WithMessagef(err, "-tensorboard %s", j.tensorboard)
	}
	if j.checkpoint != "" { // last: a training that goes on from it does none of the above again
		if err := t.saveCheckpoint(); err != nil {
			return err
		}
	}
	if j.bar != nil {
		j.bar.epoch(e)
		return nil
	}
	return j.print("%s\n", epochLine(e))
}

// best returns the epoch with the best validation accuracy, the first of equals,
// as in Keras. After -resume, the epochs before it count too.
func best(h train.History) train.Epoch {
	return slices.MaxFunc(h, func(a, b train.Epoch) int { return cmp.Compare(a.Val.Accuracy(), b.Val.Accuracy()) })
}

// noticeBest prints why the file of -save-best was not written, if it was not.
func (t *training) noticeBest() {
	j := t.job
	if j.saveBest == "" {
		return
	}
	if len(t.history) == t.before {
		j.notice("-save-best %s: not written, because no epoch was trained", j.saveBest)
	} else if b := best(t.history); b.Epoch <= t.before {
		j.notice("-save-best %s: not written, because no epoch of this run is better than epoch %d before it, whose validation accuracy is %s",
			j.saveBest, b.Epoch, value(b.Val.Accuracy()))
	}
}

// closeCurves closes the files of -tensorboard.
func (t *training) closeCurves() error {
	return errors.WithMessagef(t.curves.close(), "-tensorboard %s", t.job.tensorboard)
}

// evaluate prints how well the network does on the test images.
func (t *training) evaluate() error {
	m, err := t.Evaluate(t.job.sets.Test)
	if err != nil {
		return errors.WithMessage(err, "test data")
	}
	_, err = io.WriteString(t.job.stdout, scoreLines(m))
	return errors.WithStack(err)
}

// print writes a line of an epoch: beside the bar, or to the standard output.
func (j *job) print(format string, args ...any) error {
	switch {
	case j.bar != nil:
		fmt.Fprintf(j.bar.w, format, args...)
		return nil
	case j.verbose == silent:
		return nil
	}
	_, err := fmt.Fprintf(j.stdout, format, args...)
	return errors.WithStack(err)
}

// saveWeights writes the weights to the file of a flag, if it was given.
func (t *training) saveWeights(flag, path string) error {
	if path == "" {
		return nil
	}
	values, err := t.Weights()
	if err != nil {
		return err
	}
	err = atomicfile.Write(t.job.ctx, path, func(w io.Writer) error { return weights.Save(w, t.job.net, values) })
	return errors.WithMessagef(err, "%s %s", flag, path)
}

// saveCheckpoint replaces the checkpoint by the state of the training.
func (t *training) saveCheckpoint() error {
	t.saved = time.Now()
	state, err := t.State()
	if err == nil {
		err = t.job.writeCheckpoint(state, t.settings)
	}
	return errors.WithMessagef(err, "-checkpoint %s", t.job.checkpoint)
}
