package main

import (
	"flag"
	"io"

	"tapenet/cmd/internal/command"
)

// options are what the command line says.
type options struct {
	addr string
}

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := options{addr: "127.0.0.1:8080"}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.Var(command.Name(&o.addr), "addr", "listen on this `address`")
	_, err := command.Parse(fs, args, help, stdout)
	return &o, err
}

// help is what a newcomer needs to know.
const help = `Usage: serve [flags]

Shows the networks in a browser: draw a digit and watch every tensor.
`
