package training

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tapenet/cmd/internal/data"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/graph"
	"tapenet/train"
)

// mnistSets are the embedded images.
var mnistSets = sync.OnceValues(func() (data.Sets, error) { return data.Load(context.Background(), "", false) })

// fewSets are so few of them that a training takes a moment.
func fewSets() (data.Sets, error) {
	s, err := mnistSets()
	if err != nil {
		return s, err
	}
	s, err = s.Limit(1000)
	s.Test = train.Data{Pixels: s.Test.Pixels[:300*28*28], Labels: s.Test.Labels[:300]}
	return s, err
}

// small is a list that learns something from few images.
var small = graph.Sequential{
	graph.Conv2d(4, 5), graph.Rectify, graph.MaxPool2D(4), graph.Flatten, graph.Dense(10), graph.SoftMax,
}

// server is the trainings of a server, and what its log says.
type server struct {
	*Trainings
	*httptest.Server
	t    *testing.T
	nets *networks.Set

	mu      sync.Mutex
	notices []string
}

func newServer(t *testing.T, c Config) *server {
	t.Helper()
	nets, err := networks.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, nets: nets}
	if c.Data == nil {
		c.Data = fewSets
	}
	c.Notice = func(format string, args ...any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.notices = append(s.notices, fmt.Sprintf(format, args...))
	}
	if s.Trainings, err = New(nets, c); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	s.Routes(mux)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		if err := s.Trainings.Close(context.Background()); err != nil {
			t.Error(err)
		}
		s.CloseClientConnections()
		s.Server.Close()
	})
	return s
}

// post sends a request and returns the status and the answer.
func (s *server) post(path, body string) (int, string) {
	s.t.Helper()
	r, err := s.Client().Post(s.URL+path, "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return answered(s.t, r)
}

func (s *server) get(path string) (int, string) {
	s.t.Helper()
	r, err := s.Client().Get(s.URL + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return answered(s.t, r)
}

func answered(t *testing.T, r *http.Response) (int, string) {
	t.Helper()
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// must sends a request that must have a status.
func (s *server) must(want int, path, body string) {
	s.t.Helper()
	if got, text := s.post(path, body); got != want {
		s.t.Fatalf("POST %s %s: got status %d and %s, want %d", path, body, got, text, want)
	}
}

// got is an event as a client gets it.
type got struct {
	id, name, data string
}

// into decodes the data of an event.
func (e got) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.data), v); err != nil {
		t.Fatalf("event %s: %v", e.data, err)
	}
}

// events follows the trainings from the event after one, until an event for which
// last is true or the stream ends, and returns all.
func (s *server) events(after string, last func(got) bool) []got {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/api/train/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if after != "" {
		q.Header.Set("Last-Event-ID", after)
	}
	r, err := s.Client().Do(q)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("got status %d, %v", r.StatusCode, r.Header)
	}
	var all []got
	var e got
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				all = append(all, e)
				if last(e) {
					return all
				}
			}
			e = got{}
		}
	}
	if ctx.Err() != nil {
		s.t.Fatalf("still waiting after a minute; got %v", all)
	}
	return all
}

func named(name string) func(got) bool { return func(e got) bool { return e.name == name } }

// only returns the events of a name.
func only(all []got, name string) (some []got) {
	for _, e := range all {
		if e.name == name {
			some = append(some, e)
		}
	}
	return some
}
