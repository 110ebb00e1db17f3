package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"tapenet/train"
)

// progress draws Keras's bar on a terminal, one line that is drawn over:
//
//	113/300 ━━━━━━━━━━━━━━━━━━━━ 2s 3ms/step - accuracy: 0.9207 - loss: 0.2899
type progress struct {
	w     io.Writer
	width int // columns of the terminal
	last  time.Time
	open  bool // the cursor is behind a bar
}

const (
	barCells     = 20
	redrawPeriod = 50 * time.Millisecond
)

// newProgress is nil unless w is a terminal, where a bar can be drawn over.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return &progress{w: w, width: width}
}

// step draws the bar of a running epoch, at most every 50 ms.
func (p *progress) step(s train.Progress) {
	now := time.Now()
	if now.Sub(p.last) < redrawPeriod || s.Step == s.Steps {
		return
	}
	p.last = now
	left := s.StepTime * time.Duration(s.Steps-s.Step)
	line := []rune(p.bar(s.Step, s.Steps) + " " + eta(left) + " " + stepTime(s.StepTime) + metrics(s.Train, nil))
	if len(line) >= p.width { // a line that wraps could not be drawn over
		line = line[:p.width-1]
	}
	fmt.Fprintf(p.w, "\r%s\x1b[K", string(line))
	p.open = true
}

// end leaves the bar of an epoch that is not done.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.w)
		p.open = false
	}
}

// epoch leaves the bar of an epoch that is done.
func (p *progress) epoch(e train.Epoch) {
	fmt.Fprintf(p.w, "\r%s %.0fs %s%s\x1b[K\n", p.bar(e.Steps, e.Steps), e.Time.Seconds(), stepTime(e.StepTime), metrics(e.Train, e.Val))
	p.open = false
}

func (p *progress) bar(step, steps int) string {
	full := barCells * step / steps
	digits := len(fmt.Sprint(steps))
	return fmt.Sprintf("%*d/%d %s%s", digits, step, steps, strings.Repeat("━", full), strings.Repeat("─", barCells-full))
}

// eta is the time left as Keras prints it: 12s, 1:05 or 1:00:05.
func eta(d time.Duration) string {
	s := int(d.Seconds())
	switch {
	case s > 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	case s > 60:
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%ds", s)
}
