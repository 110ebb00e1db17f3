package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data/datatest"
	"tapenet/cmd/internal/runs"
	"tapenet/cmd/internal/runs/training"
)

// execute is the command with these arguments.
func execute(ctx context.Context, args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	err := run(ctx, args, &out, &errs)
	status = command.Status("sweep", &errs, err)
	return out.String(), errs.String(), status
}

// must is execute for a command line that has to succeed.
func must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, status := execute(t.Context(), args...)
	if status != 0 {
		t.Fatalf("sweep %q: exit status %d, %s", args, status, stderr)
	}
	return stdout, stderr
}

// files are the runs in a folder: what they gave, without machine and times.
func files(t *testing.T, dir string) map[string]training.Run {
	t.Helper()
	all := map[string]training.Run{}
	paths, err := filepath.Glob(filepath.Join(dir, runs.Folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		r, err := runs.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		r.Machine = training.Machine{}
		for i := range r.Epochs {
			r.Epochs[i].Seconds = 0
		}
		all[filepath.Base(path)] = r
	}
	return all
}

// TestParts: all parts together give the runs of one command, whatever their -jobs and
// -workers; the last writes the table. One more seed trains what is new.
func TestParts(t *testing.T) {
	data, dir := datatest.Folder(t), t.TempDir()
	args := func(more ...string) []string {
		return append([]string{"-data", data, "-batch", "7,40", "-lr", "0.01", "-epochs", "1,2", "-seeds", "2", "-limit", "30"}, more...)
	}
	one, parts := filepath.Join(dir, "one"), filepath.Join(dir, "parts")
	must(t, args("-o", one, "-jobs", "1", "-workers", "1")...)
	want := files(t, one)
	if len(want) != 16 {
		t.Fatalf("got %d runs, want 16", len(want))
	}
	for i := range 3 {
		stdout, _ := must(t, args("-o", parts, "-part", fmt.Sprintf("%d/3", i), "-jobs", fmt.Sprint(i), "-workers", "2")...)
		if done := strings.Contains(stdout, "sweep.html"); done != (i == 2) {
			t.Errorf("part %d: table written: %v", i, done)
		}
	}
	if diff := cmp.Diff(want, files(t, parts)); diff != "" {
		t.Errorf("in parts: want (-) got (+):\n%s", diff)
	}
	if diff := cmp.Diff(rows(t, one), rows(t, parts)); diff != "" {
		t.Errorf("one command (-), in parts (+):\n%s", diff)
	}
	if _, stderr := must(t, args("-o", parts, "-seeds", "3")...); strings.Count(stderr, "run ") != 8 || !strings.Contains(stderr, "run 8/8: ") {
		t.Errorf("one more seed: got %s", stderr)
	}
}

// TestBefore: runs that were kept before there was more to say of a machine count.
func TestBefore(t *testing.T) {
	data, dir := datatest.Folder(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-epochs", "1", "-seeds", "2", "-o", dir}
	must(t, args...)
	for name := range files(t, dir) {
		path := filepath.Join(dir, runs.Folder, name)
		r, err := runs.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		r.Machine.Cores, r.Machine.System, r.Machine.Go = 0, "", ""
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if _, stderr := must(t, args...); stderr != "" {
		t.Errorf("got %s", stderr)
	}
}

// TestFailure: a training that diverges is a result, and no reason to end the others,
// nor to train it again.
func TestFailure(t *testing.T) {
	data, dir := datatest.Folder(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-lr", "0.001,1e38", "-epochs", "2", "-o", dir}
	stdout, stderr := must(t, args...)
	if !strings.Contains(stderr, "failed in epoch 1, ") || !strings.Contains(stdout, "In 1 configuration a training could not go on") {
		t.Errorf("got %s and %s", stdout, stderr)
	}
	if _, stderr = must(t, args...); stderr != "" {
		t.Errorf("trained again: %s", stderr)
	}
}

// TestInterrupt: what is done is kept, and the same command goes on.
func TestInterrupt(t *testing.T) {
	data, dir := datatest.Folder(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-epochs", "3", "-seeds", "4", "-jobs", "1", "-o", dir}
	ctx, cancel := context.WithCancel(t.Context())
	var out bytes.Buffer
	err := run(ctx, args, &out, writer(func(text []byte) {
		if strings.HasPrefix(string(text), "run 2/") {
			cancel()
		}
	}))
	if status := command.Status("sweep", io.Discard, err); status != command.Interrupted || !strings.Contains(err.Error(), "interrupted; runs still missing: 2; those done are kept in ") {
		t.Errorf("got exit status %d, %v", status, err)
	}
	before := files(t, dir)
	_, stderr := must(t, args...)
	if len(before) != 2 || !strings.Contains(stderr, "run 2/2: ") || len(files(t, dir)) != 4 {
		t.Errorf("had %d runs, got %d and %s", len(before), len(files(t, dir)), stderr)
	}
}

type writer func([]byte)

func (w writer) Write(text []byte) (int, error) { w(text); return len(text), nil }
