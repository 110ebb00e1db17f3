package main

import (
	"fmt"
	"io"
	"time"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/train"
)

// progress says how far all runs are: on a terminal one line that is drawn
// over, elsewhere a line for each run that is done.
type progress struct {
	w             io.Writer
	columns       func() int // of the terminal; nil without one
	tasks         []task
	task          int       // the index of the running one
	run, runs     int       // that are done, and all
	images        int       // of an epoch
	total, before int       // epochs of all tasks, and of those that are done
	start, last   time.Time // when the first task started, and when the line was drawn
}

// newProgress returns the progress of tasks that have not started yet; each of
// their epochs has this number of images.
func newProgress(w io.Writer, tasks []task, images int) *progress {
	p := &progress{w: w, columns: command.Columns(w), tasks: tasks, images: images, start: time.Now()}
	for _, t := range tasks {
		p.total += t.Epochs
		p.runs += t.runs()
	}
	return p
}

// step draws the line, at most every 50 ms.
func (p *progress) step(s train.Progress) error {
	now := time.Now()
	if p.columns == nil || now.Sub(p.last) < command.RedrawPeriod {
		return nil
	}
	p.last = now
	done := float64(p.before+s.Epoch-1) + float64(s.Train.Images)/float64(p.images)
	left := time.Duration(float64(now.Sub(p.start)) * (float64(p.total) - done) / done)
	t := p.tasks[p.task]
	room := p.columns() - 1 // a line that wraps could not be drawn over
	run, seed := fmt.Sprintf("run %d/%d · %v", p.run+1, p.runs, t.Config), fmt.Sprintf(" · seed %d", t.seed)
	rest := fmt.Sprintf(" · epoch %d/%d · accuracy %.4f · %s left", s.Epoch, t.Epochs, s.Train.Accuracy(), clock(left))
	line := []rune(run + seed + rest)
	if len(line) > room { // the accuracy says more than the seed
		line = []rune(run + rest)
	}
	line = line[:min(len(line), room)]
	fmt.Fprintf(p.w, "\r%s\x1b[K", string(line))
	return nil
}

// clear makes room for another line.
func (p *progress) clear() {
	if p.columns != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// done counts a run, of the running task.
func (p *progress) done(config result.Config, r result.Run) {
	p.run++
	if p.columns == nil {
		epochs := "1 epoch"
		if config.Epochs > 1 {
			epochs = fmt.Sprintf("%d epochs", config.Epochs)
		}
		fmt.Fprintf(p.w, "run %d/%d: %v, seed %d: %s in %.1fs, accuracy %.4f\n", p.run, p.runs, config, r.Seed, epochs, r.Seconds(), r.Test.Accuracy)
	}
}

// end ends the running task.
func (p *progress) end() {
	p.before += p.tasks[p.task].Epochs
	p.task++
}

// clock is a time as people write it: 0:07, 12:34 or 1:02:03.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second).Seconds())
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
