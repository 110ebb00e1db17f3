package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/train"
)

// progress says how far all runs are: on a terminal one line that is drawn
// over, elsewhere a line for each run that is done.
type progress struct {
	w           io.Writer
	width       int // columns of the terminal; 0 without one
	tasks       []task
	run         int       // from 1
	images      int       // of an epoch
	total, done int       // epochs of all runs, and of those that are done
	start, last time.Time // of the first run, and when the line was drawn
}

// newProgress is that of tasks whose epochs have this number of images.
func newProgress(w io.Writer, tasks []task, images int) *progress {
	p := &progress{w: w, tasks: tasks, images: images, start: time.Now()}
	for _, t := range tasks {
		p.total += t.Epochs
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	var err error
	if p.width, _, err = term.GetSize(int(f.Fd())); err != nil || p.width < 20 { // some say 0
		p.width = 80
	}
	return p
}

// step draws the line, at most every 50 ms.
func (p *progress) step(s train.Progress) error {
	now := time.Now()
	if p.width == 0 || now.Sub(p.last) < command.RedrawPeriod {
		return nil
	}
	p.last = now
	done := float64(p.done+s.Epoch-1) + float64(s.Train.Images)/float64(p.images)
	left := time.Duration(float64(now.Sub(p.start)) * (float64(p.total) - done) / done)
	t := p.tasks[p.run-1]
	line := []rune(fmt.Sprintf("run %d/%d · %v · seed %d · epoch %d/%d · %s left", p.run, len(p.tasks), t.Config, t.seed, s.Epoch, t.Epochs, clock(left)))
	if len(line) >= p.width { // a line that wraps could not be drawn over
		line = line[:p.width-1]
	}
	fmt.Fprintf(p.w, "\r%s\x1b[K", string(line))
	return nil
}

// clear makes room for another line.
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// end is called after each run; who starts one raises run.
func (p *progress) end(r result.Run) {
	t := p.tasks[p.run-1]
	p.done += t.Epochs
	if p.width == 0 {
		fmt.Fprintf(p.w, "run %d/%d: %v: %d epochs in %.1fs, accuracy %.4f\n", p.run, len(p.tasks), t, t.Epochs, r.Seconds(), r.Test.Accuracy)
	}
}

// clock is a time as people write it: 0:07, 12:34 or 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
