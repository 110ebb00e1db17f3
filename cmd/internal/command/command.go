// Package command is how every command begins and ends: the signals that
// interrupt it, how it reads its flags, the line and exit status for what went
// wrong, and how it prints what others wrote.
package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pkg/errors"
)

// The exit statuses of a command.
const (
	Done        = 0
	Failed      = 1
	WrongUsage  = 2
	Interrupted = 130 // 128 + SIGINT, as shells count
)

// repeat is how soon after the first signal another one still belongs to it:
// timeout and batch systems signal a process and its group, one right after the
// other.
const repeat = 200 * time.Millisecond

// Main runs the named command and exits. The first signal cancels the context,
// so that the running step can finish; the next one ends the command at once.
// The signals are those of Ctrl-C, of kill, and of a terminal that is closed,
// unless the command was started to outlive its terminal, as nohup does.
func Main(name string, run func(context.Context) error) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, func() { time.AfterFunc(repeat, stop) })
	os.Exit(Status(name, os.Stderr, run(ctx)))
}

// Status is the exit status of the named command if it ends with err, which
// becomes a line on stderr, [Printable]. Nil and flag.ErrHelp are no errors here.
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

// statusError is an error with another exit status than Failed.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// Usagef is the error of a command line that cannot be meant.
func Usagef(format string, args ...any) error {
	return &statusError{WrongUsage, fmt.Sprintf(format, args...)}
}

// Interruptedf is the error of work that a signal ended.
func Interruptedf(format string, args ...any) error {
	return &statusError{Interrupted, fmt.Sprintf(format, args...)}
}

// Parse reads the flags of a command line and returns the names of those that
// it sets. The error is flag.ErrHelp if the command line asks for help, which is
// then written to stdout, the flags below the text; else it is one of Usagef.
func Parse(fs *flag.FlagSet, args []string, help string, stdout io.Writer) (set map[string]bool, err error) {
	fs.SetOutput(io.Discard) // not twice: Status writes the error
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, "%s\nFlags:\n", help)
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return nil, err
	case err != nil:
		return nil, Usagef("%v", err)
	case fs.NArg() > 0:
		return nil, Usagef("unexpected argument %q: flags begin with - and take their value after a space or =", fs.Arg(0))
	}
	set = map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	return set, nil
}
