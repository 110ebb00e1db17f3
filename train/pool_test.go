package train

import (
	"runtime"
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
