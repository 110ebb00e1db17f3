//go:build unix

package command

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"
)

// childVariable makes the program of the test a command for the tests below. When
// it is interrupted, "stops" ends, "finishes" ends a moment later, "stuck" never.
const childVariable = "TAPENET_TEST_COMMAND"

func TestMain(m *testing.M) {
	child := os.Getenv(childVariable)
	if child == "" {
		os.Exit(m.Run())
	}
	Main("child", func(ctx context.Context) error {
		fmt.Println("ready")
		<-ctx.Done()
		fmt.Println(context.Cause(ctx))
		switch child {
		case "stuck":
			select {}
		case "finishes":
			time.Sleep(50 * time.Millisecond)
		}
		return Interruptedf("interrupted in a step")
	})
}

// start starts a child by way of a shell's command line, in which "$0" is the
// child, and waits until it runs. Line returns its next line.
func start(t *testing.T, child, shell string) (c *exec.Cmd, line func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // far more than it can take
	t.Cleanup(cancel)
	c = exec.CommandContext(ctx, "sh", "-c", shell, os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+child)
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	line = func() string {
		if !lines.Scan() {
			return ""
		}
		return lines.Text()
	}
	if got := line(); got != "ready" {
		t.Fatalf("got %q, want ready", got)
	}
	return c, line
}

// signals are those that interrupt a command, but for one that the test ignores,
// say under nohup, and so its child.
func signals() []syscall.Signal {
	all := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}
	return slices.DeleteFunc(all, func(s syscall.Signal) bool { return signal.Ignored(s) })
}

// TestFirstSignal: the command ends by itself, with the status of interrupted
// work.
func TestFirstSignal(t *testing.T) {
	for _, s := range signals() {
		c, line := start(t, "stops", `exec "$0" 2>&1`)
		c.Process.Signal(s)
		for _, want := range []string{s.String() + " signal received", "child: interrupted in a step"} {
			if got := line(); got != want {
				t.Errorf("%v: got %q, want %q", s, got, want)
			}
		}
		if c.Wait(); c.ProcessState.ExitCode() != Interrupted {
			t.Errorf("%v: got %v, want exit status %d", s, c.ProcessState, Interrupted)
		}
	}
}

// TestSecondSignal: a command that does not end when it is interrupted is ended
// by the next signal, whichever it is.
func TestSecondSignal(t *testing.T) {
	for _, first := range signals() {
		for _, second := range signals() {
			c, line := start(t, "stuck", `exec "$0"`)
			c.Process.Signal(first)
			line() // it is interrupted, and goes on
			ended := make(chan error, 1)
			go func() { ended <- c.Wait() }()
			// The child says that it is interrupted a moment before the
			// next signal ends it.
			for waiting := true; waiting; {
				select {
				case <-ended:
					waiting = false
				case <-time.After(10 * time.Millisecond):
					c.Process.Signal(second)
				}
			}
			status, ok := c.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || !status.Signaled() || status.Signal() != second {
				t.Fatalf("%v, then %v: got %v, want it to end the command", first, second, c.ProcessState)
			}
		}
	}
}

// TestSignalTwice: a signal right after the first does not keep the command from
// finishing its step.
func TestSignalTwice(t *testing.T) {
	for range 5 {
		c, line := start(t, "finishes", `exec "$0"`)
		c.Process.Signal(syscall.SIGTERM)
		line()
		c.Process.Signal(syscall.SIGTERM)
		if c.Wait(); c.ProcessState.ExitCode() != Interrupted {
			t.Fatalf("got %v, want exit status %d", c.ProcessState, Interrupted)
		}
	}
}

// TestNohup: a command that is to outlive its terminal does.
func TestNohup(t *testing.T) {
	c, line := start(t, "stops", `trap "" HUP; exec "$0"`)
	c.Process.Signal(syscall.SIGHUP)
	c.Process.Signal(syscall.SIGTERM)
	if got := line(); got != "terminated signal received" {
		t.Errorf("got %q, want to be interrupted by SIGTERM alone", got)
	}
	c.Wait()
}
