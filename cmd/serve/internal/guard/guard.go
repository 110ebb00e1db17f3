// Package guard stands between the network and the handlers of the server. It lets
// through what this machine's browser or another program asks of the server itself, in
// bounds of size, time and number, and refuses the rest in one line of JSON.
package guard

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/serve/internal/answer"
)

// maxBody is how many bytes the body of a request may have where Config says nothing.
const maxBody = 64 << 10

// Config is what a Handler needs to know.
type Config struct {
	Hosts  []string         // names, or name:port, that the server has beside its own address: those of a reverse proxy
	Bodies map[string]int64 // the most bytes of a request's body, by path; of others 64 KB

	// Done is called after each request with the pattern of its route, "" if there
	// is none. Not nil.
	Done func(route string, status int, took time.Duration)
	Log  io.Writer // gets the panics of handlers; not nil
}

// Handler returns next behind the guard.
//
// A browser may be told by a foreign page to ask the server. So Host must name the
// server itself (a foreign name can be made to point to this machine), no request may come
// from another site, and the page loads and embeds nothing but its own files.
func Handler(next http.Handler, c Config) http.Handler { return &guard{Config: c, next: next} }

type guard struct {
	Config
	next   http.Handler
	origin http.CrossOriginProtection
}

// policy lets the page use its own files, and nothing else use the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start, rec := time.Now(), &recorder{ResponseWriter: w}
	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			fmt.Fprintf(g.Log, "serve: %s: panic: %s\n%s", command.Printable(r.Method+" "+r.URL.Path), command.Printable(fmt.Sprint(p)), debug.Stack())
		}
		if p != nil && rec.status == 0 {
			answer.Fail(rec, errors.New("the server failed; its standard error says where"))
			p = nil
		}
		g.Done(r.Pattern, rec.status, time.Since(start))
		if p != nil {
			panic(http.ErrAbortHandler) // the answer has begun: only an end of the connection tells that it is not complete
		}
	}()
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if isAPI(r) {
		h.Set("Cache-Control", "no-store")
	}
	limit, ok := g.Bodies[r.URL.Path]
	if !ok {
		limit = maxBody
	}
	if err := g.refuse(r, limit); err != nil {
		h.Set("Connection", "close") // whatever else is on its way
		answer.Fail(rec, err)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	g.next.ServeHTTP(rec, r)
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
}

// isAPI reports whether r is for a handler, not for a file of the page.
func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// refuse returns why a request is not answered, nil if it is. The errors are of type
// *answer.Error.
func (g *guard) refuse(r *http.Request, limit int64) error {
	own := r.Context().Value(http.LocalAddrContextKey).(net.Addr).String()
	switch {
	case !g.named(r.Host, own):
		return &answer.Error{Status: http.StatusMisdirectedRequest, Message: fmt.Sprintf("got Host %q, want %s or a name of the flag -host", r.Host, own)}
	case g.origin.Check(r) != nil,
		isAPI(r) && !slices.Contains([]string{"", "same-origin", "none"}, r.Header.Get("Sec-Fetch-Site")) && r.Header.Get("Sec-Fetch-Mode") != "navigate":
		return &answer.Error{Status: http.StatusForbidden, Message: "got a request from a page of another site, want one of this server's own"}
	case r.ContentLength > limit:
		return &answer.Error{Status: http.StatusRequestEntityTooLarge, Message: fmt.Sprintf("got a body of %d bytes, want at most %d", r.ContentLength, limit)}
	}
	return nil
}

// named reports whether host, the Host of a request, is a name of the server: the address
// own that the request came to, this machine's name for itself with the same port, or one
// of g.Hosts.
func (g *guard) named(host, own string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "80"
	}
	is := func(h string) bool { return strings.EqualFold(h, name) || strings.EqualFold(h, host) }
	ownName, ownPort, err := net.SplitHostPort(own)
	local := err == nil && port == ownPort && slices.ContainsFunc([]string{ownName, "localhost", "127.0.0.1", "::1"}, is)
	return local || slices.ContainsFunc(g.Hosts, is)
}
