package runs

import (
	"fmt"
	"io"
	"sync"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/runs/training"
	"tapenet/train"
)

// progress says how far all runs are: on a terminal one line that is drawn over,
// elsewhere a line for each run that is done. Several trainings may use it at once.
type progress struct {
	w       io.Writer
	columns func() int // of the terminal; nil without one
	images  int        // of an epoch
	runs    int
	alone   bool // one training at a time

	mu          sync.Mutex
	done        int       // runs
	left, seen  int       // images to see in all trainings, and those that were trained on
	start, last time.Time // when the first training started, and when the line was drawn
}

// newProgress returns the progress of tasks that have not started yet, so many at
// once; each of their epochs has this number of images.
func newProgress(w io.Writer, tasks []task, images, jobs int) *progress {
	p := &progress{w: w, columns: command.Columns(w), images: images, alone: jobs == 1, start: time.Now()}
	for _, t := range tasks {
		p.runs += len(t)
		p.more(t.epochs())
	}
	return p
}

// more changes how many epochs are left.
func (p *progress) more(epochs int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left += epochs * p.images
}

// step returns the hook for the steps of one training.
func (p *progress) step(of training.Settings) func(train.Progress) error {
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
		text := fmt.Sprintf("%d of %d runs done · %s left", p.done, p.runs, p.eta())
		if p.alone {
			text += fmt.Sprintf(" · epoch %d/%d · accuracy %.4f · %s", s.Epoch, of.Epochs, s.Train.Accuracy(), name(of))
		}
		line := []rune(text)
		line = line[:min(len(line), p.columns()-1)] // a line that wraps could not be drawn over
		fmt.Fprintf(p.w, "\r%s\x1b[K", string(line))
		return nil
	}
}

// eta estimates the time left, if the images to come take as long as those before.
// The caller holds mu.
func (p *progress) eta() string {
	if p.seen == 0 {
		return clock(0)
	}
	return clock(time.Duration(float64(time.Since(p.start)) * float64(max(p.left, 0)) / float64(p.seen)))
}

// clock is a time as people write it: 0:07, 12:34 or 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// skip counts a run that is there already.
func (p *progress) skip() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
}

// end ends a run.
func (p *progress) end(r training.Run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.columns == nil {
		fmt.Fprintf(p.w, "run %d/%d: %s: %s in %.1fs, %s left\n", p.done, p.runs, name(r.Settings), outcome(r), r.Seconds(), p.eta())
	}
}

// name names a run in a line.
func name(s training.Settings) string { return fmt.Sprintf("%v, seed %d", s, s.Seed) }

// outcome is what a run gave, in words.
func outcome(r training.Run) string {
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
