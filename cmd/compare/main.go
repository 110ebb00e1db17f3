// Command compare trains the notebook's four configurations and reports what
// they show: tables, pictures, and sentences that are computed from the runs.
// -h lists the flags.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/pkg/errors"
)

// The exit statuses of the command.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells count
)

func main() {
	// The first signal lets the running step finish; the next one ends at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command; it returns its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fail := func(status int, err error) int {
		fmt.Fprintf(stderr, "compare: %v\n", err)
		return status
	}
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help(stdout)
		return exitDone
	case err != nil:
		return fail(exitUsage, err)
	}
	c := &comparison{options: *o, stdout: stdout, stderr: stderr}
	err = c.do(ctx)
	switch {
	case errors.Is(err, errUsage):
		return fail(exitUsage, err)
	case errors.As(err, new(interrupted)):
		return fail(exitInterrupted, err)
	case err != nil:
		return fail(exitFailed, err)
	}
	return exitDone
}
