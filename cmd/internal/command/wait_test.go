package command

import (
	"context"
	"io"
	"testing"

	"github.com/pkg/errors"
)

// TestWaitLeavesStuckWork: only a signal and only work that is stuck end early.
func TestWaitLeavesStuckWork(t *testing.T) {
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	stuck := make(chan struct{})
	defer close(stuck)
	begun := make(chan struct{})
	go func() { <-begun; signal() }()
	err := Wait(ctx, "reading p", func() error { close(begun); <-stuck; return nil })
	if got := Status("c", io.Discard, err); got != Interrupted || err.Error() != "interrupted while reading p" {
		t.Errorf("got exit status %d and %v, want %d", got, err, Interrupted)
	}
}

// TestWaitReturnsTheError: work that ends, even after the signal, counts as it
// ended.
func TestWaitReturnsTheError(t *testing.T) {
	want := errors.New("full")
	ctx, signal := context.WithCancel(context.Background())
	defer signal()
	for range 2 {
		if err := Wait(ctx, "writing", func() error { return want }); err != want {
			t.Errorf("got %v, want %v", err, want)
		}
		if err := Wait(ctx, "writing", func() error { return nil }); err != nil {
			t.Errorf("got %v, want no error", err)
		}
		signal()
	}
}
