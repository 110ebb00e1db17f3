package fit

import (
	"cmp"
	"math"
	"os"
	"slices"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/kerastext"
	"tapenet/models/weights"
	"tapenet/train"
)

// metric is what -save-best-by compares, measured on the validation images.
type metric string

const (
	byAccuracy metric = "accuracy"
	byLoss     metric = "loss"
)

func (m metric) of(e train.Epoch) float64 {
	if m == byLoss {
		return e.Val.Loss
	}
	return e.Val.Accuracy()
}

// best is the epoch with the best m, the first of equals, as in Keras's
// ModelCheckpoint. After -resume, the epochs before it count too.
func best(h train.History, m metric) train.Epoch {
	compare := func(a, b train.Epoch) int { return cmp.Compare(m.of(a), m.of(b)) }
	if m == byLoss {
		return slices.MinFunc(h, compare)
	}
	return slices.MaxFunc(h, compare)
}

// noticeUnwritten prints which files of the epochs were not written, and why.
func (t *training) noticeUnwritten() {
	j := t.job
	if len(t.history) == 0 {
		for _, out := range append(j.outputs(), output{"-tensorboard", j.tensorboard}) {
			if out.path != "" && !slices.Contains([]string{"-save", "-export", "-dot"}, out.flag) {
				j.notice("%s %s: not written, because no epoch was trained", out.flag, out.path)
			}
		}
	} else if b := best(t.history, j.saveBestBy); j.saveBest != "" && !t.kept {
		j.notice("-save-best %s: not written, because no epoch of this run is better than epoch %d before it, whose validation %s is %s",
			j.saveBest, b.Epoch, j.saveBestBy, kerastext.Value(j.saveBestBy.of(b)))
	}
}

// errStopped ends a training as -patience says.
var errStopped = errors.New("stopped early")

// improved is the last epoch that improved the validation loss, by the rule of
// Keras's EarlyStopping.
func improved(h train.History, minDelta float64) train.Epoch {
	last := h[0]
	for _, e := range h[1:] {
		if e.Val.Loss+minDelta < last.Val.Loss {
			last = e
		}
	}
	return last
}

// stopped is whether -patience is at its end. It depends on the history alone, so
// that a training that goes on stops where one in a single run does.
func (t *training) stopped() bool {
	n := len(t.history)
	return n > 0 && t.job.patience > 0 && n-improved(t.history, t.job.minDelta).Epoch >= t.job.patience
}

// noticeStop prints why the training ended before its last epoch, if it did.
func (t *training) noticeStop() {
	j, n := t.job, len(t.history)
	if !t.stopped() || n >= j.epochs {
		return
	}
	e := improved(t.history, j.minDelta)
	more := ""
	if j.minDelta > 0 {
		more = "more than " + kerastext.Number(j.minDelta) + " "
	}
	j.notice("-patience %d: stopped after epoch %d of %d; no validation loss was %sbetter than %s, that of epoch %d",
		j.patience, n, j.epochs, more, kerastext.Value(e.Val.Loss), e.Epoch)
}

// endsWithBest is whether the training ends with the weights of -save-best, as
// with Keras's restore_best_weights.
func (o *options) endsWithBest() bool { return o.patience > 0 && o.saveBest != "" }

// keepBest writes the weights, which are those of the best epoch, to -save-best.
func (t *training) keepBest() (err error) {
	j := t.job
	if j.saveBest == "" {
		return nil
	}
	if err := t.saveWeights("-save-best", j.saveBest); err != nil {
		return err
	}
	t.kept = true
	if j.endsWithBest() {
		t.best, err = t.Weights()
	}
	return err
}

// resumeBest finds the weights of the best epoch before -resume. If they are those
// of the checkpoint, it writes -save-best, for the run before may have been killed
// between the two. If they are not, and the training may end with them, it reads
// that file; it is an error if they do on the validation images what that epoch's
// did not.
func (t *training) resumeBest(start train.State) error {
	j := t.job
	b := best(t.history, j.saveBestBy)
	if b.Epoch == len(t.history) && start.Step == 0 {
		return t.keepBest()
	}
	if !j.endsWithBest() {
		return nil
	}
	const need = "with -patience, the best weights before -resume are read from it"
	err := command.Wait(j.ctx, "reading -save-best "+j.saveBest, func() error {
		f, err := os.Open(j.saveBest)
		if err != nil {
			return errors.Wrapf(err, "-save-best: %s", need)
		}
		defer f.Close()
		t.best, err = weights.Load(f, j.net)
		return errors.WithMessagef(err, "-save-best %s: %s", j.saveBest, need)
	})
	if err != nil {
		return err
	}
	p, err := train.NewPredictor(j.net, t.best, train.Config{Lowering: j.compiled(), Workers: j.workers})
	if err != nil {
		return err
	}
	got, err := p.Evaluate(j.val)
	if err != nil {
		return errors.WithMessagef(err, "-save-best %s: validation", j.saveBest)
	}
	if math.Abs(got.Loss-b.Val.Loss) > kernelsApart*max(b.Val.Loss, 0.01) {
		return errors.Errorf("-save-best %s: the weights are not those of epoch %d, which has the best validation %s: got a validation loss of %s, want %s",
			j.saveBest, b.Epoch, j.saveBestBy, kerastext.Value(got.Loss), kerastext.Value(b.Val.Loss))
	}
	return nil
}

// kernelsApart is by how much a loss may differ that other kernels computed, as a
// part of it: the means of float32 sums differ by less than 1e-6.
const kernelsApart = 1e-4

// restoreBest gives the network the weights of the best epoch, if it is to end
// with them.
func (t *training) restoreBest() error {
	j := t.job
	if t.best == nil {
		return nil
	}
	b := best(t.history, j.saveBestBy)
	state, err := t.State()
	if err != nil {
		return err
	}
	state.Weights = t.best
	if err := t.Restore(state); err != nil {
		return errors.WithMessagef(err, "-save-best %s", j.saveBest)
	}
	if b.Epoch < len(t.history) {
		what := "the accuracy is that"
		switch {
		case j.save != "" && j.export != "":
			what = "-save, -export and the accuracy are those"
		case j.save != "":
			what = "-save and the accuracy are those"
		case j.export != "":
			what = "-export and the accuracy are those"
		}
		j.notice("%s of epoch %d, whose validation %s is %s, the best", what, b.Epoch, j.saveBestBy, kerastext.Value(j.saveBestBy.of(b)))
	}
	return nil
}
