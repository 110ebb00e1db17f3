package main

import (
	"flag"
	"io"
	"net"
	"strconv"
	"strings"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/trained"
)

// options are what the command line says.
type options struct {
	addr       string
	hosts      []string // further values of Host
	open       bool
	network    trained.Choice
	own        bool   // show that network too
	classes    string // a file of names, ""
	checkpoint string // a file; "": training.DefaultCheckpoint
}

// defaultAddr is of this machine alone.
const defaultAddr = "127.0.0.1:8080"

// parse reads the command line. The errors are those of command.Parse.
func parse(args []string, stdout io.Writer) (*options, error) {
	o := options{addr: defaultAddr}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.Var(command.Value(&o.addr, readAddr), "addr", "listen on this `address`, HOST:PORT; port 0 is any that is free")
	fs.Func("host", "answer to this `name` too, or name:port, if a browser or a reverse proxy knows the server by it; several with commas or by repeating the flag", func(word string) error {
		for name := range strings.SplitSeq(word, ",") {
			if name == "" || strings.ContainsAny(name, "/ *") {
				return errors.New("want names such as digits.example.org")
			}
			o.hosts = append(o.hosts, name)
		}
		return nil
	})
	fs.Var(command.Toggle(&o.open), "open", "open the page in a browser")
	o.network.Flags(fs, "show")
	fs.Var(command.Name(&o.classes), "classes", "show the names of the classes in `file`, one a line, for -weights")
	fs.Var(command.Name(&o.checkpoint), "checkpoint", "when the server ends, keep the page's training in `file`, from which the next one goes on (default tapenet/serve.safetensors in your folder for caches)")
	set, err := command.Parse(fs, args, help, stdout)
	if err != nil {
		return nil, err
	}
	o.own = set["weights"]
	switch {
	case set["model"] && !o.own:
		return nil, command.Usagef("-model %s: only with -weights; the page has both networks", o.network.Model)
	case set["classes"] && !o.own:
		return nil, command.Usagef("-classes %s: only with -weights", o.classes)
	}
	return &o, nil
}

// readAddr checks the value of -addr.
func readAddr(word string) (string, error) {
	_, port, err := net.SplitHostPort(word)
	if _, wrong := strconv.ParseUint(port, 10, 16); err != nil || wrong != nil {
		return "", errors.New("want HOST:PORT such as " + defaultAddr)
	}
	return word, nil
}

// help is what a newcomer needs to know.
const help = `Usage: serve [flags]

Shows the networks in a browser, and answers other programs.

  serve -open                          draw a digit, and watch every tensor
  serve -weights pets.safetensors      a network of your own
  curl -F image=@7.png http://127.0.0.1:8080/api/v1/predict

It prints its address and serves until Ctrl-C, which lets running requests
finish and keeps a training for the next start; a second Ctrl-C ends it at
once.

By default only this machine can reach it. With another -addr everybody on the
network can, without a password and without encryption: docs/serve.md puts a
reverse proxy in front of it, and describes the API.

The exit status is 0 after Ctrl-C, 1 if something failed, 2 if the command line
is wrong.
`
