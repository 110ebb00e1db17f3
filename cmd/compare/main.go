// Command compare trains the notebook's four configurations and reports what
// they show: tables, pictures, and sentences that are computed from the runs.
// -h lists the flags.
package main

import (
	"context"
	"io"
	"os"

	"tapenet/cmd/internal/command"
)

func main() {
	command.Main("compare", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// run is the command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	c := &comparison{options: *o, stdout: stdout, stderr: stderr}
	return c.do(ctx)
}
