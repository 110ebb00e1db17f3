package train

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/pkg/errors"
)

// Fit trains for Config.Epochs passes over data, measures the network on
// validation after each, unless that is empty, and returns the history of the
// epochs that were completed. A second Fit trains on: its epochs count from 1
// again, but have the orders of images that more epochs of the first would have
// had. After Restore, Fit goes on where the state was taken.
//
// If ctx is cancelled, Fit finishes the running step and returns the error of ctx.
// A loss or weight that is not finite is an error, and so is a Fit while another
// is under way. Errors say at which step training ended, but for that of OnEpoch,
// which is returned as it is.
func (t *Trainer) Fit(ctx context.Context, data, validation Data) (History, error) {
	if err := data.check(t.net); err != nil {
		return nil, errors.WithMessage(err, "training data")
	}
	if !validation.empty() {
		if err := validation.check(t.net); err != nil {
			return nil, errors.WithMessage(err, "validation data")
		}
	}
	if !t.fitting.CompareAndSwap(false, true) {
		return nil, errors.New("Fit is under way: wait for its end before the next")
	}
	defer t.fitting.Store(false)
	p := newPool(t.workers, len(t.train))
	defer p.stop()
	if t.parts > 0 {
		for i, m := range t.train {
			m.Share(t.parts, func(n int, do func(part int)) { p.share(i, n, do) })
		}
	}
	if err := t.begin(data, validation); err != nil {
		return nil, err
	}
	for t.at.epoch <= t.c.Epochs {
		epoch, err := t.epoch(ctx, p, data, validation)
		if err != nil {
			return t.at.history, err
		}
		t.mu.Lock()
		t.at = position{epoch: epoch.Epoch + 1, history: append(t.at.history, epoch), earlier: t.at.earlier}
		t.mu.Unlock()
		if t.c.OnEpoch != nil {
			if err := t.c.OnEpoch(epoch); err != nil {
				return t.at.history, err
			}
		}
	}
	return t.at.history, nil
}

// begin goes to where Restore said, or to the start of the first epoch.
func (t *Trainer) begin(data, validation Data) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.restored {
		err := t.state().Fits(t.c.Batch, data, validation)
		t.restored = err != nil // the next Fit may have the right data
		return errors.WithMessage(err, "restored state")
	}
	earlier := t.at.earlier + t.at.epoch - 1
	if t.at.step > 0 {
		earlier++
	}
	t.at = position{epoch: 1, earlier: earlier}
	return nil
}

// epoch passes once over data, or over what is left of this epoch.
func (t *Trainer) epoch(ctx context.Context, p *pool, data, validation Data) (Epoch, error) {
	at := &t.at
	order := t.order(at.earlier+at.epoch, data.Len())
	steps := ceil(len(order), t.c.Batch)
	clock := clock{start: time.Now()}
	for at.step < steps {
		from := at.step * t.c.Batch
		to := min(from+t.c.Batch, len(order))
		if err := t.step(p, data, order[from:to]); err != nil {
			return Epoch{}, errors.WithMessagef(err, "epoch %d, step %d of %d", at.epoch, at.step+1, steps)
		}
		clock.step()
		var err error
		if t.c.OnStep != nil {
			total, step := clock.read()
			err = t.c.OnStep(Progress{at.epoch, at.step, steps, metrics(at.score, to), total, step})
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return Epoch{}, errors.WithMessagef(err, "epoch %d, after step %d of %d", at.epoch, at.step, steps)
		}
	}
	if err := finite("weight", t.weights); err != nil {
		return Epoch{}, errors.WithMessagef(err, "epoch %d, after step %d of %d", at.epoch, at.step, steps)
	}
	epoch := Epoch{Epoch: at.epoch, Steps: steps, Train: metrics(at.score, data.Len())}
	if validation.Len() > 0 {
		m, err := t.Evaluate(validation)
		if err != nil {
			return Epoch{}, errors.WithMessagef(err, "epoch %d, validation", at.epoch)
		}
		epoch.Val = &m
	}
	epoch.Time, epoch.StepTime = clock.read()
	return epoch, nil
}

// order returns the order of n images in an epoch, whose number counts over all
// calls of Fit. It depends on the seed and that number alone, so training can go on
// anywhere.
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
type clock struct {
	start, first time.Time // first is when the first step was done
	steps        int
}

// step counts a step that is done.
func (c *clock) step() {
	if c.steps++; c.steps == 1 {
		c.first = time.Now()
	}
}

// read returns the time since the start and the estimate for one step.
func (c *clock) read() (total, step time.Duration) {
	now := time.Now()
	total = now.Sub(c.start)
	switch c.steps {
	case 0: // the epoch was restored after its last step
		return total, 0
	case 1:
		return total, total
	}
	return total, now.Sub(c.first) / time.Duration(c.steps-1)
}
