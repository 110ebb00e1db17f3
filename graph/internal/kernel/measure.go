package kernel

import (
	"sync"
	"time"
)

// What a processor can do at best, as a measure for the kernels. Other programs take their share of it, so the
// best of many short trials counts.

const (
	trial      = 5 * time.Millisecond // long enough for workers to overlap
	peakRounds = 1 << 12              // of a call: about 10 µs, for assembly can't be preempted
	readFloats = 1 << 18              // between two looks at the clock: 10 to 60 µs
)

// PeakGFLOPS is the most multiply-adds, two FLOP each, that so many workers do in a nanosecond when all their
// values are in registers. It takes the time d.
func PeakGFLOPS(workers int, d time.Duration) float64 {
	trials := make([]func() float64, workers)
	for i := range trials {
		x := Aligned(active.multiplyAddsLen)
		trials[i] = func() float64 {
			active.multiplyAdds(peakRounds, 0.5, 1, x)
			return float64(2 * peakRounds * len(x))
		}
	}
	return best(d, trials)
}

// ReadBandwidth is the rate in GB/s at which one worker reads an array of so many bytes again and again, from
// the smallest cache that it fits into. It takes the time d.
func ReadBandwidth(bytes int, d time.Duration) float64 {
	x := Aligned(max(64, bytes/4))
	for i := range x { // memory that was never written is one page
		x[i] = 1
	}
	var sums [64]float32
	at := 0
	return best(d, []func() float64{func() float64 {
		read := 0
		for read < readFloats {
			part := x[at:min(at+readFloats, len(x))]
			active.sums64(part, &sums)
			read += len(part)
			at = (at + len(part)) % len(x)
		}
		return float64(4 * read)
	}})
}

// best runs trials of all the workers together, each of which repeats its work and adds up what it returns. It
// is the greatest sum in a trial, by the nanosecond.
func best(d time.Duration, workers []func() float64) float64 {
	rate := 0.0
	for end := time.Now().Add(d); ; {
		done := make([]float64, len(workers))
		start := time.Now()
		var wg sync.WaitGroup
		for i, work := range workers {
			wg.Go(func() {
				sum, took := 0.0, time.Duration(0)
				for took < trial {
					sum += work()
					took = time.Since(start)
				}
				done[i] = sum / float64(took)
			})
		}
		wg.Wait()
		sum := 0.0
		for _, r := range done {
			sum += r
		}
		rate = max(rate, sum)
		if !time.Now().Before(end) {
			return rate
		}
	}
}

// multiplyAddsGeneric replaces every value of x, of which there are 12, by itself times factor plus term, and that
// as often as there are rounds. More sums at once than 12 would not be faster.
func multiplyAddsGeneric(rounds int, factor, term float32, x []float32) {
	a, b, c, d, e, f := x[0], x[1], x[2], x[3], x[4], x[5]
	g, h, i, j, k, l := x[6], x[7], x[8], x[9], x[10], x[11]
	for range rounds {
		a = float32(a*factor) + term
		b = float32(b*factor) + term
		c = float32(c*factor) + term
		d = float32(d*factor) + term
		e = float32(e*factor) + term
		f = float32(f*factor) + term
		g = float32(g*factor) + term
		h = float32(h*factor) + term
		i = float32(i*factor) + term
		j = float32(j*factor) + term
		k = float32(k*factor) + term
		l = float32(l*factor) + term
	}
	copy(x, []float32{a, b, c, d, e, f, g, h, i, j, k, l})
}

// sums64Generic adds every whole row of x (·, 64) to sums.
func sums64Generic(x []float32, sums *[64]float32) {
	for ; len(x) >= len(sums); x = x[len(sums):] {
		for i := range sums {
			sums[i] += x[i]
		}
	}
}
