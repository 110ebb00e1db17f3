package train

import (
	"sync/atomic"
	"time"
)

// RoundTime measures for the time d how long workers take at least to share out work:
// from the start of a round of one job each, which wait for each other, until all are
// done. They wait without giving way, so there must be no more of them than cores.
func RoundTime(workers int, d time.Duration) time.Duration {
	p := newPool(workers, 1)
	defer p.stop()
	best := d
	for end := time.Now().Add(d); time.Now().Before(end); {
		p.run(1, func(int, int) error {
			for range 20 { // the others do not sleep in between
				var came atomic.Int32
				start := time.Now()
				p.share(0, workers, func(int) {
					for came.Add(1); int(came.Load()) < workers; {
					}
				})
				best = min(best, time.Since(start))
			}
			return nil
		})
	}
	return best
}
