package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/processor"
	"tapenet/cmd/sweep/internal/result"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

// wait is how long a run that another process trains is left alone before the next
// look whether it is there.
const wait = 500 * time.Millisecond

// trainMissing trains the runs that are not there yet, several at once, and keeps
// each as soon as it is done. Runs that another process trains come last: it waits
// for them, and trains them if that process ends without.
func (s *sweep) trainMissing(ctx context.Context) error {
	missing, err := s.missing(s.mine)
	if err != nil {
		return err
	}
	t := &trainings{sweep: s, todo: missing, jobs: s.jobs, p: newProgress(s.stderr, missing, s.sets.Train.Len())}
	if t.jobs == 0 {
		t.jobs = s.workers
	}
	t.processor = processor.Name()
	t.ctx, t.fail = context.WithCancelCause(ctx)
	defer t.fail(nil)
	var jobs sync.WaitGroup
	for range min(t.jobs, len(missing)) {
		jobs.Go(t.work)
	}
	jobs.Wait()
	t.p.clear()
	if ctx.Err() != nil {
		missing, err := s.missing(s.mine)
		if err != nil {
			return err
		}
		return command.Interruptedf("interrupted; %d of %d runs are kept in %s; the same command goes on", len(s.mine)-len(missing), len(s.mine), s.dir)
	}
	return context.Cause(t.ctx)
}

// trainings are the runs of one command while they are trained.
type trainings struct {
	*sweep
	ctx       context.Context
	fail      context.CancelCauseFunc // ends all with an error
	jobs      int
	processor string
	p         *progress

	mu      sync.Mutex
	todo    []result.Settings // that nobody here has taken
	running int
}

// work trains runs, one after the other, until none is left.
func (t *trainings) work() {
	for t.ctx.Err() == nil {
		r, workers, ok := t.next()
		if !ok {
			return
		}
		done, err := t.do(r, workers)
		if err != nil && t.ctx.Err() == nil {
			t.fail(errors.WithMessage(err, r.Name()))
		}
		t.mu.Lock()
		t.running--
		if !done {
			t.todo = append(t.todo, r)
		}
		t.mu.Unlock()
		if !done {
			select {
			case <-t.ctx.Done():
			case <-time.After(wait):
			}
		}
	}
}

// next takes a run, and says how many cores it gets: when fewer are left than run
// at once, each gets more.
func (t *trainings) next() (r result.Settings, workers int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.todo) == 0 {
		return r, 0, false
	}
	r = t.todo[0]
	workers = max(1, t.workers/min(t.jobs, t.running+len(t.todo)))
	t.todo = t.todo[1:]
	t.running++
	return r, min(workers, train.MaxWorkers), true
}

// do trains a run and writes its file, unless it is there already. If another
// process is training it, done is false.
func (t *trainings) do(s result.Settings, workers int) (done bool, err error) {
	path := t.file(s)
	release, err := atomicfile.Lock(path, "sweep")
	if errors.Is(err, atomicfile.ErrTaken) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	defer release()
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.p.skip(s)
		return true, errors.WithStack(err)
	}
	r, err := t.train(s, workers)
	if err == nil {
		err = r.Check() // a file that ReadRun refuses would be lost
	}
	if err == nil {
		err = atomicfile.Write(t.ctx, path, r.Write)
	}
	if err == nil {
		t.p.end(r)
	}
	return true, err
}

// train does one training. Its result has the bits of the network's own command
// with the same settings. A training that cannot go on is a result too.
func (t *trainings) train(s result.Settings, workers int) (r result.Run, err error) {
	net, err := t.build(s)
	if err != nil {
		return r, err
	}
	r = result.Run{Settings: s, Epochs: []result.Epoch{}}
	r.Machine = result.Machine{Processor: t.processor, Kernels: graph.Level(), Workers: workers, Jobs: t.jobs}
	trainer, err := train.New(net, models.Init(net, s.Seed), train.Config{
		Lowering: s.Ops, Batch: s.Batch, Epochs: s.Epochs, LearningRate: s.LR, Seed: s.Seed, Workers: workers,
		OnStep: t.p.step(),
		OnEpoch: func(e train.Epoch) error {
			r.Epochs = append(r.Epochs, result.EpochOf(e))
			return nil
		},
	})
	if err != nil {
		return r, err
	}
	if _, err := trainer.Fit(t.ctx, t.sets.Train, t.sets.Test); err != nil {
		if t.ctx.Err() == nil {
			r.Failed, err = err.Error(), nil
		}
		return r, err
	}
	weights, err := trainer.Weights()
	r.Weights = sum(weights)
	return r, err
}

// sum returns the SHA-256 of weights, as little-endian float32.
func sum(weights []float32) string {
	h := sha256.New()
	binary.Write(h, binary.LittleEndian, weights) // a hash takes all
	return hex.EncodeToString(h.Sum(nil))
}

// build builds the network of a run.
func (s *sweep) build(r result.Settings) (*graph.Network, error) {
	m, _ := models.ByName(r.Network)
	net, err := m.Layers(s.sets.Classes).Build(s.sets.Shape...)
	return net, errors.WithMessagef(err, "images of %v: %s", s.sets.Shape, m.Title)
}
