package metrics

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestMetrics: the counts are those of what was done, the buckets count all that took at
// most as long, and two servers do not count for each other.
func TestMetrics(t *testing.T) {
	m, other := New(), New()
	other.Images(1000)
	m.Images(2)
	m.Images(3)
	m.Request("GET /x", 200, 2*time.Millisecond)
	m.Request("GET /x", 200, 20*time.Millisecond)
	m.Request("GET /x", 404, time.Hour)
	m.Request("", 421, 0)
	m.Request("POST /api/train", 202, 0)
	m.Request("POST /api/train", 409, 0)
	mux := http.NewServeMux()
	m.Routes(mux)
	page := func(path string) string {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: got %d %v", path, w.Code, w.Header())
		}
		return w.Body.String()
	}
	if got := page("/healthz"); got != "ok\n" {
		t.Errorf("/healthz: got %q", got)
	}
	text := "\n" + page("/metrics")
	for _, want := range []string{
		"tapenet_predicted_images_total 5",
		"tapenet_trainings_total 1",
		`tapenet_requests_total{route="GET /x",status="200"} 2`,
		`tapenet_requests_total{route="GET /x",status="404"} 1`,
		`tapenet_requests_total{route="",status="421"} 1`,
		`tapenet_request_seconds_bucket{route="GET /x",le="0.001"} 0`,
		`tapenet_request_seconds_bucket{route="GET /x",le="0.0025"} 1`,
		`tapenet_request_seconds_bucket{route="GET /x",le="0.025"} 2`,
		`tapenet_request_seconds_bucket{route="GET /x",le="30"} 2`,
		`tapenet_request_seconds_bucket{route="GET /x",le="+Inf"} 3`,
		`tapenet_request_seconds_count{route="GET /x"} 3`,
	} {
		if !strings.Contains(text, "\n"+want+"\n") {
			t.Errorf("/metrics does not have %s:\n%s", want, text)
		}
	}
}
