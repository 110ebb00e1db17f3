package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
)

// peer is a program that trains a network when it is asked to. It is started
// with the flags
//
//	--network onelayer|twolayer|edited --batch N --threads N --data DIR
//
// where DIR has the four files of MNIST, not compressed. When it is warm it
// prints a line that starts with "ready". For each line "epoch" on its standard
// input it trains for an epoch and prints the seconds that took; "quit" ends it.
//
// Whoever starts a peer must call quit or stop. After that, it is gone with all
// that it started.
type peer struct {
	command string
	about   string        // what it says of itself after "ready"
	seconds []float64     // of each epoch
	wait    time.Duration // how long it may take for an answer
	in      io.WriteCloser
	out     *bufio.Scanner
	stderr  bytes.Buffer
	ctx     context.Context         // done when the peer is killed
	kill    context.CancelCauseFunc // kills it; line and end return the cause
	gone    chan struct{}           // closed when it has ended
	err     error                   // how it ended, once gone is closed
}

// patience is how long a peer may take to end, unless it has less for an answer.
const patience = 10 * time.Second

// startPeer starts the command of words and returns when it is ready. The
// settings, such as GODEBUG=…, are added to its environment. The end of ctx kills
// it.
func startPeer(ctx context.Context, wait time.Duration, words []string, settings ...string) (*peer, error) {
	p := &peer{command: words[0], wait: wait, gone: make(chan struct{})}
	p.ctx, p.kill = context.WithCancelCause(ctx)
	cmd := exec.CommandContext(p.ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), settings...)
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = time.Second // for processes that it leaves, which hold its stderr open
	endAll := ownGroup(cmd)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	// Not StdoutPipe, which Wait would close before all is read.
	out, stdout, err := os.Pipe()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	context.AfterFunc(p.ctx, func() { out.Close() }) // nobody reads any more
	cmd.Stdout = stdout
	err = cmd.Start()
	stdout.Close()
	if err != nil {
		p.kill(nil)
		return nil, errors.WithStack(err)
	}
	go func() {
		p.err = cmd.Wait()
		endAll() // so that the output ends
		close(p.gone)
	}()
	p.in, p.out = in, bufio.NewScanner(out)
	line, err := p.line()
	about, ready := strings.CutPrefix(line, "ready")
	if err == nil && !ready {
		err = errors.Errorf("%s: got %q, want ready", p.command, line)
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	p.about = command.Printable(strings.TrimSpace(about))
	return p, nil
}

// epoch asks for one epoch and appends its seconds.
func (p *peer) epoch() error {
	io.WriteString(p.in, "epoch\n") // if the peer is gone, its answer is missing
	line, err := p.line()
	if err != nil {
		return err
	}
	const nanosecond, day = 1e-9, 24 * 60 * 60
	seconds, err := strconv.ParseFloat(line, 64)
	if err != nil || !(seconds >= nanosecond && seconds < day) {
		return errors.Errorf("%s: got %q, want the seconds of an epoch", p.command, line)
	}
	p.seconds = append(p.seconds, seconds)
	return nil
}

// line returns the next line that the peer prints. If there is none, the error
// says how the peer ended and has the last line of its standard error.
func (p *peer) line() (string, error) {
	late := errors.Errorf("no answer within %v", p.wait)
	defer time.AfterFunc(p.wait, func() { p.kill(late) }).Stop()
	if p.out.Scan() {
		return strings.TrimSpace(p.out.Text()), nil
	}
	if errors.Is(p.out.Err(), bufio.ErrTooLong) {
		p.kill(errors.Errorf("got a line of more than %d bytes", bufio.MaxScanTokenSize))
	}
	err := p.end()
	if err == nil {
		err = errors.New("ended without an answer")
	}
	words := strings.TrimSpace(p.stderr.String())
	if words = words[strings.LastIndex(words, "\n")+1:]; words != "" {
		err = errors.Errorf("%v: %s", err, words)
	}
	return "", errors.WithMessage(err, p.command)
}

// quit asks the peer to end. The error says how it did.
func (p *peer) quit() error {
	defer p.stop()
	io.WriteString(p.in, "quit\n")
	return errors.WithMessage(p.end(), p.command)
}

// end waits until the peer is gone, but not for ever. The error says how it
// ended.
func (p *peer) end() error {
	p.in.Close()
	most := min(patience, p.wait)
	late := errors.Errorf("did not end within %v", most)
	defer time.AfterFunc(most, func() { p.kill(late) }).Stop()
	<-p.gone
	if cause := context.Cause(p.ctx); cause != nil {
		return cause
	}
	return errors.WithStack(p.err)
}

// stop ends the peer at once, if it has not ended.
func (p *peer) stop() {
	p.kill(nil)
	<-p.gone
}
