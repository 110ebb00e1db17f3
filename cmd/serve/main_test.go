package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/weights"
)

// runServe runs the command until stop is called, which returns its exit status and
// standard error.
func runServe(t *testing.T, args ...string) (url string, stop func() (int, string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	out, w := io.Pipe()
	var stderr lines
	status := make(chan int, 1)
	go func() {
		err := run(ctx, append([]string{"-checkpoint", filepath.Join(t.TempDir(), "checkpoint")}, args...), w, &stderr)
		w.Close()
		status <- command.Status("serve", &stderr, err)
	}()
	line := make([]byte, 100)
	n, _ := out.Read(line)
	go io.Copy(io.Discard, out)
	return strings.TrimSuffix(string(line[:n]), "\n"), func() (int, string) {
		cancel()
		return <-status, stderr.String()
	}
}

// fileOf is a file with the weights of a network that is built of layers.
func fileOf(t *testing.T, layers graph.Sequential, in ...int) string {
	t.Helper()
	net, err := layers.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := weights.Save(&b, net, models.Init(net, 1)); err != nil {
		t.Fatal(err)
	}
	return write(t, "w.safetensors", b.String())
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func get200(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 {
		t.Fatalf("%s: got %d %q and error %v, want 200", url, r.StatusCode, body, err)
	}
	return string(body)
}

// TestServe: the command prints its address, serves the page, the API and a network of
// one's own, and ends with exit status 0 while a client follows the trainings.
func TestServe(t *testing.T) {
	file := fileOf(t, graph.Sequential{graph.Flatten, graph.Dense(2), graph.SoftMax}, 1, 28, 28)
	url, stop := runServe(t, "-addr", "127.0.0.1:0", "-weights", file, "-classes", write(t, "classes", "cat\ndog\n"))
	if !strings.HasPrefix(url, "http://127.0.0.1:") || !strings.HasSuffix(url, "/") {
		t.Fatalf("got %q, want an address", url)
	}
	if got := get200(t, url); !strings.Contains(got, "<!doctype html>") {
		t.Errorf("the page: got %q", got)
	}
	if got := get200(t, url+"api/networks"); !strings.Contains(got, `"key":"file","title":"w.safetensors","params":1570`) {
		t.Errorf("networks: got %s", got)
	}
	r, err := http.Post(url+"api/v1/predict?net=file", "application/json", strings.NewReader(`{"strokes":[[0.5,0.2,0.5,0.8]]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if got := string(body); !strings.Contains(got, `"name":"cat"`) && !strings.Contains(got, `"name":"dog"`) {
		t.Errorf("predict: got %s", got)
	}
	counts := get200(t, url+"metrics")
	for _, want := range []string{
		"tapenet_predicted_images_total 1\n", "tapenet_trainings_total 0\n", "\ngo_goroutines ",
		`tapenet_requests_total{route="POST /api/v1/predict",status="200"} 1`,
		`tapenet_request_seconds_bucket{route="GET /api/networks",le="0.5"} 1`,
		"# TYPE tapenet_request_seconds histogram",
	} {
		if !strings.Contains(counts, want) {
			t.Errorf("/metrics does not have %s:\n%s", want, counts)
		}
	}
	events, err := http.Get(url + "api/train/events")
	if err != nil {
		t.Fatal(err)
	}
	defer events.Body.Close()
	if status, stderr := stop(); status != command.Done || stderr != "" {
		t.Errorf("got exit status %d and %q, want 0", status, stderr)
	}
	if _, err := io.ReadAll(events.Body); err != nil {
		t.Errorf("the stream of events: %v, want its end", err)
	}
}

// TestShutdown: a request that runs when the server ends gets its answer; one that does
// not end is left.
func TestShutdown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	arrived := make(chan struct{})
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		time.Sleep(100 * time.Millisecond)
		io.WriteString(w, "all of it")
	})}
	ended := make(chan error, 1)
	go func() {
		ended <- serve(ctx, s, l, func(context.Context) error { return io.ErrShortWrite })
	}()
	go func() { <-arrived; cancel() }()
	if got := get200(t, "http://"+l.Addr().String()); got != "all of it" {
		t.Errorf("got %q, want all of it", got)
	}
	if err := <-ended; err != io.ErrShortWrite {
		t.Errorf("got error %v, want that of the end", err)
	}
}

// TestNoListener: what has no end of its own is ended too when no connections come.
func TestNoListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	saved := false
	err = serve(t.Context(), &http.Server{}, l, func(context.Context) error { saved = true; return nil })
	if !errors.Is(err, net.ErrClosed) || !saved {
		t.Errorf("got error %v, saved %t, want a closed listener and true", err, saved)
	}
}

func TestNoLoopback(t *testing.T) {
	url, stop := runServe(t, "-addr", "0.0.0.0:0")
	if !strings.HasPrefix(url, "http://localhost:") {
		t.Errorf("got the address %s, want one for a browser on this machine", url)
	}
	get200(t, strings.Replace(url, "localhost", "127.0.0.1", 1)+"healthz")
	if status, stderr := stop(); status != command.Done || !strings.Contains(stderr, "serve: -addr 0.0.0.0:0: everybody who can reach this machine can use the server") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("got exit status %d and %q, want 0 and a warning", status, stderr)
	}
}

func TestErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	rows := fileOf(t, graph.Sequential{graph.Dense(2), graph.SoftMax}, 5)
	logits := fileOf(t, graph.Sequential{graph.Flatten, graph.Dense(2)}, 1, 28, 28)
	fits := fileOf(t, graph.Sequential{graph.Flatten, graph.Dense(2), graph.SoftMax}, 1, 28, 28)
	for _, test := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-addr", taken.Addr().String()}, command.Failed, "another program, perhaps another serve, has this port; -addr 127.0.0.1:0 takes one that is free"},
		{[]string{"-addr", "203.0.113.7:0"}, command.Failed, "-addr 203.0.113.7:0: "},
		{[]string{"-addr", "8080"}, command.WrongUsage, `invalid value "8080" for flag -addr: want HOST:PORT such as 127.0.0.1:8080`},
		{[]string{"-addr", "localhost:http"}, command.WrongUsage, "want HOST:PORT"},
		{[]string{"-addr", "localhost:70000"}, command.WrongUsage, "want HOST:PORT"},
		{[]string{"-host", "https://x.org"}, command.WrongUsage, "want names such as digits.example.org"},
		{[]string{"-host", "*.x.org"}, command.WrongUsage, "want names such as digits.example.org"},
		{[]string{"-host", "a,,b"}, command.WrongUsage, "want names such as digits.example.org"},
		{[]string{"-model", "twolayer"}, command.WrongUsage, "-model twolayer: only with -weights"},
		{[]string{"-classes", "x"}, command.WrongUsage, "-classes x: only with -weights"},
		{[]string{"-weights", "none"}, command.Failed, "-weights: open none"},
		{[]string{"-weights", rows}, command.Failed, "the network takes (5), want images (C, H, W)"},
		{[]string{"-weights", logits}, command.Failed, "the last layer of the network is Dense(2), want SoftMax"},
		{[]string{"-weights", fits, "-classes", write(t, "c", "a\nb\nc\n")}, command.Failed, "got 3 names, want one for each of the network's 2 classes"},
		{[]string{"pictures"}, command.WrongUsage, `unexpected argument "pictures"`},
	} {
		var stdout, stderr bytes.Buffer
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		status := command.Status("serve", &stderr, run(ctx, test.args, &stdout, &stderr))
		cancel()
		if got := stderr.String(); status != test.status || stdout.Len() > 0 || !strings.HasPrefix(got, "serve: ") || !strings.Contains(got, test.want) || strings.Count(got, "\n") != 1 {
			t.Errorf("%q: got exit status %d, %q and %q, want %d and one line with %q", test.args, status, &stdout, got, test.status, test.want)
		}
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := command.Status("serve", &stderr, run(context.Background(), []string{"-h"}, &stdout, &stderr)); status != command.Done || stderr.Len() > 0 {
		t.Fatalf("exit status %d, standard error %q", status, &stderr)
	}
	for _, want := range []string{"Usage: serve [flags]", "-addr address", "(default 127.0.0.1:8080)", "-host name", "-open", "-weights file", "-model name", "-classes file", "-checkpoint file"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("-h does not say %q:\n%s", want, &stdout)
		}
	}
}
