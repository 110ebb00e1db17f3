package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// pool is a number of workers that share jobs, round after round. A job of run may
// share out a round of its own: workers without work join it. A worker that takes no
// job, because its thread does not run, holds nobody up. Worker 0 is the goroutine that
// calls run.
//
// Waking a sleeping thread takes as long as a few images, so a worker without work looks
// for more for a while before it sleeps.
type pool struct {
	workers int
	open    []atomic.Pointer[round] // the rounds under way: that of run, then those of share
	begun   atomic.Uint32           // rounds so far, so that workers see that there is a new one
	stopped atomic.Bool

	sleeping atomic.Int32 // workers that wait for changed
	mu       sync.Mutex
	changed  sync.Cond // a round began or ended, or the pool is stopped
}

// round is a number of jobs, each for the first worker that takes it. None is used twice,
// so that a worker that comes late finds no job of another round in it.
type round struct {
	n    int
	do   func(worker, job int)
	next atomic.Int64 // first job that nobody has taken
	left atomic.Int64 // jobs that are not done
}

// looks is how often a worker looks for work before it sleeps. It takes about 50 µs.
const looks = 500

// newPool starts workers, which stop ends. There are so many places for rounds of share.
func newPool(workers, places int) *pool {
	p := &pool{workers: workers, open: make([]atomic.Pointer[round], 1+places)}
	p.changed.L = &p.mu
	for w := 1; w < workers; w++ {
		go p.work(w, p.stopped.Load)
	}
	return p
}

// run calls do for every job below n, several at the same time, and returns the error
// of the lowest job that failed.
func (p *pool) run(n int, do func(worker, job int) error) error {
	errs := make([]error, n)
	r := p.begin(0, n, func(worker, job int) { errs[job] = do(worker, job) })
	p.work(0, r.done)
	p.open[0].Store(nil)
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// share is run for a job of run: it calls do for every part below n. The place, numbered
// from 0, is one that no other job uses at the same time. While it waits it does no part
// of another job, which could take long.
func (p *pool) share(place, n int, do func(part int)) {
	r := p.begin(1+place, n, func(_, part int) { do(part) })
	r.jobs(0)
	p.wait(r.done)
	p.open[1+place].Store(nil)
}

// stop ends the workers. No run may be under way.
func (p *pool) stop() {
	p.stopped.Store(true)
	p.wake()
}

// begin opens a round in a place where none is open.
func (p *pool) begin(place, n int, do func(worker, job int)) *round {
	r := &round{n: n, do: do}
	r.left.Store(int64(n))
	p.open[place].Store(r)
	p.begun.Add(1)
	p.wake()
	return r
}

// work does, as a worker, jobs of any round, until done. Those of run come first;
// among the others workers start from different places.
func (p *pool) work(worker int, done func() bool) {
	join := func(place int) {
		if r := p.open[place].Load(); r != nil && r.jobs(worker) {
			p.wake()
		}
	}
	for !done() {
		begun := p.begun.Load()
		join(0)
		places := len(p.open) - 1
		for i := range places {
			join(1 + (worker+i)%places)
		}
		p.wait(func() bool { return done() || p.begun.Load() != begun })
	}
}

// jobs does the jobs that no other worker takes, and reports whether one of them was
// the last to be done.
func (r *round) jobs(worker int) (last bool) {
	for r.next.Load() < int64(r.n) {
		job := int(r.next.Add(1)) - 1
		if job >= r.n {
			break
		}
		r.do(worker, job)
		last = r.left.Add(-1) == 0
	}
	return last
}

// done reports whether all jobs are done.
func (r *round) done() bool { return r.left.Load() == 0 }

// wait waits until a condition holds, which a call of wake follows when it comes true.
func (p *pool) wait(holds func() bool) {
	for range looks {
		if holds() {
			return
		}
		runtime.Gosched()
	}
	p.sleeping.Add(1)
	p.mu.Lock()
	for !holds() {
		p.changed.Wait()
	}
	p.mu.Unlock()
	p.sleeping.Add(-1)
}

// wake lets sleeping workers look again. Without one it costs next to nothing.
func (p *pool) wake() {
	if p.sleeping.Load() > 0 {
		p.mu.Lock() // so a worker either waits already, or sees what has changed
		p.changed.Broadcast()
		p.mu.Unlock()
	}
}
