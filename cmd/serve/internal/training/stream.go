package training

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/serve/internal/answer"
)

const (
	maxStreams   = 64               // clients that follow the trainings at once
	eventTimeout = 10 * time.Second // for a client to take one event
	quiet        = 15 * time.Second // after which a comment keeps the connection alive
)

// follow sends the events of the trainings, as they come, in the format of
// EventSource: those after the one that the client has seen, and at first all that are
// kept. It ends when the client goes, takes nothing for eventTimeout, or the server
// closes.
func (t *Trainings) follow(w http.ResponseWriter, r *http.Request) {
	select {
	case t.streams <- struct{}{}:
		defer func() { <-t.streams }()
	default:
		answer.Fail(w, &answer.Error{Status: http.StatusServiceUnavailable, Message: fmt.Sprintf("%d clients follow the trainings already", maxStreams)})
		return
	}
	seen, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil {
		seen = 0
	}
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		if err := control.SetWriteDeadline(time.Now().Add(eventTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return false
		}
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && control.Flush() == nil
	}
	if !send("retry: 1000\n\n") {
		return
	}
	for {
		events, changed := t.journal.after(seen)
		for _, e := range events {
			if !send("id: %d\nevent: %s\ndata: %s\n\n", e.id, e.name, e.data) {
				return
			}
			seen = e.id
		}
		select {
		case <-changed:
		case <-time.After(quiet):
			if !send(":\n\n") {
				return
			}
		case <-r.Context().Done():
			return
		case <-t.closing:
			return
		}
	}
}
