// Package runs trains networks, several at once, and keeps what each training gave
// in a file of its own. Any number of processes may fill one folder, and each may end
// at any time: a run that is there is whole, and never trained again.
package runs

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/processor"
	"tapenet/cmd/internal/runs/training"
	"tapenet/train"
)

// Config says how runs are trained, and where they are kept.
type Config struct {
	Dir     string    // the folder of -o, which has the folder of the runs
	Sets    data.Sets // what is trained and tested on, after -limit
	Workers int       // cores that all trainings share, at least 1; no bit of a result depends on it
	Jobs    int       // trainings at once; 0 is one for each of Workers. No bit depends on it either
	Details bool      // keep the training.Details of each run
	Stderr  io.Writer // gets the progress
}

// wait is how long runs that other processes train are left alone before the next
// look whether they are there.
const wait = 500 * time.Millisecond

// Train trains those of all that are not there yet and keeps each as soon as it is
// done, with the bits of the network's own command. all are different, and of the
// images of Sets. A training that cannot go on is a result too. Runs that another
// process trains come last: Train waits for them, and trains them if that process
// ends without.
//
// The end of ctx gives an error of command.Interruptedf; the same call then goes on.
func (c Config) Train(ctx context.Context, all []training.Settings) error {
	missing, err := Missing(c.Dir, all)
	if err != nil || len(missing) == 0 {
		return err
	}
	if err := c.begin(missing[0]); err != nil {
		return errors.WithMessage(err, "-o")
	}
	if c.Jobs == 0 {
		c.Jobs = c.Workers
	}
	t := &trainings{Config: c, todo: tasks(missing), processor: processor.Name()}
	t.p = newProgress(c.Stderr, t.todo, c.Sets.Train.Len(), c.Jobs)
	t.ctx, t.fail = context.WithCancelCause(ctx)
	defer t.fail(nil)
	var jobs sync.WaitGroup
	for range min(c.Jobs, len(t.todo)) {
		jobs.Go(t.work)
	}
	jobs.Wait()
	t.p.clear()
	if ctx.Err() != nil {
		missing, err := Missing(c.Dir, all)
		if err != nil {
			return err
		}
		return command.Interruptedf("interrupted; runs still missing: %d; those done are kept in %s, and the same command goes on", len(missing), c.Dir)
	}
	return context.Cause(t.ctx)
}

// begin makes the folder of the runs, and makes sure that a file like that of s can
// be written there.
func (c Config) begin(s training.Settings) error {
	if err := os.MkdirAll(filepath.Join(c.Dir, Folder), 0o777); err != nil {
		return errors.WithStack(err)
	}
	return atomicfile.Check(Path(c.Dir, s))
}

// trainings are the tasks of one call of Train while they are done.
type trainings struct {
	Config
	ctx       context.Context
	fail      context.CancelCauseFunc // ends all with an error
	processor string
	p         *progress

	mu      sync.Mutex
	todo    []task // that nobody here has taken
	taken   []task // that other processes had taken at the last look
	running int
}

// work does tasks, one after the other, until none is left. It waits for other
// processes only while they have taken all that are left.
func (t *trainings) work() {
	for t.ctx.Err() == nil {
		task, workers, left := t.next()
		if !left {
			return
		}
		if len(task) == 0 {
			t.pause()
			continue
		}
		rest, err := t.do(task, workers)
		if err != nil && t.ctx.Err() == nil {
			t.fail(errors.WithMessage(err, task.longest().Name()))
		}
		t.end(rest)
	}
}

// next takes a task, empty if other processes have taken all that are left, and says
// how many cores it gets: when fewer are left than run at once, each gets more, but
// none more than its steps can use.
func (t *trainings) next() (first task, workers int, left bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.todo) == 0 {
		return nil, 0, len(t.taken) > 0
	}
	first = t.todo[0]
	workers = max(1, t.Workers/min(t.Jobs, t.running+len(t.todo)+len(t.taken)))
	t.todo = t.todo[1:]
	t.running++
	s := first.longest()
	return first, min(workers, train.Config{Batch: s.Batch, Lowering: s.Ops}.UsefulWorkers()), true
}

// end ends a task, but for the rest, which another process is training.
func (t *trainings) end(rest task) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
	if len(rest) > 0 {
		t.taken = append(t.taken, rest)
	}
}

// pause leaves what other processes have taken alone for a while; then it is tried again.
func (t *trainings) pause() {
	select {
	case <-t.ctx.Done():
	case <-time.After(wait):
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.todo, t.taken = append(t.todo, t.taken...), nil
}
