package main

import (
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/command"
)

// asCommand is set where the test binary is to be the command.
const asCommand = "SWEEP_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		command.Main("sweep", func(ctx context.Context) error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
	}
	os.Exit(m.Run())
}

// TestKill: a sweep that is killed at random moments loses no run that is done, leaves
// no half of a file, and ends with the results of one that was not.
func TestKill(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	args := []string{"-data", data, "-network", "twolayer", "-batch", "8,40", "-epochs", "2", "-seeds", "12", "-o"}
	whole, killed := filepath.Join(dir, "whole"), filepath.Join(dir, "killed")
	must(t, append(args, whole)...)
	for range 6 {
		c := exec.Command(os.Args[0], append(args, killed)...)
		c.Env = append(os.Environ(), asCommand+"=1")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		if err := c.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		c.Wait()
		before := files(t, killed)
		t.Logf("%d runs", len(before))
		for name, r := range before {
			if diff := cmp.Diff(files(t, whole)[name], r); diff != "" {
				t.Fatalf("%s: want (-) got (+):\n%s", name, diff)
			}
		}
	}
	must(t, append(args, killed)...)
	if diff := cmp.Diff(files(t, whole), files(t, killed)); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
	if diff := cmp.Diff(rows(t, whole), rows(t, killed)); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
}
