package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// tiny is a bench that takes hardly any time, on noise.
func tiny(t *testing.T) *bench {
	t.Helper()
	const images = 40
	set := mnist.Set{Pixels: make([]uint8, images*mnist.Rows*mnist.Cols), Labels: make([]uint8, images)}
	for i := range set.Pixels {
		set.Pixels[i] = uint8(i * i >> 3)
	}
	for i := range set.Labels {
		set.Labels[i] = uint8(i % mnist.Classes)
	}
	b := &bench{dir: t.TempDir(), data: train.Data(set)}
	b.options = options{networks: networks[1:2], batches: []int{20}, workers: 2, repetitions: 2, json: true}
	b.budget = budget{time.Millisecond, time.Millisecond, time.Millisecond, images, images, 20, time.Minute}
	if err := mnist.WriteDir(b.dir, set, set); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReport: the JSON has a number, above zero, wherever there is one.
func TestReport(t *testing.T) {
	b := tiny(t)
	var out bytes.Buffer
	if err := b.run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	var r report
	dec := json.NewDecoder(&out)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		t.Fatal(err)
	}
	above := func(what string, values ...float64) {
		t.Helper()
		for _, v := range values {
			if !(v > 0) {
				t.Errorf("%s: got %v, want numbers above 0", what, values)
			}
		}
	}
	p := r.Processor
	above("processor", p.Peak, p.PeakAll, float64(p.Cores))
	if p.Level != graph.Level() {
		t.Errorf("got level %s, want %s", p.Level, graph.Level())
	}
	if len(r.Steps) != 1 || len(r.Layers) != len(shapes) {
		t.Fatalf("got %d steps and %d layers, want 1 and %d", len(r.Steps), len(r.Layers), len(shapes))
	}
	sum := 0.0
	for _, p := range r.Steps[0].Parts {
		sum += p.Micros.Min
		if p.FLOP > 0 {
			above(p.Name, p.Micros.Min, p.Micros.Median, p.GFLOPS, p.OfPeak)
		}
	}
	whole := r.Steps[0].Parts[len(r.Steps[0].Parts)-1]
	if parts := sum - whole.Micros.Min; whole.Name != "step" || whole.FLOP != 855600 || parts > whole.Micros.Min {
		t.Errorf("got parts of %v µs and a step of %+v", parts, whole)
	}
	for _, l := range r.Layers {
		above(l.Layers, l.Micros.Min, l.Micros.Median, l.GFLOPS, l.OfPeak)
	}
	var trained []string
	for _, e := range r.Epochs {
		trained = append(trained, string(e.Lowering)+e.Level)
		above(e.Level, e.Step.Min, e.Step.Median, e.Epoch.Min, e.Epoch.Median, e.Limit)
		if want := e.Step.Min / 1e3 * epochImages / 20; e.Epoch.Min/want < 0.99 || e.Epoch.Min/want > 1.01 {
			t.Errorf("%s: got an epoch of %v s of steps of %v ms", e.Level, e.Epoch.Min, e.Step.Min)
		}
	}
	all := "fusedavx512 fusedavx2 fusedgeneric gorgonia"
	if got := strings.Join(trained, " "); !strings.HasSuffix(all, got) || !strings.Contains(got, "fusedgeneric") {
		t.Errorf("got epochs of %s", got)
	}
	for _, q := range r.Ratios {
		above(q.Name, q.Value.Min, q.Value.Median, q.Most+q.Least)
	}
	if got := len(r.Ratios); got < 3 { // 4 with AVX-512
		t.Errorf("got %d ratios, want at least 3", got)
	}
}

// TestTables: as text, every part of the report has a table.
func TestTables(t *testing.T) {
	b := tiny(t)
	b.json = false
	var out bytes.Buffer
	if err := b.run(context.Background(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Processor: ", "Training step of twolayer", "Layers forward", "Training twolayer: batch 20, 2 workers", "extrapolated from 40 images", "Ratios of epochs"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output has no %q:\n%s", want, out.String())
		}
	}
}

// TestRatios: goals are upper or lower bounds, and levels the machine lacks have none.
func TestRatios(t *testing.T) {
	epoch := func(lowering graph.Lowering, level string, s float64) *epochTime {
		return &epochTime{Batch: 200, Lowering: lowering, Level: level, Epoch: spread{s, 2 * s}, Limit: 0.5}
	}
	e := epochTimes{epoch(graph.Fused, "avx512", 0.9), epoch(graph.Fused, "avx2", 0.9), epoch(graph.Fused, "generic", 9), epoch(graph.Gorgonia, "", 45)}
	want := ratios{
		{"onelayer", 200, "fused / limit", spread{1.8, 3.6}, 1.7, 0, false},
		{"onelayer", 200, "avx2 / avx512", spread{1, 1}, 1.35, 0, true},
		{"onelayer", 200, "gorgonia / generic", spread{5, 5}, 0, 4, true},
		{"onelayer", 200, "gorgonia / fused", spread{50, 50}, 0, 45, true},
	}
	got := e.ratios(networks[0])
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	if got := len(e[2:].ratios(networks[2])); got != 2 {
		t.Errorf("without AVX and goal: got %d ratios, want 2", got)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	if got := command.Status("bench", &stderr, run(ctx, []string{"-quick"}, nil, &stdout)); got != command.Interrupted || stderr.String() != "bench: interrupted\n" || stdout.Len() > 0 {
		t.Errorf("got exit status %d, %q and %q", got, stderr.String(), stdout.String())
	}
}
