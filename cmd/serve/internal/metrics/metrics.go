// Package metrics counts what the server does, for Prometheus and for whoever asks
// whether it lives.
package metrics

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics is the counts of a server. Any number of goroutines may use it.
type Metrics struct {
	set       *metrics.Set
	images    *metrics.Counter
	trainings *metrics.Counter
}

// New returns Metrics of a server that has done nothing yet.
func New() *Metrics {
	metrics.ExposeMetadata(true) // the type of each
	set := metrics.NewSet()
	return &Metrics{set, set.NewCounter("tapenet_predicted_images_total"), set.NewCounter("tapenet_trainings_total")}
}

// bounds are the upper limits of the histogram's buckets, in seconds: a prediction takes
// about one millisecond.
var bounds = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// Request counts a request by the pattern of its route, "" if there is none. A training
// that is started counts as one.
func (m *Metrics) Request(route string, status int, took time.Duration) {
	m.set.GetOrCreateCounter(fmt.Sprintf("tapenet_requests_total{route=%q,status=\"%d\"}", route, status)).Inc()
	m.set.GetOrCreatePrometheusHistogramExt(fmt.Sprintf("tapenet_request_seconds{route=%q}", route), bounds).Update(took.Seconds())
	if route == "POST /api/train" && status == http.StatusAccepted {
		m.trainings.Inc()
	}
}

// Images counts n images that a network was asked about.
func (m *Metrics) Images(n int) { m.images.Add(n) }

// Routes adds /healthz and /metrics.
func (m *Metrics) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "ok\n")
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.set.WritePrometheus(w)
		metrics.WriteProcessMetrics(w) // go_goroutines among them
	})
}
