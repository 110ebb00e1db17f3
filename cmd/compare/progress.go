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
	w     io.Writer
	width int // columns of the terminal; 0: there is none
	runs  int
	run   int // from 1
	task  task

	start       time.Time
	last        time.Time // when the line was drawn
	total, done float64   // images of all epochs of all runs; of those that ended
	images      float64   // of an epoch
}

// newProgress is that of tasks with so many images an epoch.
func newProgress(w io.Writer, tasks []task, images int) *progress {
	p := &progress{w: w, runs: len(tasks), start: time.Now(), images: float64(images)}
	for _, t := range tasks {
		p.total += float64(t.Epochs) * p.images
	}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	var err error
	if p.width, _, err = term.GetSize(int(f.Fd())); err != nil || p.width < 20 {
		p.width = 80
	}
	return p
}

// begin is called before each run.
func (p *progress) begin(t task) {
	p.run++
	p.task = t
}

// step draws the line, at most every 50 ms.
func (p *progress) step(s train.Progress) error {
	now := time.Now()
	if p.width == 0 || now.Sub(p.last) < command.RedrawPeriod {
		return nil
	}
	p.last = now
	done := p.done + float64(s.Epoch-1)*p.images + float64(s.Train.Images)
	left := time.Duration(float64(now.Sub(p.start)) * (p.total - done) / done)
	line := []rune(fmt.Sprintf("run %d/%d · %v · seed %d · epoch %d/%d · %s left", p.run, p.runs, p.task.Config, p.task.seed, s.Epoch, p.task.Epochs, clock(left)))
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

// end is called after each run.
func (p *progress) end(t task, r result.Run) {
	p.done += float64(t.Epochs) * p.images
	if p.width == 0 {
		fmt.Fprintf(p.w, "run %d/%d: %v, seed %d: %d epochs in %.1fs, accuracy %.4f\n", p.run, p.runs, t.Config, t.seed, t.Epochs, r.Seconds(), r.Test.Accuracy)
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
