package train

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// pool is a number of workers that share jobs, many times over. To wake a
// sleeping thread takes as long as a few images, so a worker without work looks
// for more during some rounds before it goes to sleep. The worker 0 is the
// goroutine that calls run.
type pool struct {
	workers int
	rounds  atomic.Uint32 // calls of run; a sleeping worker waits for the next
	busy    atomic.Int32  // workers but 0 that have not ended this round
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

// looks is how often a worker looks for work before it sleeps: about 50 µs.
const looks = 500

// newPool starts workers that end with stop.
func newPool(workers int) *pool {
	p := &pool{workers: workers}
	p.wake.L, p.ended.L = &p.mu, &p.mu
	for w := 1; w < workers; w++ {
		go p.work(w)
	}
	return p
}

// run calls f for every job below n, each worker one at a time, and returns the
// error of the lowest job that failed. Workers from n on get none.
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

// begin wakes the workers.
func (p *pool) begin() {
	p.mu.Lock()
	p.rounds.Add(1)
	p.mu.Unlock()
	p.wake.Broadcast()
}

// jobs does what no other worker has taken.
func (p *pool) jobs(worker int) {
	if worker >= p.n {
		return
	}
	for job := int(p.next.Add(1)) - 1; job < p.n; job = int(p.next.Add(1)) - 1 {
		p.errs[job] = p.f(worker, job)
	}
}

// work is the life of worker w.
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
			p.mu.Lock() // run either has not looked at busy under it, or waits
			p.ended.Signal()
			p.mu.Unlock()
		}
	}
}

// look waits a short time for what another worker is about to do.
func look(done func() bool) bool {
	for range looks {
		if done() {
			return true
		}
		runtime.Gosched()
	}
	return false
}
