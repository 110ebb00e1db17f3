package training

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/kerastext"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// The states of a training.
const (
	none    = "none"
	running = "running"
	paused  = "paused"
	stopped = "stopped"
	done    = "done"
	failed  = "failed"
)

// Why a training ends before its last epoch.
var (
	errStop    = errors.New("stopped")
	errClose   = errors.New("the server ends")
	errReached = errors.New("the accuracy is reached")
)

const (
	stepPeriod    = 100 * time.Millisecond // between two step events of an epoch
	weightsPeriod = 250 * time.Millisecond // between two weights events
	maxFilters    = 20_000                 // values of a weights event
)

// run is one training.
type run struct {
	id       int
	settings settings
	net      *graph.Network
	sets     data.Sets
	filters  *graph.Param // nil if there are none to show
	nets     *networks.Set
	journal  *journal
	restored bool // from the checkpoint of an earlier run of the server

	ctx    context.Context // its cause is why the training ends early
	cancel context.CancelCauseFunc
	over   chan struct{} // closed when nothing is done any more

	mu     sync.Mutex
	state  string
	err    string
	resume chan struct{} // while paused: closed to go on

	// Only train and its hooks use these.
	trainer      *train.Trainer
	kept         kept
	last         train.Metrics // of the epoch so far, after the step before
	shownStep    time.Time
	shownWeights time.Time
}

// newRun returns a training that has not begun.
func newRun(s settings, net *graph.Network, sets data.Sets, workers int) (*run, error) {
	sets, err := sets.Limit(s.Limit)
	if err != nil {
		return nil, err
	}
	r := &run{settings: s, net: net, sets: sets, state: running, over: make(chan struct{}), kept: newKept(s.Epochs, net.NumParams())}
	for _, l := range net.Layers {
		if l.Kind == graph.KindConv2d {
			if l.Params[0].Size <= maxFilters {
				r.filters = &l.Params[0]
			}
			break
		}
	}
	first := models.Init(net, s.Seed)
	r.trainer, err = train.New(net, first, train.Config{
		Batch: s.Batch, Epochs: s.Epochs, LearningRate: s.Rate, Seed: s.Seed, Workers: workers, OnStep: r.onStep, OnEpoch: r.onEpoch,
	})
	if err != nil {
		return nil, err
	}
	r.kept.add(0, first)
	r.ctx, r.cancel = context.WithCancelCause(context.Background())
	return r, nil
}

// started is what clients are told of the training at its start.
func (r *run) started() started {
	s := started{ID: r.id, Settings: r.settings, Steps: (r.sets.Train.Len() + r.settings.Batch - 1) / r.settings.Batch, Params: r.net.NumParams()}
	if r.filters != nil {
		s.Filters = &filters{r.filters.Name, r.filters.Shape}
	}
	return s
}

// train trains to the end, and says how it ended, unless the server ends: then the
// training is to go on later.
func (r *run) train() {
	err := r.wait()
	if err == nil {
		_, err = r.trainer.Fit(r.ctx, r.sets.Train, r.sets.Test)
	}
	end := struct {
		State  string `json:"state"`
		Error  string `json:"error"`
		Reason string `json:"reason"`
	}{State: done}
	switch {
	case err == nil:
	case errors.Is(err, errReached):
		end.Reason = fmt.Sprintf("accuracy %s reached", kerastext.Number(r.settings.Accuracy))
	case errors.Is(err, context.Canceled) && context.Cause(r.ctx) == errClose:
		return
	case errors.Is(err, context.Canceled):
		end.State = stopped
		err = r.publishStopped()
	}
	if err != nil && !errors.Is(err, errReached) {
		end.State, end.Error = failed, err.Error()
	}
	r.trainer = nil // its machines are large
	r.mu.Lock()
	r.state, r.err = end.State, end.Error
	r.journal.add(endEvent, end)
	r.mu.Unlock()
}

// publishStopped shows the network as a training that was stopped leaves it.
func (r *run) publishStopped() error {
	m, err := r.trainer.Evaluate(r.sets.Test)
	if err != nil {
		return err
	}
	w, err := r.trainer.Weights()
	if err != nil {
		return err
	}
	r.nets.Put(r.kept.network(r.settings.Title, r.net, w, m.Accuracy()))
	return nil
}

// onStep shows the step, unless one was just shown and this is not the last of its epoch,
// and waits while the training is paused.
func (r *run) onStep(p train.Progress) error {
	if p.Step == 1 {
		r.last = train.Metrics{}
	}
	before, now := r.last, time.Now()
	r.last = p.Train
	if now.Sub(r.shownStep) >= stepPeriod || p.Step == p.Steps {
		r.shownStep = now
		images := float64(p.Train.Images - before.Images)
		step := struct {
			Epoch    int      `json:"epoch"`
			Step     int      `json:"step"`
			Loss     float64  `json:"loss"`
			Accuracy float64  `json:"accuracy"`
			Norm     *float64 `json:"norm"` // null if it is not finite
		}{p.Epoch, p.Step, max(0, total(p.Train)-total(before)) / images, float64(p.Train.Correct-before.Correct) / images, nil}
		if norm := r.trainer.GradientNorm(); norm-norm == 0 {
			step.Norm = &norm
		}
		r.journal.add(stepEvent, step)
	}
	if r.filters != nil && now.Sub(r.shownWeights) >= weightsPeriod {
		w, err := r.trainer.Weights()
		if err != nil {
			return err
		}
		r.showWeights(w)
	}
	return r.wait()
}

// total is the sum of the losses of all images.
func total(m train.Metrics) float64 { return m.Loss * float64(m.Images) }

// showWeights sends the filters among the weights.
func (r *run) showWeights(w []float32) {
	r.shownWeights = time.Now()
	values, _ := binary.Append(nil, binary.LittleEndian, r.filters.Of(w)) // takes any float32s
	r.journal.add(weightsEvent, map[string]string{"values": base64.StdEncoding.EncodeToString(values)})
}

// onEpoch shows what the epoch gave, and keeps its weights.
func (r *run) onEpoch(e train.Epoch) error {
	w, err := r.trainer.Weights()
	if err != nil {
		return err
	}
	probabilities, err := r.trainer.Predict(r.sets.Test.Pixels)
	if err != nil {
		return errors.WithMessagef(err, "epoch %d, test images", e.Epoch)
	}
	r.kept.add(e.Epoch, w)
	r.nets.Put(r.kept.network(r.settings.Title, r.net, w, e.Val.Accuracy()))
	if r.filters != nil {
		r.showWeights(w)
	}
	shown := endedOf(e)
	shown.Confusion, shown.Hardest = mistakes(probabilities, r.sets.Test.Labels)
	r.journal.add(epochEvent, shown)
	if a := r.settings.Accuracy; a > 0 && e.Val.Accuracy() >= a {
		return errReached
	}
	return nil
}

// wait waits while the training is paused. The error is that it is to end.
func (r *run) wait() error {
	r.mu.Lock()
	resume := r.resume
	r.mu.Unlock()
	if resume != nil {
		select {
		case <-resume:
		case <-r.ctx.Done():
		}
	}
	return r.ctx.Err()
}

// pause pauses the training or lets it go on. It is an error if it has ended.
func (r *run) pause(pause bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.state == paused && !pause:
		close(r.resume)
		r.state, r.resume = running, nil
	case r.state == running && pause:
		r.state, r.resume = paused, make(chan struct{})
	case r.state != running && r.state != paused:
		return errNone
	default:
		return nil
	}
	r.journal.add(stateEvent, map[string]string{"state": r.state})
	return nil
}

// active reports whether the training has not ended.
func (r *run) active() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state == running || r.state == paused
}
