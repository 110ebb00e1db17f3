package fit

import (
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/tensorboard"
	"tapenet/train"
)

// curves are the event files of a training: two runs, as Keras's TensorBoard
// callback has them (keras/src/callbacks/tensorboard.py), so that a chart shows
// training and validation in one. The zero curves write nothing.
type curves struct {
	runs []*tensorboard.Writer // training, validation
}

func newCurves(folders []string) (c curves) {
	for _, dir := range folders {
		c.runs = append(c.runs, &tensorboard.Writer{Dir: dir})
	}
	return c
}

// add adds the point of an epoch to each curve; epochs count from 0 there.
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

// startCurves looks at what the folder of -tensorboard has. A training that
// goes on continues its curves there, or has them whole in an empty folder. One
// that begins adds its own, as Keras does, but says so.
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
	case used && !j.resume:
		j.notice("-tensorboard %s: there are curves of another training; this one's will be drawn into them", j.tensorboard)
	case !used:
		for _, e := range t.history {
			if err := t.curves.add(e, j.lr); err != nil {
				return errors.WithMessagef(err, "-tensorboard %s", j.tensorboard)
			}
		}
	}
	return nil
}
