package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// pool is a number of workers that share jobs, round after round. Waking a
// sleeping thread takes as long as a few images, so a worker without work looks
// for more for a while before it sleeps. Worker 0 is the goroutine that calls run.
type pool struct {
	workers int
	rounds  atomic.Uint32 // calls of run; a sleeping worker waits for the next
	busy    atomic.Int32  // workers that are not done with this round, without worker 0
	next    atomic.Int64  // first job that nobody has taken
	stopped bool

	// The jobs of this round.
	n    int
	f    func(worker, job int) error
	errs []error

	mu    sync.Mutex
	wake  sync.Cond // a round began, or the pool is stopped
	ended sync.Cond // busy is 0
}

// looks is how often a worker looks for work before it sleeps. It takes about 50 µs.
const looks = 500

// newPool starts workers, which stop ends.
func newPool(workers int) *pool {
	p := &pool{workers: workers}
	p.wake.L, p.ended.L = &p.mu, &p.mu
	for w := 1; w < workers; w++ {
		go p.work(w)
	}
	return p
}

// run calls f for every job below n, one at a time for each worker below n, and
// returns the error of the lowest job that failed.
func (p *pool) run(n int, f func(worker, job int) error) error {
	p.n, p.f = n, f
	p.errs = append(p.errs[:0], make([]error, n)...)
	p.next.Store(0)
	p.busy.Store(int32(p.workers - 1))
	p.begin()
	p.jobs(0)
	if !look(func() bool { return p.busy.Load() == 0 }) {
		p.mu.Lock()
		for p.busy.Load() > 0 {
			p.ended.Wait()
		}
		p.mu.Unlock()
	}
	for _, err := range p.errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// stop ends the workers. No run may be under way.
func (p *pool) stop() {
	p.stopped = true
	p.begin()
}

// begin starts a round: it wakes the workers.
func (p *pool) begin() {
	p.mu.Lock()
	p.rounds.Add(1)
	p.mu.Unlock()
	p.wake.Broadcast()
}

// jobs does the jobs that no other worker takes.
func (p *pool) jobs(worker int) {
	if worker >= p.n {
		return
	}
	for job := int(p.next.Add(1)) - 1; job < p.n; job = int(p.next.Add(1)) - 1 {
		p.errs[job] = p.f(worker, job)
	}
}

// work does jobs as worker w, round after round, until the pool is stopped.
func (p *pool) work(w int) {
	for round := uint32(0); ; {
		if !look(func() bool { return p.rounds.Load() != round }) {
			p.mu.Lock()
			for p.rounds.Load() == round {
				p.wake.Wait()
			}
			p.mu.Unlock()
		}
		round++
		if p.stopped {
			return
		}
		p.jobs(w)
		if p.busy.Add(-1) == 0 {
			p.mu.Lock() // so run either waits already, or sees busy at 0
			p.ended.Signal()
			p.mu.Unlock()
		}
	}
}

// look waits a short time for done, and returns whether it came true.
func look(done func() bool) bool {
	for range looks {
		if done() {
			return true
		}
		runtime.Gosched()
	}
	return false
}
