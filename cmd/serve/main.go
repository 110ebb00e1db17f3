// Command serve shows the networks in a browser, and answers other programs. -h lists the
// flags.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/trained"
	"tapenet/cmd/serve/internal/guard"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/cmd/serve/internal/training"
)

func main() {
	command.Main("serve", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// The bounds of the server.
const (
	maxConnections = 512
	grace          = 5 * time.Second // for running requests to finish, once the server ends
)

// run is the command. The end of ctx is its normal end.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stdout)
	if err != nil {
		return err
	}
	nets, err := networks.New()
	if err != nil {
		return err
	}
	if o.own {
		if err := addOwn(ctx, nets, o); err != nil {
			return err
		}
	}
	l, err := listen(o.addr)
	if err != nil {
		return err
	}
	defer l.Close()
	notice := func(format string, args ...any) {
		fmt.Fprintf(stderr, "serve: %s\n", command.Printable(fmt.Sprintf(format, args...)))
	}
	checkpoint := o.checkpoint
	if checkpoint == "" {
		if checkpoint, err = training.DefaultCheckpoint(); err != nil {
			notice("a training is lost when this server ends: %v; -checkpoint names a file for it", err)
		}
	}
	trainings, err := training.New(nets, training.Config{Checkpoint: checkpoint, Notice: notice})
	if err != nil {
		return err
	}
	h, err := newHandler(nets, trainings, o.hosts, stderr)
	if err != nil {
		return err
	}
	at := l.Addr().(*net.TCPAddr)
	if !at.IP.IsLoopback() {
		notice("-addr %s: everybody who can reach this machine can use the server, without a password and without encryption", o.addr)
	}
	url := address(at)
	fmt.Fprintln(stdout, url)
	if o.open {
		if err := browse(url); err != nil {
			notice("-open: %v", err)
		}
	}
	return serve(ctx, guard.Server(h, stderr), guard.Limit(l, maxConnections), trainings.Close)
}

// serve answers until ctx ends, or no more connections come. It then calls end, which
// ends what has no end of its own, and finishes what runs. The error is why there are no
// more, else that of end.
func serve(ctx context.Context, s *http.Server, l net.Listener, end func(context.Context) error) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	saved := make(chan error, 1)
	go func() { saved <- end(last) }()
	if s.Shutdown(last) != nil { // some have not finished
		s.Close()
	}
	if lost := <-saved; err == nil {
		return lost
	}
	return errors.WithStack(err)
}

// listen opens the address of -addr.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, errors.Errorf("-addr %s: another program, perhaps another serve, has this port; -addr 127.0.0.1:0 takes one that is free", addr)
	}
	return l, errors.Wrapf(err, "-addr %s", addr)
}

// address is where a browser on this machine finds the server.
func address(at *net.TCPAddr) string {
	host := at.IP.String()
	if at.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(at.Port)) + "/"
}

// browse opens url in the user's browser.
func browse(url string) error {
	var open *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		open = exec.Command("rundll32", "url.dll,FileProtocolHandler", url)
	case "darwin":
		open = exec.Command("open", url)
	default:
		open = exec.Command("xdg-open", url)
	}
	if err := open.Start(); err != nil {
		return errors.WithStack(err)
	}
	go open.Wait()
	return nil
}

// addOwn adds the network of -weights.
func addOwn(ctx context.Context, nets *networks.Set, o *options) error {
	net, values, err := o.network.Open(ctx)
	if err != nil {
		return err
	}
	path := o.network.Weights
	if len(net.In) != 3 {
		return errors.Errorf("-weights %s: the network takes (%s), want images (C, H, W)", path, net.In.Join(", "))
	}
	if err := trained.Classifies(net); err != nil {
		return errors.WithMessagef(err, "-weights %s", path)
	}
	var names []string
	for class := range net.Out().Size() {
		names = append(names, strconv.Itoa(class))
	}
	if o.classes != "" {
		if names, err = data.ReadClasses(ctx, o.classes, net.Out().Size()); err != nil {
			return err
		}
	}
	nets.Put(&networks.Network{
		Key: networks.File, Title: filepath.Base(path), Version: networks.Version(net, nil, values), Network: net, Classes: names,
		After: func(int) ([]float32, error) { return values, nil },
	})
	return nil
}
