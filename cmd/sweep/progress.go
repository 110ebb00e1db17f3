package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/sweep/internal/result"
	"tapenet/train"
)

// progress says how far all runs are: on a terminal one line that is drawn over,
// elsewhere a line for each run that is done. Several trainings may use it at once.
type progress struct {
	w       io.Writer
	columns func() int // of the terminal; nil without one
	images  int        // of an epoch
	runs    int

	mu          sync.Mutex
	done        int       // runs
	left, seen  int       // images to see in all runs, and those that were trained on
	start, last time.Time // when the first run started, and when the line was drawn
}

// newProgress returns the progress of runs that have not started yet; each of their
// epochs has this number of images.
func newProgress(w io.Writer, runs []result.Settings, images int) *progress {
	p := &progress{w: w, columns: command.Columns(w), images: images, runs: len(runs), start: time.Now()}
	for _, r := range runs {
		p.left += r.Epochs * images
	}
	return p
}

// step returns the hook for the steps of one training.
func (p *progress) step() func(train.Progress) error {
	before := 0 // images of this training
	return func(s train.Progress) error {
		now := (s.Epoch-1)*p.images + s.Train.Images
		p.mu.Lock()
		defer p.mu.Unlock()
		p.seen += now - before
		p.left -= now - before
		before = now
		if p.columns == nil || time.Since(p.last) < command.RedrawPeriod {
			return nil
		}
		p.last = time.Now()
		line := []rune(fmt.Sprintf("%d of %d runs done · %s left", p.done, p.runs, p.eta()))
		line = line[:min(len(line), p.columns()-1)] // a line that wraps could not be drawn over
		fmt.Fprintf(p.w, "\r%s\x1b[K", string(line))
		return nil
	}
}

// eta estimates the time left, if the images to come take as long as those before.
// The caller holds mu.
func (p *progress) eta() time.Duration {
	if p.seen == 0 {
		return 0
	}
	d := time.Duration(float64(time.Since(p.start)) * float64(max(p.left, 0)) / float64(p.seen))
	return d.Round(time.Second)
}

// skip ends a run that is there already.
func (p *progress) skip(s result.Settings) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.left -= s.Epochs * p.images
}

// end ends a run.
func (p *progress) end(r result.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if r.Failed != "" {
		p.left -= (r.Settings.Epochs - len(r.Epochs)) * p.images // roughly: it failed in an epoch
	}
	if p.columns == nil {
		fmt.Fprintf(p.w, "run %d/%d: %s: %s in %.1fs, %s left\n", p.done, p.runs, name(r.Settings), outcome(r), r.Seconds(), p.eta())
	}
}

// name names a run in a line.
func name(s result.Settings) string { return fmt.Sprintf("%v, seed %d", s, s.Seed) }

// outcome is what a run gave, in words.
func outcome(r result.Run) string {
	if r.Failed != "" {
		return "failed in " + command.Printable(r.Failed)
	}
	return fmt.Sprintf("accuracy %.4f", float64(r.Epochs[len(r.Epochs)-1].Val.Correct)/float64(r.Settings.Test))
}

// clear makes room for another line.
func (p *progress) clear() {
	if p.columns != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
