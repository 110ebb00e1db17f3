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
)

// peer is a program that trains one network when it is asked to. It is started
// with the flags
//
//	--network onelayer|twolayer|edited --batch N --threads N --data DIR
//
// where DIR has the four uncompressed files of MNIST, and prints a line that
// begins with "ready" once it is warm. For each line "epoch" on its standard
// input it trains for an epoch and prints the seconds that took; "quit" ends it.
type peer struct {
	command string
	about   string // what it says of itself behind "ready"
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	stderr  bytes.Buffer
}

// patience is how long a peer may take to end.
const patience = 10 * time.Second

// startPeer returns when the peer is ready. Settings, like GODEBUG=…, are added to the
// environment.
func startPeer(ctx context.Context, command []string, settings ...string) (*peer, error) {
	p := &peer{command: command[0], cmd: exec.CommandContext(ctx, command[0], command[1:]...)}
	p.cmd.Env = append(os.Environ(), settings...)
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = patience
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, errors.WithStack(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.WithStack(err)
	}
	p.out = bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		return nil, errors.WithStack(err)
	}
	line, err := p.line()
	if err != nil {
		return nil, err
	}
	about, ok := strings.CutPrefix(line, "ready")
	if !ok {
		p.kill()
		p.end()
		return nil, errors.Errorf("%s: got %q, want ready", p.command, line)
	}
	p.about = strings.TrimSpace(about)
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
	seconds, err := strconv.ParseFloat(line, 64)
	if err != nil || !(seconds > 0) {
		return 0, errors.Errorf("%s: got %q, want the seconds of an epoch", p.command, line)
	}
	return seconds, nil
}

// line is the next line that the peer prints. If there is none, the error says
// how the peer ended and its last words.
func (p *peer) line() (string, error) {
	if p.out.Scan() {
		return strings.TrimSpace(p.out.Text()), nil
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

// quit ends the peer.
func (p *peer) quit() error {
	io.WriteString(p.in, "quit\n")
	return errors.WithMessage(p.end(), p.command)
}

// end waits until the peer is gone, but not for ever.
func (p *peer) end() error {
	p.in.Close()
	defer time.AfterFunc(patience, p.kill).Stop()
	return errors.WithStack(p.cmd.Wait())
}

func (p *peer) kill() { p.cmd.Process.Kill() }
