package main

import (
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/cmd/serve/internal/guard"
	"tapenet/cmd/serve/internal/live"
	"tapenet/cmd/serve/internal/metrics"
	"tapenet/cmd/serve/internal/networks"
	"tapenet/cmd/serve/internal/page"
	"tapenet/cmd/serve/internal/predict"
	"tapenet/cmd/serve/internal/training"
)

// newHandler returns all that the server answers, behind its guard. It answers to hosts
// beside its own address. What fails in a handler is said on stderr.
func newHandler(nets *networks.Set, trainings *training.Trainings, hosts []string, stderr io.Writer) (http.Handler, error) {
	looks, err := live.New(nets)
	if err != nil {
		return nil, err
	}
	counts := metrics.New()
	api := http.NewServeMux()
	looks.Routes(api)
	trainings.Routes(api)
	predict.New(nets, counts.Images).Routes(api)
	counts.Routes(api)
	return guard.Handler(route(api), guard.Config{
		Hosts:  hosts,
		Bodies: map[string]int64{predict.Newest: predict.MaxBody, predict.Stable: predict.MaxBody},
		Done:   counts.Request,
		Log:    stderr,
	}), nil
}

// route answers with api, or with the page's files what is not for it. Where a mux has no
// handler, the error is JSON as everywhere. A path that is not clean, such as
// /api/../x, is of nothing.
func route(api *http.ServeMux) http.Handler {
	files := http.NewServeMux()
	files.Handle("GET /", page.Handler())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux := api
		_, pattern := api.Handler(r)
		if pattern == "" && !strings.HasPrefix(r.URL.Path, "/api/") {
			mux = files
			_, pattern = files.Handler(r)
		}
		if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path {
			answer.Fail(w, &answer.Error{Status: http.StatusNotFound, Message: fmt.Sprintf("got path %q, want one without empty parts and dots", r.URL.Path)})
			return
		}
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		missing := refusal{header: http.Header{}}
		mux.ServeHTTP(&missing, r)
		message := fmt.Sprintf("there is nothing at %q", r.URL.Path)
		if allow := missing.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
			message = fmt.Sprintf("got method %s, want %s", r.Method, allow)
		}
		answer.Fail(w, &answer.Error{Status: missing.status, Message: message})
	})
}

// refusal is a ResponseWriter that keeps the status and header of what a mux answers when
// it has no handler.
type refusal struct {
	header http.Header
	status int
}

func (r *refusal) Header() http.Header         { return r.header }
func (r *refusal) WriteHeader(status int)      { r.status = status }
func (r *refusal) Write(b []byte) (int, error) { return len(b), nil }
