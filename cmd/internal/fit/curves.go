package fit

import (
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/tensorboard"
	"tapenet/train"
)

// curves writes the event files of a training: two runs, as Keras's TensorBoard
// callback does (keras/src/callbacks/tensorboard.py), so that one chart shows
// training and validation. The zero curves writes nothing.
type curves struct {
	runs []*tensorboard.Writer // training, validation
}

func newCurves(folders []string) (c curves) {
	for _, dir := range folders {
		c.runs = append(c.runs, &tensorboard.Writer{Dir: dir})
	}
	return c
}

// add adds the points of an epoch; the first is at step 0.
func (c curves) add(e train.Epoch, lr float64) error {
	now := time.Now()
	for i, run := range c.runs {
		m := e.Train
		if i == 1 {
			m = *e.Val
		}
		points := []tensorboard.Scalar{{Tag: "epoch_accuracy", Value: float32(m.Accuracy())}, {Tag: "epoch_loss", Value: float32(m.Loss)}}
		if i == 0 {
			points = append(points, tensorboard.Scalar{Tag: "epoch_learning_rate", Value: float32(lr)})
		}
		if err := run.Add(int64(e.Epoch-1), now, points...); err != nil {
			return err
		}
	}
	return nil
}

func (c curves) close() error {
	for _, run := range c.runs {
		if err := run.Close(); err != nil {
			return err
		}
	}
	return nil
}

// startCurves looks whether the folder of -tensorboard has curves. If it has
// none, a training that goes on writes those of its epochs so far. If it has
// some, one that goes on adds to them, and so does a new one, as Keras does, but
// it prints a notice.
func (t *training) startCurves() error {
	j := t.job
	if j.tensorboard == "" {
		return nil
	}
	used := false
	for _, dir := range j.runs() {
		u, err := tensorboard.Used(dir)
		if err != nil {
			return errors.WithMessagef(err, "-tensorboard %s", j.tensorboard)
		}
		used = used || u
	}
	switch {
	case used && !t.resumed:
		j.notice("-tensorboard %s: there are curves of another training; this one's will be drawn into them", j.tensorboard)
	case !used:
		for _, e := range t.history {
			if err := t.curves.add(e, t.rate(e.Epoch)); err != nil {
				return errors.WithMessagef(err, "-tensorboard %s", j.tensorboard)
			}
		}
	}
	return nil
}
