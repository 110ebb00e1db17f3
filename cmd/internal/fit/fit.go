// Package fit is the command that trains one network: its flags, what it
// prints, and the order of its work.
package fit

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
)

// Main runs the command that trains layers and exits. The network's name is its
// title in pictures and, in lower case, the name of the command.
func Main(title string, layers func(classes int) graph.Sequential) {
	command.Main(strings.ToLower(title), func(ctx context.Context) error {
		return run(ctx, title, layers, os.Args[1:], os.Stdout, os.Stderr)
	})
}

// run is the command.
func run(ctx context.Context, title string, layers func(classes int) graph.Sequential, args []string, stdout, stderr io.Writer) error {
	name := strings.ToLower(title)
	net, err := layers(mnist.Classes).Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return err
	}
	o, err := parse(name, args, help(name, net), stdout)
	if err != nil {
		return err
	}
	j := &job{options: *o, title: title, net: net, stdout: stdout}
	if j.verbose == bar {
		j.bar = newProgress(stderr)
	}
	j.notice = func(format string, args ...any) {
		fmt.Fprintf(stderr, "%s: %s\n", name, command.Printable(fmt.Sprintf(format, args...)))
	}
	return j.do(ctx)
}
