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

// peer is a program that trains one network when it is asked to. It is started
// with the flags
//
//	--network onelayer|twolayer|edited --batch N --threads N --data DIR
//
// where DIR has the four uncompressed files of MNIST, and prints a line that
// begins with "ready" once it is warm. For each line "epoch" on its standard
// input it trains for an epoch and prints the seconds that took; "quit" ends it.
//
// Whoever starts a peer must call quit or stop. After that it and all that it
// started are gone.
type peer struct {
	command string
	about   string        // what it says of itself after "ready"
	wait    time.Duration // how long it may take for an answer
	in      io.WriteCloser
	out     *bufio.Scanner
	kill    context.CancelCauseFunc // ends it at once; the cause is the error of line
	killed  func() error            // the cause, if it was killed
	gone    chan struct{}           // closed when it has ended,
	err     error                   // in this way
	stderr  bytes.Buffer
}

// patience is how long a peer may take to end, or as long as for an answer if
// that is less.
const patience = 10 * time.Second

// startPeer returns when the peer is ready. Settings, like GODEBUG=…, are added to
// the environment. When ctx is done, the peer is killed.
func startPeer(ctx context.Context, wait time.Duration, words []string, settings ...string) (_ *peer, err error) {
	ctx, kill := context.WithCancelCause(ctx)
	defer func() {
		if err != nil {
			kill(nil)
		}
	}()
	p := &peer{command: words[0], wait: wait, kill: kill, gone: make(chan struct{})}
	p.killed = func() error { return context.Cause(ctx) }
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = append(os.Environ(), settings...)
	cmd.Stderr = &p.stderr
	cmd.WaitDelay = time.Second // for what it has started and left behind, which holds its stderr open
	endAll := ownGroup(cmd)
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, errors.WithStack(err)
	}
	// Not StdoutPipe, whose end would have to be read before the peer's.
	out, theirs, err := os.Pipe()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	cmd.Stdout = theirs
	p.out = bufio.NewScanner(out)
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		out.Close()
		return nil, errors.WithStack(err)
	}
	context.AfterFunc(ctx, func() { out.Close() }) // nobody answers any more
	go func() {
		p.err = cmd.Wait()
		endAll() // so that the output has an end
		close(p.gone)
	}()
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

// epoch asks for one epoch and returns its seconds.
func (p *peer) epoch() (float64, error) {
	// A peer that is gone shows when its answer is missing.
	io.WriteString(p.in, "epoch\n")
	line, err := p.line()
	if err != nil {
		return 0, err
	}
	const day = 24 * 60 * 60
	seconds, err := strconv.ParseFloat(line, 64)
	if least := time.Nanosecond.Seconds(); err != nil || !(seconds >= least && seconds < day) {
		return 0, errors.Errorf("%s: got %q, want the seconds of an epoch", p.command, line)
	}
	return seconds, nil
}

// line is the next line that the peer prints. If there is none, the error says
// how the peer ended and its last words.
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

// quit asks the peer to end, and says how it did.
func (p *peer) quit() error {
	defer p.stop()
	io.WriteString(p.in, "quit\n")
	return errors.WithMessage(p.end(), p.command)
}

// end waits until the peer is gone, but not for ever, and says how it went.
func (p *peer) end() error {
	p.in.Close()
	most := min(patience, p.wait)
	late := errors.Errorf("did not end within %v", most)
	defer time.AfterFunc(most, func() { p.kill(late) }).Stop()
	<-p.gone
	if cause := p.killed(); cause != nil {
		return cause
	}
	return errors.WithStack(p.err)
}

// stop ends the peer at once, if it has not ended.
func (p *peer) stop() {
	p.kill(nil)
	<-p.gone
}
