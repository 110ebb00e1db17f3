package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLoad lets 200 clients ask at once, as often as they get answers, and prints what they
// got. It runs for the time that TAPENET_LOAD says, such as 30s; without it, not at all. A
// client that is told to come back does so after the second that the answer names.
func TestLoad(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("TAPENET_LOAD"))
	if err != nil {
		t.Skip("want TAPENET_LOAD=30s or another duration")
	}
	const clients = 200
	addr, stderr := start(t, nil)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	ask := func() (status int, err error) {
		r, err := client.Post("http://"+addr+"/api/v1/predict", "application/json", strings.NewReader(`{"strokes":[[0.3,0.2,0.7,0.2,0.45,0.85]]}`))
		if err != nil {
			return 0, err
		}
		defer r.Body.Close()
		_, err = io.Copy(io.Discard, r.Body)
		return r.StatusCode, err
	}
	if status, err := ask(); status != 200 || err != nil {
		t.Fatalf("got %d and error %v", status, err)
	}
	before, goroutines := memory(), runtime.NumGoroutine()
	var mu sync.Mutex
	var times []time.Duration // of those that were answered
	answers := map[string]int{}
	var all sync.WaitGroup
	begin := time.Now()
	for range clients {
		all.Go(func() {
			for time.Since(begin) < length {
				asked := time.Now()
				status, err := ask()
				took := time.Since(asked)
				mu.Lock()
				if err != nil {
					answers[err.Error()]++
				} else {
					answers[fmt.Sprint(status)]++
				}
				if status == 200 {
					times = append(times, took)
				}
				mu.Unlock()
				if status == http.StatusServiceUnavailable {
					time.Sleep(time.Second)
				}
			}
		})
	}
	all.Wait()
	took := time.Since(begin)
	after := memory()
	client.CloseIdleConnections()
	if len(times) == 0 {
		t.Fatalf("no answers: %v", answers)
	}
	slices.Sort(times)
	at := func(q float64) time.Duration { return times[int(q*float64(len(times)-1))].Round(10 * time.Microsecond) }
	t.Logf("%d clients, %v: %v, %.0f predictions a second; p50 %v, p99 %v, longest %v", clients, took.Round(time.Millisecond), answers, float64(len(times))/took.Seconds(), at(.5), at(.99), at(1))
	t.Logf("memory: %.0f MB before, %.0f MB after; goroutines: %d before", before, after, goroutines)
	for answer := range answers {
		if answer != "200" && answer != "503" {
			t.Errorf("got %s", answer)
		}
	}
	if s := stderr.String(); s != "" {
		t.Errorf("standard error: %s", s)
	}
}

// memory is what the heap holds after a collection, in MB.
func memory() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
