// Command serve shows the networks in a browser. -h lists the flags.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/serve/internal/live"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/cmd/serve/internal/page"
)

func main() {
	command.Main("serve", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout) })
}

// run is the command.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	nets, err := networks.New()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", page.Handler())
	shown, err := live.New(nets)
	if err != nil {
		return err
	}
	shown.Routes(mux)
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		return errors.Wrap(err, "-addr")
	}
	fmt.Fprintf(stdout, "http://%s\n", l.Addr())
	server := http.Server{Handler: mux}
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return errors.WithStack(err)
	}
	return nil
}
