// Package command is what all commands have in common: the signals that
// interrupt them, how they read their flags and explain them, how shells complete
// them, the line and exit status of an error, and how they print text that others
// wrote.
package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/pkg/errors"
	"golang.org/x/term"
)

// The exit statuses of a command.
const (
	Done        = 0
	Failed      = 1
	WrongUsage  = 2
	Interrupted = 130 // 128 + SIGINT, as shells count
)

// repeat is how long after the first signal another one counts as the same:
// timeout and batch systems signal a process and right after it its group.
const repeat = 200 * time.Millisecond

// RedrawPeriod is the shortest time between two drawings of one line on a
// terminal.
const RedrawPeriod = 50 * time.Millisecond

// Columns returns a function for the columns of the terminal w, which may change;
// nil unless w is a terminal whose cursor can be moved, so that a line can be
// drawn over.
func Columns(w io.Writer) func() int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func() int {
		n, _, err := term.GetSize(int(f.Fd()))
		if err != nil || n < 20 { // some say 0
			return 80
		}
		return n
	}
}

// Main runs the named command and exits. The first signal cancels the context,
// so that the running step can finish; the next one ends the command at once.
// The signals are those of Ctrl-C, of kill, and of a terminal that is closed; the
// last not if the command is to outlive its terminal, as after nohup.
func Main(name string, run func(context.Context) error) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() { time.AfterFunc(repeat, stop) })
	os.Exit(Status(name, os.Stderr, run(ctx)))
}

// Status returns the exit status of the named command if it ends with err, and
// writes err to stderr, [Printable]. Nil and flag.ErrHelp are no errors here.
func Status(name string, stderr io.Writer, err error) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return Done
	}
	fmt.Fprintf(stderr, "%s: %s\n", name, Printable(err.Error()))
	var e *statusError
	if errors.As(err, &e) {
		return e.status
	}
	return Failed
}

// statusError is an error with an exit status of its own.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// Usagef is the error of a command line that is wrong.
func Usagef(format string, args ...any) error {
	return &statusError{WrongUsage, fmt.Sprintf(format, args...)}
}

// Interruptedf is the error of work that a signal ended.
func Interruptedf(format string, args ...any) error {
	return &statusError{Interrupted, fmt.Sprintf(format, args...)}
}

// patience is how long Wait waits for work after the signal. Work that is not
// stuck ends well within it.
const patience = time.Second

// Wait does work that can get stuck in the system, such as opening a pipe that
// nobody reads. If a signal ends ctx and the work does not end soon after, Wait
// leaves it running and returns an error of Interruptedf. What the work sets may
// be read only if Wait returns nil.
func Wait(ctx context.Context, doing string, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return Interruptedf("interrupted while %s", doing)
	}
}

// Printable is text in one line that is safe on a terminal. Text that comes from
// a file, a path or another program goes through it before it is printed:
// control characters could move the cursor, rename the window or forge a line.
// Letters, marks, numbers, punctuation, symbols and spaces of any script stay,
// backslashes too. The rest becomes Go escapes, such as \x1b, \n, \u202e or \xff:
// control characters, line breaks, marks that change the direction of writing,
// and bytes that are not UTF-8.
func Printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		char := text[:size]
		if invalid := r == utf8.RuneError && size == 1; invalid || !strconv.IsGraphic(r) {
			quoted := strconv.QuoteToGraphic(char)
			char = quoted[1 : len(quoted)-1]
		}
		b.WriteString(char)
		text = text[size:]
	}
	return b.String()
}
