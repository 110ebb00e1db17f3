package command

import (
	"context"
	"time"
)

// patience is how long Wait lets work go on after the signal: what is not stuck
// ends well within it.
const patience = time.Second

// Wait does work that can get stuck in the system, such as opening a pipe that
// nobody reads. If a signal ends ctx and the work is not done soon after, Wait
// leaves it behind, and the error is one of Interruptedf. What the work sets may
// be read only if Wait returns nil.
func Wait(ctx context.Context, doing string, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return Interruptedf("interrupted while %s", doing)
	}
}
