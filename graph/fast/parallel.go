package fast

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parts is into how many parts an op cuts its work, however many cores there are: so sums over the parts have the same
// bits everywhere. More cores than parts don't help.
const parts = 8

// little is work that is not worth a second goroutine, in values read or written, or in 16 multiply-adds.
const little = 1 << 14

// each calls do for the parts 0 to n-1, n at most parts, on as many goroutines as Go has processors. A goroutine's
// number, worker, is less than parts: what belongs to a worker is used by one goroutine at a time. All end with the
// call, so that nothing waits or spins between the ops.
func each(work, n int, do func(worker, part int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if work <= little {
		workers = 1
	}
	var taken atomic.Int64
	run := func(worker int) {
		for part := int(taken.Add(1)) - 1; part < n; part = int(taken.Add(1)) - 1 {
			do(worker, part)
		}
	}
	var others sync.WaitGroup
	for worker := 1; worker < workers; worker++ {
		others.Go(func() { run(worker) })
	}
	run(0)
	others.Wait()
}

// batch is n things in parts of about equal size.
type batch struct{ n, parts int }

func newBatch(n int) batch { return batch{n, min(n, parts)} }

// most returns the size of the largest part.
func (b batch) most() int { return (b.n + b.parts - 1) / b.parts }

// each calls do for every part, which has the things from up to to.
func (b batch) each(work int, do func(worker, part, from, to int)) {
	each(work, b.parts, func(worker, part int) {
		do(worker, part, part*b.n/b.parts, (part+1)*b.n/b.parts)
	})
}

// eachRange calls do for ranges that cover n things of some work each.
func eachRange(n, work int, do func(from, to int)) {
	newBatch(n).each(n*work, func(_, _, from, to int) { do(from, to) })
}

// addUp sets out to the sum of the vectors, the first one first.
func addUp(vectors [][]float32, out []float32) {
	eachRange(len(out), len(vectors), func(from, to int) {
		out := out[from:to]
		copy(out, vectors[0][from:to])
		for _, v := range vectors[1:] {
			for i, x := range v[from:to] {
				out[i] += x
			}
		}
	})
}
