package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tapenet/cmd/internal/command"
)

// status runs b as the command does and returns its exit status and what it
// wrote.
func status(ctx context.Context, b *bench) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = command.Status("bench", &errs, interrupted(ctx, b.run(ctx, &out)))
	return status, out.String(), errs.String()
}

// childrenGone fails the test if a child that left its number still runs.
func childrenGone(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "pid-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(path), "pid-"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := os.FindProcess(pid)
		if err == nil && p.Signal(syscall.Signal(0)) == nil && runtime.GOOS != "windows" {
			t.Errorf("child %d still runs", pid)
			p.Kill()
		}
	}
}

// eachChild calls f with a bench whose children fail: its own, or a peer; with
// tables and with JSON.
func eachChild(t *testing.T, how string, f func(t *testing.T, b *bench)) {
	for name, set := range map[string]func(t *testing.T, b *bench){
		"own":  func(t *testing.T, b *bench) { t.Setenv(fakeChild, how) },
		"peer": func(t *testing.T, b *bench) { b.peer = os.Args[0] + " fakepeer " + how },
	} {
		for _, format := range []string{"tables", "json"} {
			t.Run(strings.Join([]string{how, name, format}, " "), func(t *testing.T) {
				b := tiny(t)
				b.json = format == "json"
				set(t, b)
				f(t, b)
				childrenGone(t, b.dir)
			})
		}
	}
}

// TestFailingChildren: however a child fails, while it starts, during its
// epochs or at its end, that is one line and exit status 1, and none is left.
func TestFailingChildren(t *testing.T) {
	for how, want := range map[string]string{
		"crash":    ": exit status 3: no module named torch",
		"silent":   ": ended without an answer",
		"babble":   `: got "hello", want ready`,
		"flood":    `: got "hello", want ready`,
		"endless":  ": got a line of more than 65536 bytes",
		"sleeps":   ": no answer within 500ms",
		"nonsense": `: got "soon", want the seconds of an epoch`,
		"dies":     ": exit status 4",
		"panics":   ": exit status 2: ",
		"hangs":    ": no answer within 500ms",
	} {
		eachChild(t, how, func(t *testing.T, b *bench) {
			if how == "sleeps" || how == "hangs" {
				b.answer = 500 * time.Millisecond // if a child is not ready by then, the error is the same
			}
			got, stdout, stderr := status(context.Background(), b)
			if got != command.Failed || !strings.Contains(stderr, os.Args[0]+want) || strings.Count(stderr, "\n") != 1 || b.json && stdout != "" {
				t.Errorf("got exit status %d, %q and %q, want 1 and one line with %q", got, stdout, stderr, want)
			}
		})
	}
}

// fake starts a fake peer alone.
func fake(t *testing.T, b *bench, how string) *peer {
	t.Helper()
	p, err := b.start(context.Background(), network{name: "twolayer"}, b.batches[0], "", []string{os.Args[0], "fakepeer", how})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return p
}

// TestSeconds: an epoch takes at least a nanosecond and less than a day, so that
// ratios are numbers.
func TestSeconds(t *testing.T) {
	b := tiny(t)
	for _, answer := range []string{"NaN", "Inf", "-1", "0", "1e-300", "1e300", "86400", "\x1b[2J"} {
		want := fmt.Sprintf("%s: got %q, want the seconds of an epoch", os.Args[0], answer)
		p := fake(t, b, answer)
		if err := p.epoch(); err == nil || err.Error() != want || len(p.seconds) > 0 {
			t.Errorf("got %v and error %v, want %q", p.seconds, err, want)
		}
	}
}

// TestDeafPeer: a peer that does not end is killed.
func TestDeafPeer(t *testing.T) {
	b := tiny(t)
	p := fake(t, b, "deaf")
	p.wait = 100 * time.Millisecond
	if err := p.quit(); err == nil || err.Error() != os.Args[0]+": did not end within 100ms" {
		t.Errorf("got error %v", err)
	}
	childrenGone(t, b.dir)
}

// TestAbout: what a peer says of itself cannot harm the terminal.
func TestAbout(t *testing.T) {
	if got, want := fake(t, tiny(t), "title").about, `Fake\x1b]0;pwn\a`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestNoPeer: a program that is not there is an error.
func TestNoPeer(t *testing.T) {
	b := tiny(t)
	b.peer = "/no/such/program"
	if got, _, stderr := status(context.Background(), b); got != command.Failed || !strings.Contains(stderr, "no such file") {
		t.Errorf("got exit status %d and %q", got, stderr)
	}
}

// TestOrphan: a peer that ends and leaves a process of its own, which holds the
// peer's output open, is seen to have ended, and that process is killed.
func TestOrphan(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no process groups to end")
	}
	b := tiny(t)
	b.peer = os.Args[0] + " fakepeer orphan"
	if got, _, stderr := status(context.Background(), b); got != command.Failed || !strings.HasSuffix(stderr, ": exit status 5\n") {
		t.Errorf("got exit status %d and %q, want 1 and exit status 5", got, stderr)
	}
	beats := func() int64 {
		info, err := os.Stat(filepath.Join(b.dir, "beats"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before := beats()
	time.Sleep(200 * time.Millisecond) // 20 beats; a process that is gone has none
	if after := beats(); after != before {
		t.Errorf("it goes on: %d beats, then %d", before, after)
	}
}

// TestInterruptedChildren: whatever the children do when a signal comes, it ends
// them and the command, with one line and exit status 130.
func TestInterruptedChildren(t *testing.T) {
	for _, how := range []string{"sleeps", "hangs"} {
		eachChild(t, how, func(t *testing.T, b *bench) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go func() {
				for ctx.Err() == nil {
					if left, _ := filepath.Glob(filepath.Join(b.dir, "hangs-*")); left != nil {
						cancel()
					}
					time.Sleep(time.Millisecond)
				}
			}()
			got, stdout, stderr := status(ctx, b)
			if got != command.Interrupted || stderr != "bench: interrupted\n" || b.json && stdout != "" {
				t.Errorf("got exit status %d, %q and %q", got, stdout, stderr)
			}
		})
	}
}

// TestInterruptEpochs: the signal comes while the command starts its children,
// or trains with them.
func TestInterruptEpochs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals to send")
	}
	c := exec.Command(os.Args[0], "bench", "-quick", "-network", "twolayer", "-batch", "1000", "-epochs", "1")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Process.Kill()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "The first convolution") { // the epochs are next
			c.Process.Signal(syscall.SIGTERM)
		}
	}
	c.Wait()
	if got := c.ProcessState.ExitCode(); got != command.Interrupted || stderr.String() != "bench: interrupted\n" {
		t.Errorf("got exit status %d and %q", got, stderr.String())
	}
}

// TestInterruptServe: a child that is asked nothing ends too.
func TestInterruptServe(t *testing.T) {
	b := tiny(t)
	ctx, cancel := context.WithCancel(context.Background())
	stdin, never, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer never.Close()
	err = run(ctx, []string{"serve", "--network", "twolayer", "--data", b.dir}, stdin, writer(func(p []byte) (int, error) {
		cancel() // it is ready
		return len(p), nil
	}), io.Discard)
	var stderr bytes.Buffer
	if got := command.Status("bench", &stderr, err); got != command.Interrupted || stderr.String() != "bench: interrupted\n" {
		t.Errorf("got exit status %d and %q", got, stderr.String())
	}
}

// writer is a function as an io.Writer.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
