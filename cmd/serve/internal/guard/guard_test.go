package guard

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// served is a guarded server of mux, and what its guard reports.
func served(t *testing.T, mux *http.ServeMux, hosts ...string) (url string, log *bytes.Buffer, done chan string) {
	t.Helper()
	log, done = &bytes.Buffer{}, make(chan string, 100)
	s := httptest.NewServer(Handler(mux, Config{
		Hosts: hosts, Bodies: map[string]int64{"/large": 100_000}, Log: log,
		Done: func(route string, status int, took time.Duration) {
			done <- route + " " + http.StatusText(status)
			if took <= 0 {
				t.Errorf("%s: took %v", route, took)
			}
		},
	}))
	t.Cleanup(s.Close)
	return s.URL, log, done
}

func TestNamed(t *testing.T) {
	g := &guard{Config: Config{Hosts: []string{"Digits.example.org", "proxy:9000"}}}
	for _, test := range []struct {
		host, own string
		want      bool
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", true},
		{"LocalHost:8080", "127.0.0.1:8080", true},
		{"[::1]:8080", "[::1]:8080", true},
		{"localhost", "127.0.0.1:80", true},
		{"[::1]", "[::1]:80", true},
		{"192.168.1.5:8080", "192.168.1.5:8080", true},
		{"192.168.1.6:8080", "192.168.1.5:8080", false},
		{"192.168.1.5", "192.168.1.5:80", true},
		{"192.168.1.5", "192.168.1.5:8080", false},
		{"localhost:8081", "127.0.0.1:8080", false},
		{"localhost", "127.0.0.1:8080", false},
		{"localhost.:8080", "127.0.0.1:8080", false},
		{"", "127.0.0.1:8080", false},
		{":8080", "127.0.0.1:8080", false},
		{"digits.example.org", "127.0.0.1:8080", true},
		{"digits.example.org:443", "127.0.0.1:8080", true},
		{"x.digits.example.org", "127.0.0.1:8080", false},
		{"proxy:9000", "127.0.0.1:8080", true},
		{"proxy:9001", "127.0.0.1:8080", false},
		{"proxy", "127.0.0.1:8080", false},
	} {
		if got := g.named(test.host, test.own); got != test.want {
			t.Errorf("Host %q at %s: got %t", test.host, test.own, got)
		}
	}
}

// TestHeaders: each answer keeps the browser from everything but the page's own files,
// those of refused requests too.
func TestHeaders(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/x", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") })
	url, _, _ := served(t, mux)
	for path, host := range map[string]string{"/api/x": "", "/nothing": "", "/api/": "evil.example"} {
		r, err := http.NewRequest("GET", url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: got %s %q, want %q", path, name, got, want)
			}
		}
		csp := a.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
			if !strings.Contains(csp, want) || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: got the policy %q, want %s", path, csp, want)
			}
		}
		if got, want := a.Header.Get("Cache-Control") == "no-store", strings.HasPrefix(path, "/api/"); got != want {
			t.Errorf("%s: no-store is %t, want %t", path, got, want)
		}
	}
}

// TestSites: pages of other sites may link to the server, and nothing more.
func TestSites(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	url, _, _ := served(t, mux, "digits.example.org")
	for _, test := range []struct {
		method, path, site, mode, origin, host string
		want                                   int
	}{
		{"GET", "/", "cross-site", "navigate", "", "", 200},
		{"GET", "/api/picture", "cross-site", "navigate", "", "", 200},
		{"GET", "/api/picture", "cross-site", "no-cors", "", "", 403},
		{"GET", "/api/picture", "same-site", "cors", "", "", 403},
		{"GET", "/api/picture", "same-origin", "cors", "", "", 200},
		{"GET", "/api/picture", "none", "navigate", "", "", 200},
		{"POST", "/api/look", "same-origin", "cors", url, "", 200},
		{"POST", "/api/look", "", "", "", "", 200}, // no browser
		{"POST", "/api/look", "", "", url, "", 200},
		{"POST", "/api/look", "", "", "http://evil.example", "", 403},
		{"POST", "/api/look", "cross-site", "navigate", "", "", 403},
		{"POST", "/api/look", "same-origin", "cors", "https://digits.example.org", "digits.example.org", 200},
		{"POST", "/api/look", "", "", "https://evil.example", "digits.example.org", 403},
	} {
		r, err := http.NewRequest(test.method, url+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		for name, value := range map[string]string{"Sec-Fetch-Site": test.site, "Sec-Fetch-Mode": test.mode, "Origin": test.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if a.StatusCode != test.want {
			t.Errorf("%+v: got %d", test, a.StatusCode)
		}
	}
}

// TestBodies: a body has as many bytes as its path may have, whether its length is known
// before or not.
func TestBodies(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	})
	url, _, _ := served(t, mux)
	for _, test := range []struct {
		path string
		size int
		want int
	}{{"/x", 64 << 10, 200}, {"/x", 64<<10 + 1, 413}, {"/large", 100_000, 200}, {"/large", 100_001, 413}} {
		for name, body := range map[string]io.Reader{
			"length": strings.NewReader(strings.Repeat("x", test.size)),
			"chunks": io.LimitReader(zeros{}, int64(test.size)),
		} {
			a, err := http.Post(url+test.path, "text/plain", body)
			if err != nil {
				t.Fatal(err)
			}
			a.Body.Close()
			if a.StatusCode != test.want {
				t.Errorf("%s, %d bytes, %s: got %d, want %d", test.path, test.size, name, a.StatusCode, test.want)
			}
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// TestPanic: a handler that panics is an error for its client, and a line for whoever runs
// the server; an answer that has begun does not end as if it were complete.
func TestPanic(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /before", func(http.ResponseWriter, *http.Request) { panic("a\x1b[2J\nb") })
	mux.HandleFunc("GET /after", func(w http.ResponseWriter, _ *http.Request) {
		w.Write(make([]byte, 1<<16))
		panic("c")
	})
	mux.HandleFunc("GET /stream", func(w http.ResponseWriter, _ *http.Request) {
		control := http.NewResponseController(w)
		for _, err := range []error{control.SetReadDeadline(time.Time{}), control.SetWriteDeadline(time.Time{}), control.Flush()} {
			if err != nil {
				t.Errorf("stream: %v", err)
			}
		}
	})
	url, log, done := served(t, mux)
	a, err := http.Get(url + "/before")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(a.Body)
	a.Body.Close()
	if want := `{"error":"the server failed; its standard error says where"}` + "\n"; a.StatusCode != 500 || string(text) != want {
		t.Errorf("got %d %q, want 500 %q", a.StatusCode, text, want)
	}
	if got, want := <-done, "GET /before Internal Server Error"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := log.String(), `serve: GET /before: panic: a\x1b[2J\nb`+"\n"; !strings.HasPrefix(got, want) || !strings.Contains(got, "guard_test.go") {
		t.Errorf("the log is %q, want %q and the place", got, want)
	}
	if a, err = http.Get(url + "/after"); err != nil {
		t.Fatal(err)
	}
	if _, err = io.ReadAll(a.Body); err == nil {
		t.Error("an answer that the handler did not finish is complete")
	}
	a.Body.Close()
	if got, want := <-done, "GET /after OK"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if a, err = http.Get(url + "/stream"); err != nil || a.StatusCode != 200 {
		t.Errorf("stream: got %v and error %v", a, err)
	}
}

// TestLimit: one connection more than the limit waits until another ends.
func TestLimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Limit(inner, 1)
	accepted := make(chan net.Conn)
	go func() {
		defer close(accepted)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Fatal("two connections, want one at a time")
	case <-time.After(20 * time.Millisecond):
	}
	first.Close()
	first.Close() // counts once
	<-accepted
	select {
	case <-accepted:
		t.Fatal("two connections, want one at a time")
	case <-time.After(20 * time.Millisecond):
	}
	l.Close()
	if _, more := <-accepted; more {
		t.Error("a connection after Close")
	}
}
