package train

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Metrics are how well the network did on some images.
type Metrics struct {
	Loss    float64 // mean categorical cross-entropy, in nats
	Correct int     // images whose most probable class is theirs
	Images  int
}

// Accuracy is the share of Correct in Images, 0 to 1.
func (m Metrics) Accuracy() float64 { return float64(m.Correct) / float64(m.Images) }

func metrics(s graph.Score, images int) Metrics {
	return Metrics{s.Loss / float64(images), s.Correct, images}
}

// Epoch is what one pass over the data gave.
type Epoch struct {
	Epoch    int           // from 1
	Steps    int           // batches of the epoch
	Train    Metrics       // over what each batch gave while the weights were changing
	Val      *Metrics      // of the validation data after the epoch; nil if there are none
	Time     time.Duration // with the validation
	StepTime time.Duration // Keras's estimate for one step: without the first, validation spread over the rest
}

// History is one entry for each epoch, in order.
type History []Epoch

// Progress is where a training stands after a step.
type Progress struct {
	Epoch, Step, Steps int     // from 1
	Train              Metrics // of the epoch so far
	Time               time.Duration
	StepTime           time.Duration // as in Epoch
}

// Fit trains for c.Epochs passes over data and measures the network on
// validation after each, unless that is empty. The history it returns has the
// epochs that were completed. The error is that of ctx if it was cancelled: the
// running step is finished first. A loss or weight that is not finite is an error, and
// every error says where training stood.
func (t *Trainer) Fit(ctx context.Context, data, validation Data) (History, error) {
	if err := data.check(t.net); err != nil {
		return nil, errors.WithMessage(err, "training data")
	}
	if validation.Len() > 0 {
		if err := validation.check(t.net); err != nil {
			return nil, errors.WithMessage(err, "validation data")
		}
	}
	var h History
	for e := 1; e <= t.c.Epochs; e++ {
		epoch, err := t.epoch(ctx, e, data, validation)
		if err != nil {
			return h, err
		}
		h = append(h, epoch)
		if t.c.OnEpoch != nil {
			if err := t.c.OnEpoch(epoch); err != nil {
				return h, err
			}
		}
	}
	return h, nil
}

// epoch is one pass over data, the e-th.
func (t *Trainer) epoch(ctx context.Context, e int, data, validation Data) (Epoch, error) {
	order := t.order(e, data.Len())
	steps := ceil(len(order), t.c.Batch)
	clock := startClock()
	var score graph.Score
	for i := range steps {
		from := i * t.c.Batch
		to := min(from+t.c.Batch, len(order))
		s, err := t.step(data, order[from:to])
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return Epoch{}, errors.WithMessagef(err, "epoch %d, step %d of %d", e, i+1, steps)
		}
		score = score.Add(s)
		if t.c.OnStep != nil {
			total, step := clock.read(i + 1)
			t.c.OnStep(Progress{e, i + 1, steps, metrics(score, to), total, step})
		} else {
			clock.read(i + 1)
		}
	}
	for _, w := range t.weights {
		if v := float64(w); math.IsNaN(v) || math.IsInf(v, 0) {
			return Epoch{}, errors.Errorf("epoch %d, after step %d: a weight is %v", e, steps, w)
		}
	}
	epoch := Epoch{Epoch: e, Steps: steps, Train: metrics(score, data.Len())}
	if validation.Len() > 0 {
		v, err := t.score(validation)
		if err == nil && !v.Finite() {
			err = errors.Errorf("the loss is %v", v.Loss)
		}
		if err != nil {
			return Epoch{}, errors.WithMessagef(err, "epoch %d, validation", e)
		}
		m := metrics(v, validation.Len())
		epoch.Val = &m
	}
	epoch.Time, epoch.StepTime = clock.read(steps)
	return epoch, nil
}

// Evaluate measures the network on data.
func (t *Trainer) Evaluate(data Data) (Metrics, error) {
	if err := data.check(t.net); err != nil {
		return Metrics{}, err
	}
	s, err := t.score(data)
	if err == nil && !s.Finite() {
		err = errors.Errorf("the loss is %v", s.Loss)
	}
	return metrics(s, data.Len()), err
}

// order is the order of n images in an epoch. It depends on the seed and the
// number of the epoch alone, so that training can go on at any epoch.
func (t *Trainer) order(epoch, n int) []int32 {
	order := make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	if !t.c.KeepOrder {
		rng := rand.New(rand.NewPCG(t.c.Seed, uint64(epoch)))
		rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// clock times an epoch as Keras's progress bar does (keras/src/utils/progbar.py).
type clock struct{ start, first time.Time }

func startClock() *clock { return &clock{start: time.Now()} }

// read is the time since the start and the estimate for one step, after done
// steps; it must be called after the first.
func (c *clock) read(done int) (total, step time.Duration) {
	now := time.Now()
	total = now.Sub(c.start)
	if done == 1 {
		if c.first.IsZero() {
			c.first = now
		}
		return total, total
	}
	return total, now.Sub(c.first) / time.Duration(done-1)
}
