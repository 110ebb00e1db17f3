package train

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pkg/errors"
)

// TestPool: in each of many rounds each job is done once, whether workers sleep in
// between or not.
func TestPool(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, workers := range []int{1, 2, 5} {
		p := newPool(workers, 0)
		for round := range 300 {
			n := round % 9
			done, busy := make([]int, n), make([]bool, workers)
			err := p.run(n, func(worker, job int) error {
				if busy[worker] {
					t.Error("a worker has two jobs at once")
				}
				busy[worker] = true
				done[job]++
				if round%50 == 7 {
					time.Sleep(2 * time.Millisecond) // the others go to sleep
				}
				busy[worker] = false
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for job, times := range done {
				if times != 1 {
					t.Fatalf("%d workers, round %d: job %d of %d was done %d times", workers, round, job, n, times)
				}
			}
			if round%100 == 9 {
				time.Sleep(5 * time.Millisecond) // the workers go to sleep
			}
		}
		time.Sleep(5 * time.Millisecond) // the workers go to sleep
		p.stop()
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
		}
	}
}

func TestPoolReturnsTheLowestError(t *testing.T) {
	p := newPool(3, 0)
	defer p.stop()
	first, second := errors.New("first"), errors.New("second")
	for range 20 {
		err := p.run(8, func(_, job int) error {
			switch job {
			case 2:
				time.Sleep(100 * time.Microsecond)
				return first
			case 5:
				return second
			case 7:
				time.Sleep(300 * time.Microsecond)
			}
			return nil
		})
		if err != first {
			t.Fatalf("got %v, want %v", err, first)
		}
		if err := p.run(2, func(int, int) error { return nil }); err != nil {
			t.Fatalf("an old error came back: %v", err)
		}
	}
}

// TestPoolShares: jobs that share out rounds of their own, in many rounds, have each
// part done once, and more than one worker does them.
func TestPoolShares(t *testing.T) {
	const workers, jobs = 5, 3
	p := newPool(workers, jobs)
	defer p.stop()
	for round := range 200 {
		var done [jobs][10]atomic.Int32
		err := p.run(jobs, func(_, job int) error {
			for parts := range len(done[job]) + 1 {
				p.share(job, parts, func(part int) {
					if round%50 == 9 {
						time.Sleep(50 * time.Microsecond) // others are at a part when none is left
					}
					done[job][part].Add(1)
				})
				for part := range parts {
					if got := done[job][part].Swap(0); got != 1 {
						t.Errorf("round %d, job %d: part %d of %d was done %d times when share returned", round, job, part, parts, got)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if round%50 == 7 {
			time.Sleep(5 * time.Millisecond) // the workers go to sleep
		}
	}
	together := make(chan bool) // only two workers at a time get past it
	meet := func(part int) {
		if part == 0 {
			together <- true
		} else {
			<-together
		}
	}
	p.run(1, func(int, int) error { p.share(0, 2, meet); return nil })
}

// TestPoolWaitsForNobodyElse: a worker that is held up by one round does not hold up
// another, whether it is a job's or the next of run.
func TestPoolWaitsForNobodyElse(t *testing.T) {
	p := newPool(3, 2)
	defer p.stop()
	stuck, free := make(chan bool), make(chan bool)
	err := p.run(2, func(_, job int) error {
		if job == 0 {
			p.share(0, 2, func(part int) {
				if part == 1 {
					close(stuck)
					<-free
				}
			})
			return nil
		}
		<-stuck
		for range 100 {
			p.share(1, 4, func(int) {})
		}
		close(free)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
