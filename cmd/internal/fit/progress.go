package fit

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/kerastext"
	"tapenet/train"
)

// progress draws Keras's bar on a terminal, in one line that it draws over
// (keras/src/utils/progbar.py):
//
//	113/300 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - accuracy: 0.9207 - loss: 0.2899
//
// Where Keras's would wrap, it is shorter.
type progress struct {
	w       io.Writer
	columns func() int // of the terminal, which may change
	colour  bool
	last    time.Time
	open    bool // the cursor is after a bar
}

const (
	barCells    = 20
	fewestCells = 5 // of a bar that still shows something
)

// The styles of a terminal that Keras uses.
const (
	bold  = "\x1b[1m"
	green = "\x1b[32m"
	grey  = "\x1b[37m"
	plain = "\x1b[0m"
)

// newProgress returns nil unless w is a terminal whose cursor can be moved, so
// that a bar can be drawn over. It draws no colours if the environment has
// NO_COLOR (no-color.org).
func newProgress(w io.Writer) *progress {
	columns := command.Columns(w)
	if columns == nil {
		return nil
	}
	return &progress{w: w, columns: columns, colour: os.Getenv("NO_COLOR") == ""}
}

// step draws the bar of a running epoch, unless it was just drawn.
func (p *progress) step(s train.Progress) {
	now := time.Now()
	if now.Sub(p.last) < command.RedrawPeriod {
		return
	}
	p.last = now
	left := s.StepTime * time.Duration(s.Steps-s.Step)
	parts := append([]string{" " + eta(left), " " + kerastext.StepTime(s.StepTime)}, kerastext.Metrics(s.Train, nil)...)
	line, _ := p.line(s.Step, s.Steps, 0, parts)
	p.draw(line)
	p.open = true
}

// end ends the line of a bar whose epoch is not done.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}

// epoch draws the bar of an epoch that is done, with all that Keras's has: what
// does not fit into its line goes into more lines.
func (p *progress) epoch(e train.Epoch) {
	parts := append([]string{fmt.Sprintf(" %.0fs", e.Time.Seconds()), " " + kerastext.StepTime(e.StepTime)}, kerastext.Metrics(e.Train, e.Val)...)
	line, parts := p.line(e.Steps, e.Steps, 1+barCells, parts)
	p.draw(line)
	for len(parts) > 0 {
		n := max(fitting(parts, p.columns()-1), 1)
		fmt.Fprint(p.w, "\n"+strings.Join(parts[:n], ""))
		parts = parts[n:]
	}
	fmt.Fprintln(p.w)
	p.last, p.open = time.Now(), false
}

// draw draws over the line where the cursor is.
func (p *progress) draw(line string) { fmt.Fprint(p.w, "\r"+line+"\x1b[K") }

// line returns the line of an epoch: the count of steps, a bar, and the first of
// parts, a time and metrics. It takes as many parts as fit beside the count and
// the columns kept for the bar; the others are rest. The bar fills the room that
// is left. The last column of the terminal stays free, because a cursor after it
// may be in the next line.
func (p *progress) line(step, steps, kept int, parts []string) (line string, rest []string) {
	count := fmt.Sprintf("%*d/%d", len(fmt.Sprint(steps)), step, steps)
	room := p.columns() - 1 - len(count)
	n := fitting(parts, room-kept)
	room -= len(strings.Join(parts[:n], ""))
	line = p.style(bold, count) + p.bar(min(barCells, room-1), step, steps)
	if n > 0 {
		line += " " + p.style(bold, parts[0][1:]) + strings.Join(parts[1:n], "")
	}
	return line, parts[n:]
}

// fitting is how many parts, from the first on, fit into room columns.
func fitting(parts []string, room int) int {
	for n, part := range parts {
		if room -= len(part); room < 0 {
			return n
		}
	}
	return len(parts)
}

// bar returns a space and a bar of cells, or nothing if they are too few.
func (p *progress) bar(cells, step, steps int) string {
	if cells < fewestCells {
		return ""
	}
	full, rest := cells*step/steps, "━"
	if !p.colour {
		rest = "─"
	}
	return " " + p.style(green, strings.Repeat("━", full)) + p.style(grey, strings.Repeat(rest, cells-full))
}

func (p *progress) style(code, text string) string {
	if !p.colour || text == "" {
		return text
	}
	return code + text + plain
}

// eta is the time left as Keras prints it: 12s, 1:05 or 1:00:05.
func eta(d time.Duration) string {
	s := int(d.Seconds())
	switch {
	case d > time.Hour:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	case d > time.Minute:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%ds", s)
}
