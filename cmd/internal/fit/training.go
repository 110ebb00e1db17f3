package fit

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/checkpoint"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/export"
	"tapenet/cmd/internal/kerastext"
	"tapenet/models/onnx"
	"tapenet/models/weights"
	"tapenet/train"
)

// training is a trainer with all that is done beside it: printing, history,
// curves, checkpoints.
type training struct {
	*train.Trainer
	job      *job
	settings checkpoint.Settings
	history  train.History
	best     []float32 // weights of the best epoch, if the training is to end with them
	kept     bool      // this run wrote -save-best
	curves   curves
	begun    int       // the epoch whose first line is printed
	resumed  bool      // from the checkpoint
	over     bool      // there was nothing more to train
	saved    time.Time // when the last checkpoint was written, or tried
}

// newTraining returns a training that starts from the first weights or, with
// -resume, from the checkpoint.
func (j *job) newTraining() (*training, error) {
	t := &training{job: j, curves: newCurves(j.runs()), saved: time.Now()}
	if j.checkpoint != "" {
		t.settings = j.settings()
	}
	_, missing := os.Stat(j.checkpoint)
	t.resumed = j.resume == resumed || j.resume == automatic && !errors.Is(missing, fs.ErrNotExist)
	if t.resumed {
		return t, t.goOn()
	}
	first, err := j.initial()
	if err == nil && missing == nil {
		err = errors.Errorf("-checkpoint %s: is there already; go on from it with -resume, or remove it", j.checkpoint)
	}
	if err != nil {
		return nil, err
	}
	return t, t.newTrainer(first, j.lr)
}

func (t *training) newTrainer(first []float32, lr float64) (err error) {
	j := t.job
	t.Trainer, err = train.New(j.net, first, train.Config{
		Lowering: j.compiled(), Batch: j.batch, Epochs: j.epochs, LearningRate: lr, Seed: j.seed, KeepOrder: !j.shuffle, Workers: j.workers,
		OnStep: t.onStep, OnEpoch: t.onEpoch,
	})
	return err
}

// goOn makes the trainer that the checkpoint is of. It writes what the run before
// may not have written of its epochs: it may have been killed, or without the flag.
func (t *training) goOn() error {
	j := t.job
	var start train.State
	if err := command.Wait(j.ctx, "reading the checkpoint", func() (err error) {
		start, t.settings.Rates, err = j.loadCheckpoint(t.settings)
		return err
	}); err != nil {
		return err
	}
	changed := t.changeRate(start)
	if err := t.newTrainer(start.Weights, t.rate(start.Epoch)); err != nil {
		return err
	}
	if err := t.Restore(start); err != nil {
		return errors.WithMessagef(err, "-checkpoint %s", j.checkpoint)
	}
	t.history = start.History
	t.over = start.Step == 0 && t.stopped() // in an epoch, it decides at the end
	if len(t.history) > 0 {
		if err := t.resumeBest(start); err != nil {
			return err
		}
		if err := t.writeHistory(); err != nil {
			return err
		}
	}
	if changed { // a kill before the next checkpoint must not bring the old rate back
		return t.saveCheckpoint()
	}
	return nil
}

// rate is the learning rate at the end of an epoch.
func (t *training) rate(epoch int) float64 {
	lr := t.job.lr
	for _, r := range t.settings.Rates {
		if r.Epoch <= epoch {
			lr = r.LR
		}
	}
	return lr
}

// changeRate goes on from start with the rate of -resume-lr. It reports whether
// that is another.
func (t *training) changeRate(start train.State) bool {
	lr := t.job.resumeLR
	if lr == 0 || lr == t.rate(start.Epoch) {
		return false
	}
	here := checkpoint.Rate{Epoch: start.Epoch, Step: start.Step, LR: lr}
	t.settings.Rates = slices.DeleteFunc(t.settings.Rates, func(r checkpoint.Rate) bool { return r.Epoch == here.Epoch && r.Step == here.Step })
	t.settings.Rates = append(t.settings.Rates, here)
	return true
}

// fit trains. If a signal ends it, it saves the checkpoint there.
func (t *training) fit() (err error) {
	j := t.job
	if j.epochs > 0 && !t.over {
		_, err = t.Fit(j.ctx, j.training, j.val)
	}
	if j.bar != nil {
		j.bar.end() // what follows has a line of its own
	}
	if err == nil || errors.Is(err, errStopped) {
		t.noticeStop()
		t.noticeUnwritten()
		return t.restoreBest()
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
	if j.resume == automatic {
		return command.Interruptedf("interrupted in %s; to go on, run it again", where)
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
	if err := t.writeHistory(); err != nil {
		return err
	}
	if err := t.curves.add(e, t.rate(e.Epoch)); err != nil {
		return errors.WithMessagef(err, "-tensorboard %s", j.tensorboard)
	}
	if j.checkpoint != "" { // after the above, which a training that goes on from it does not do again
		if err := t.saveCheckpoint(); err != nil {
			return err
		}
	}
	// After the checkpoint, so that its history names the epoch of -save-best.
	if best(t.history, j.saveBestBy).Epoch == e.Epoch {
		if err := t.keepBest(); err != nil {
			return err
		}
	}
	if j.bar != nil {
		j.bar.epoch(e)
	} else if err := j.print("%s\n", kerastext.Epoch(e)); err != nil {
		return err
	}
	if t.stopped() {
		return errStopped
	}
	return nil
}

// closeCurves closes the files of -tensorboard.
func (t *training) closeCurves() error {
	return errors.WithMessagef(t.curves.close(), "-tensorboard %s", t.job.tensorboard)
}

// evaluate prints how well the network does on the test images.
func (t *training) evaluate() (train.Metrics, error) {
	m, err := t.Evaluate(t.job.sets.Test)
	if err != nil {
		return m, errors.WithMessage(err, "test data")
	}
	_, err = io.WriteString(t.job.stdout, kerastext.Score(m))
	return m, errors.WithStack(err)
}

// export writes the file of -export, if it was given; test is how well the network
// does, if that is known.
func (t *training) export(test train.Metrics) error {
	j := t.job
	if j.export == "" {
		return nil
	}
	values, err := t.Weights()
	if err != nil {
		return err
	}
	about := onnx.About{Classes: j.sets.Names}
	if j.data == "" {
		about.Classes = export.Digits()
	}
	if test.Images > 0 {
		about.Accuracy = test.Accuracy()
	}
	return errors.WithMessagef(export.Write(j.ctx, j.export, j.net, values, about), "-export %s", j.export)
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
