package kernel

import (
	"sync"
	"time"
)

const (
	peakTrial  = 5 * time.Millisecond // long enough for the workers to overlap
	peakRounds = 1 << 12              // rounds of one call: about 10 µs, for assembly can't be preempted
)

// PeakGFLOPS returns the most GFLOP/s that the workers reach together at this level while all their values stay in
// registers: two FLOP a multiply-add. It measures for the time d, at least 5 ms, and takes the best of many short
// trials, because other programs take their share of the processor.
func PeakGFLOPS(workers int, d time.Duration) float64 {
	arrays := make([][]float32, workers)
	for i := range arrays {
		arrays[i] = Aligned(active.multiplyAddsLen)
	}
	best := 0.0
	for end := time.Now().Add(d); ; {
		rates := make([]float64, workers)
		start := time.Now()
		var wg sync.WaitGroup
		for i, x := range arrays {
			wg.Go(func() {
				flop, took := 0.0, time.Duration(0)
				for took < peakTrial {
					active.multiplyAdds(peakRounds, 0.5, 1, x)
					flop += float64(peakRounds * len(x) * active.multiplyAddsFLOP)
					took = time.Since(start)
				}
				rates[i] = flop / float64(took)
			})
		}
		wg.Wait()
		sum := 0.0
		for _, r := range rates {
			sum += r
		}
		best = max(best, sum)
		if !time.Now().Before(end) {
			return best
		}
	}
}

// multiplyAddsGeneric replaces each of the 12 values of x by x·factor + term, again in every round. Twelve
// independent sums keep the adders busy.
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
