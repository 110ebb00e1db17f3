package training

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// deadlines is an answer that keeps for how long the client was given to take each
// part.
type deadlines struct {
	*httptest.ResponseRecorder
	after []time.Duration
}

func (d *deadlines) SetWriteDeadline(at time.Time) error {
	d.after = append(d.after, time.Until(at))
	return nil
}

// TestQuietStream: while nothing happens, a comment goes out every 15 seconds; a client
// has 10 seconds to take it.
func TestQuietStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := New(nil, Config{})
		if err != nil {
			t.Fatal(err)
		}
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.follow(w, httptest.NewRequest("GET", "/api/train/events", nil))
		}()
		time.Sleep(31 * time.Second)
		s.journal.add(endEvent, 5)
		time.Sleep(14 * time.Second)
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		<-ended
		_, events, _ := strings.Cut(w.Body.String(), "id: ")
		if got := w.Body.String(); !strings.HasPrefix(got, "retry: 1000\n\n:\n\n:\n\nid: ") || !strings.HasSuffix(events, "\nevent: end\ndata: 5\n\n") {
			t.Errorf("got %q", got)
		}
		if len(w.after) != 4 {
			t.Errorf("got %d parts, want 4", len(w.after))
		}
		for i, d := range w.after {
			if d != 10*time.Second {
				t.Errorf("part %d may take %v, want 10 s", i, d)
			}
		}
	})
}

// TestStreams: there are only so many streams at once; a client that leaves makes room.
func TestStreams(t *testing.T) {
	s := newServer(t, Config{})
	s.journal.add(endEvent, 0)
	for range maxStreams + 1 {
		s.events("", named(endEvent))
		for len(s.streams) > 0 { // until the server sees that the client has left
			time.Sleep(time.Millisecond)
		}
	}
	for range maxStreams {
		s.streams <- struct{}{}
	}
	if got, text := s.get("/api/train/events"); got != http.StatusServiceUnavailable || !strings.Contains(text, "64 clients") {
		t.Errorf("got %d %s", got, text)
	}
}

// TestReplay: a client that comes back gets what it has not seen, and one that comes
// late gets the training before too.
func TestReplay(t *testing.T) {
	s := newServer(t, Config{})
	brief := fmt.Sprintf(`{"list":%q,"epochs":2,"batch":500}`, small)
	s.must(http.StatusAccepted, "/api/train", brief)
	s.events("", named(endEvent))
	first := s.events("", named(endEvent)) // without weights that a client saw live
	for i := range len(first) - 1 {
		if got := s.events(first[i].id, named(endEvent)); !slices.Equal(got, first[i+1:]) {
			t.Errorf("after event %d: got %v, want %v", i, got, first[i+1:])
		}
	}
	s.must(http.StatusAccepted, "/api/train", brief)
	last := first[len(first)-1].id
	second := s.events(last, named(endEvent))
	if second[0].name != startEvent || !strings.HasPrefix(second[0].data, `{"id":2,`) {
		t.Errorf("after the first: got %v", second[0])
	}
	all := s.events("", func(e got) bool { return e.id == second[len(second)-1].id })
	starts := only(all, startEvent)
	if len(starts) != 2 || starts[0].data != strings.TrimSuffix(first[0].data, "}")+`,"previous":true}` || starts[1] != second[0] {
		t.Errorf("got the starts %v", starts)
	}
	if len(only(all, epochEvent)) != 4 || len(only(all, endEvent)) != 2 || len(only(all, weightsEvent)) != 1 {
		t.Errorf("got %v", all)
	}
	future := fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()) // of a server whose clock was wrong
	if again := s.events(future, func(e got) bool { return e.id == second[len(second)-1].id }); !slices.Equal(again, all) {
		t.Errorf("after an id that no event has: got %v, want %v", again, all)
	}
}

// TestSilentClient: a client that takes nothing, and one that leaves, hold up neither
// the training nor the end of the server.
func TestSilentClient(t *testing.T) {
	s := newServer(t, Config{})
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /api/train/events HTTP/1.1\r\nHost: x\r\n\r\n")
	for len(s.streams) == 0 {
		time.Sleep(time.Millisecond)
	}
	large := strings.Repeat("x", 1<<20)
	for range 20 { // more than sockets hold
		s.journal.add(epochEvent, large)
	}
	s.must(http.StatusAccepted, "/api/train", fmt.Sprintf(`{"list":%q,"epochs":2,"batch":500}`, small))
	<-s.latest().over
	if err := s.Trainings.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestClose: the end of the server ends the streams.
func TestClose(t *testing.T) {
	s := newServer(t, Config{})
	s.must(http.StatusAccepted, "/api/train", long)
	var streams sync.WaitGroup
	for range 3 {
		streams.Go(func() { s.events("", func(got) bool { return false }) })
	}
	for len(s.streams) < 3 {
		time.Sleep(time.Millisecond)
	}
	for range 2 {
		if err := s.Trainings.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	streams.Wait()
	if len(s.notices) != 1 || s.notices[0] != "the training is lost: there is no checkpoint to keep it in" {
		t.Errorf("got %q", s.notices)
	}
	s.must(http.StatusConflict, "/api/train", long)
}
