package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"tapenet/cmd/internal/command"
)

// progress lists the files that are left out, and on a terminal draws a bar below
// them, in one line that it draws over.
type progress struct {
	w     io.Writer
	bar   bool
	total int
	last  time.Time // when the bar was drawn
}

func newProgress(w io.Writer, total int) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, bar: ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb", total: total}
}

// step draws the bar after n files, unless it was just drawn.
func (p *progress) step(n int) {
	now := time.Now()
	if !p.bar || now.Sub(p.last) < command.RedrawPeriod {
		return
	}
	p.last = now
	const cells = 20
	full := cells * n / p.total
	fmt.Fprintf(p.w, "\r%*d/%d %s%s\x1b[K", len(fmt.Sprint(p.total)), n, p.total, strings.Repeat("━", full), strings.Repeat("─", cells-full))
}

// skip lists a file that is left out.
func (p *progress) skip(path string, err error) {
	p.end()
	fmt.Fprintf(p.w, "dataset: %s is left out: %s\n", command.Printable(path), command.Printable(err.Error()))
}

// end makes room for another line.
func (p *progress) end() {
	if p.bar {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.last = time.Time{}
	}
}
