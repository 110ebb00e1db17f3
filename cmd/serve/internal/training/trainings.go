// Package training trains networks for the page of the server: one at a time, on
// MNIST, with what happens as a stream of events. What is trained becomes the network
// networks.Trained, with its weights after each epoch. A training that the end of the
// server interrupts goes on, to the same bits, after the next start.
package training

import (
	"context"
	"net/http"
	"sync"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/data"
	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/networks"
)

// Config says how a server trains. The zero Config trains on the embedded MNIST,
// with all cores, and keeps nothing of a training that the end of the server
// interrupts.
type Config struct {
	// Checkpoint is the file in which such a training is kept until the next start, as
	// DefaultCheckpoint names it; "": none. One server at a time uses it.
	Checkpoint string

	Data    func() (data.Sets, error)        // the images, (N, 1, 28, 28) in 10 classes; read when first needed. nil: MNIST
	Workers int                              // cores to use; 0: all
	Notice  func(format string, args ...any) // says a line to whoever runs the server; nil: nothing is said
}

// Trainings are the trainings of a server. Any number of goroutines may use it.
type Trainings struct {
	nets    *networks.Set
	c       Config
	journal *journal
	streams chan struct{} // one value for each client that follows
	closing chan struct{} // closed by Close
	release func()        // the checkpoint

	starting sync.Mutex // held while a training starts
	mu       sync.Mutex
	run      *run // the latest training; nil: none yet
	closed   bool
}

// New returns the trainings of a server, whose networks are nets. If Checkpoint has a
// training, that is the latest one, paused. A Checkpoint that cannot be used is said
// by Notice and left as it is, and nothing is kept then.
func New(nets *networks.Set, c Config) (*Trainings, error) {
	t := &Trainings{
		nets: nets, c: c, journal: newJournal(), release: func() {},
		streams: make(chan struct{}, maxStreams), closing: make(chan struct{}),
	}
	if c.Data == nil {
		c.Data = func() (data.Sets, error) { return data.Load(context.Background(), "", false) }
	}
	t.c.Data = sync.OnceValues(c.Data)
	if c.Notice == nil {
		t.c.Notice = func(string, ...any) {}
	}
	if c.Checkpoint == "" {
		return t, nil
	}
	if err := t.openCheckpoint(); err != nil {
		t.c.Checkpoint = ""
		t.c.Notice("checkpoint %s: %v; it stays as it is, and a training is lost when this server ends", c.Checkpoint, err)
	}
	return t, nil
}

// Routes adds the handlers under /api/train.
func (t *Trainings) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/train", t.start)
	mux.HandleFunc("POST /api/train/pause", t.pause)
	mux.HandleFunc("POST /api/train/stop", t.stop)
	mux.HandleFunc("GET /api/train", t.show)
	mux.HandleFunc("GET /api/train/events", t.follow)
}

// errNone is the error of a request that needs a training.
var errNone = conflict("no training is under way")

// latest returns the latest training; nil: none yet.
func (t *Trainings) latest() *run {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run
}

func (t *Trainings) start(w http.ResponseWriter, r *http.Request) {
	var q request
	var id int
	err := answer.Read(r, &q)
	if err == nil {
		id, err = t.begin(q)
	}
	if err != nil {
		answer.Fail(w, err)
		return
	}
	answer.JSON(w, http.StatusAccepted, map[string]int{"id": id})
}

// begin starts a training, and returns its id.
func (t *Trainings) begin(q request) (id int, err error) {
	under := conflict("a training is under way: stop it before the next")
	if !t.starting.TryLock() {
		return 0, under
	}
	defer t.starting.Unlock()
	id = 1
	if last := t.latest(); last != nil {
		if last.active() {
			return 0, under
		}
		id = last.id + 1
	}
	r, err := t.prepare(q)
	if err != nil {
		return 0, err
	}
	r.id = id
	return id, t.launch(r, func() {})
}

// prepare makes the training that a request asks for.
func (t *Trainings) prepare(q request) (*run, error) {
	sets, err := t.c.Data()
	if err != nil {
		return nil, err
	}
	s, net, err := q.settings(sets)
	if err != nil {
		return nil, err
	}
	r, err := newRun(s, net, sets, t.c.Workers)
	if err != nil {
		return nil, err
	}
	r.nets, r.journal = t.nets, t.journal
	return r, nil
}

// launch makes r the latest training and starts it, after replay has added what
// happened before to the journal.
func (t *Trainings) launch(r *run, replay func()) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return &answer.Error{Status: http.StatusServiceUnavailable, Message: errClose.Error()}
	}
	t.run = r
	t.journal.start(r.started())
	replay()
	go func() {
		defer close(r.over)
		r.train()
		t.tidy(r)
	}()
	return nil
}

func (t *Trainings) pause(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Paused *bool `json:"paused"`
	}
	err := answer.Read(r, &q)
	switch last := t.latest(); {
	case err != nil:
	case q.Paused == nil:
		err = answer.Wrong("paused", "paused: want true or false")
	case last == nil:
		err = errNone
	default:
		err = last.pause(*q.Paused)
	}
	finish(w, err)
}

func (t *Trainings) stop(w http.ResponseWriter, _ *http.Request) {
	last := t.latest()
	if last == nil || !last.active() {
		finish(w, errNone)
		return
	}
	last.cancel(errStop)
	finish(w, nil)
}

// finish answers a request that gives nothing but, perhaps, an error.
func finish(w http.ResponseWriter, err error) {
	if err != nil {
		answer.Fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (t *Trainings) show(w http.ResponseWriter, _ *http.Request) {
	is := struct {
		ID       int       `json:"id"`
		State    string    `json:"state"`
		Settings *settings `json:"settings"`
		Error    string    `json:"error"`
	}{State: none}
	if r := t.latest(); r != nil {
		r.mu.Lock()
		is.ID, is.State, is.Settings, is.Error = r.id, r.state, &r.settings, r.err
		r.mu.Unlock()
	}
	answer.JSON(w, http.StatusOK, is)
}

// Close ends the streams of events and the training under way, after its running
// step, and keeps that in the Checkpoint. The error is that it is not kept: because it
// could not be written, or because ctx ended first.
func (t *Trainings) Close(ctx context.Context) error {
	t.mu.Lock()
	r, again := t.run, t.closed
	t.closed = true
	t.mu.Unlock()
	if again {
		return nil
	}
	close(t.closing)
	defer t.release()
	if r == nil || !r.active() {
		return nil
	}
	r.cancel(errClose)
	select {
	case <-r.over:
	case <-ctx.Done():
		return errors.Wrap(ctx.Err(), "the training is lost: its step did not end in time")
	}
	if !r.active() { // it ended by itself
		return nil
	}
	if t.c.Checkpoint == "" {
		t.c.Notice("the training is lost: there is no checkpoint to keep it in")
		return nil
	}
	return t.save(r)
}
