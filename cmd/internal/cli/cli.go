// Package cli is the command that trains one network: its flags, what it
// prints, and the order of its work.
package cli

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist"
)

// The exit statuses of the command.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 + SIGINT, as shells count
)

// Main runs the command that trains layers and exits. The network's name is its
// title in pictures and, in lower case, the name of the command.
func Main(title string, layers graph.Sequential) {
	// The first signal lets the running step finish; the next one ends at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, title, layers, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command; it returns its exit status.
func run(ctx context.Context, title string, layers graph.Sequential, args []string, stdout, stderr io.Writer) int {
	name := strings.ToLower(title)
	fail := func(status int, err error) int {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return status
	}
	net, err := layers.Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return fail(exitFailed, err)
	}
	o, err := parse(name, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		help(stdout, name, net)
		return exitDone
	case err != nil:
		return fail(exitUsage, err)
	}
	j := &job{options: *o, title: title, net: net, stdout: stdout}
	if j.verbose == bar {
		j.bar = newProgress(stderr)
	}
	j.notice = func(format string, args ...any) { fmt.Fprintf(stderr, name+": "+format+"\n", args...) }
	err = j.do(ctx)
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
