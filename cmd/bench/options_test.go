package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/train"
)

// TestUsage: what is wrong with the command line is one line and exit status 2.
func TestUsage(t *testing.T) {
	const count = ": want a whole number, at least 1"
	tests := []struct {
		args, want string
	}{
		{"-bogus", "flag provided but not defined: -bogus"},
		{"now", `unexpected argument "now"`},
		{"-network", "flag needs an argument: -network"},
		{"-network three", `invalid value "three" for flag -network: want onelayer, twolayer or edited`},
		{"-batch 0", `invalid value "0" for flag -batch` + count},
		{"-batch 1e3", `invalid value "1e3" for flag -batch` + count},
		{"-workers -1", `invalid value "-1" for flag -workers` + count},
		{"-epochs 1.5", `invalid value "1.5" for flag -epochs` + count},
		{"-peer=", `invalid value "" for flag -peer: want a command`},
		{"-quick -peer python3", "-quick: not with -peer"},
		{"-json=maybe", `invalid boolean value "maybe" for -json: want true or false`},
		{"serve --threads 0", `invalid value "0" for flag -threads` + count},
		{"serve --network three", `invalid value "three" for flag -network: want onelayer`},
	}
	for _, test := range tests {
		var stdout, stderr bytes.Buffer
		status := command.Status("bench", &stderr, run(context.Background(), strings.Fields(test.args), nil, &stdout, &stderr))
		line, rest, _ := strings.Cut(stderr.String(), "\n")
		if status != command.WrongUsage || !strings.HasPrefix(line, "bench: "+test.want) || rest != "" || stdout.Len() > 0 {
			t.Errorf("%s: got exit status %d, %q and %q, want %q", test.args, status, stderr.String(), stdout.String(), test.want)
		}
	}
}

func TestOptions(t *testing.T) {
	for args, want := range map[string]string{
		"":                                   "onelayer twolayer [200 1024] 3",
		"-network edited -batch 7 -epochs 5": "edited [7] 5",
	} {
		o, err := parse(strings.Fields(args), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(strings.Join(o.names, " "), " ", o.batches, o.repetitions); got != want {
			t.Errorf("%q: got %s, want %s", args, got, want)
		}
	}
}

// TestIdleWorkers: a line for each batch says how many of -workers a step uses, if they
// are fewer; of the default it says nothing.
func TestIdleWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(train.MaxWorkers + 1))
	for args, want := range map[string]string{
		"":                        "",
		"-workers 16":             "",
		"-workers 32":             "bench: -workers 32: a step of 200 images uses 16 cores at most\n",
		"-workers 9 -batch 20":    "bench: -workers 9: a step of 20 images uses 8 cores at most\n",
		"-workers 32 -batch 1024": "",
		"-workers 99":             "bench: -workers 99: a step of 200 images uses 16 cores at most\nbench: -workers 99: a step of 1024 images uses 32 cores at most\n",
	} {
		o, err := parse(strings.Fields(args), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		if o.noticeIdle(&stderr); stderr.String() != want {
			t.Errorf("%q: got %q, want %q", args, &stderr, want)
		}
	}
}

func TestHelp(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(context.Background(), []string{"-h"}, nil, &stdout, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got error %v", err)
	}
	for _, want := range []string{"-peer command", "-network name", "-batch N", "-quick", "-json", "-workers N", "-epochs N"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("-h does not say %q", want)
		}
	}
}
