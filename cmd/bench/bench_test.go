package main

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	b.options = options{names: []string{"twolayer"}, batches: []int{20}, workers: 2, repetitions: 2, json: true}
	b.budget = budget{peak: time.Millisecond, step: 50 * time.Millisecond, vector: images, generic: images, gorgonia: 20, answer: time.Minute}
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
	if len(r.Steps) != 1 {
		t.Fatalf("got %d steps, want 1", len(r.Steps))
	}
	flop := 0
	for _, p := range r.Steps[0].Parts {
		flop += p.FLOP
		if p.FLOP > 0 {
			above(p.Name, p.Micros.Min, p.Micros.Median, p.GFLOPS, p.OfPeak)
		}
	}
	whole := r.Steps[0].Parts[len(r.Steps[0].Parts)-1]
	if whole.Name != "step" || whole.FLOP != 855600 || flop != 2*whole.FLOP {
		t.Errorf("got parts of %d FLOP and a step of %+v", flop-whole.FLOP, whole)
	}
	if len(r.Scaling) != 1 || r.Scaling[0].Batch != 20 || len(r.Scaling[0].Rows) != 6 {
		t.Fatalf("got scaling %+v, want one table of 6 numbers of workers", r.Scaling)
	}
	for _, row := range r.Scaling[0].Rows {
		above("computed", row.Computed)
		if row.Workers <= p.Cores {
			above("measured", row.Measured)
		}
	}
	var trained []string
	for _, e := range r.Epochs {
		trained = append(trained, string(e.Lowering)+e.Level)
		above(e.Level, e.Step.Min, e.Step.Median, e.Epoch.Min, e.Epoch.Median, e.Limit)
		if want := e.Step.Min / 1e3 * epochImages / 20; e.Epoch.Min/want < 0.99 || e.Epoch.Min/want > 1.01 {
			t.Errorf("%s: got an epoch of %v s of steps of %v ms", e.Level, e.Epoch.Min, e.Step.Min)
		}
	}
	all := "fused-bf16avx512 fusedavx512 fusedavx2 fusedgeneric gorgonia"
	if runtime.GOARCH == "arm64" {
		all = "fusedneon fusedgeneric gorgonia"
	}
	if got := strings.Join(trained, " "); strings.HasPrefix(got, string(graph.FusedBF16)) != graph.BF16() || !strings.HasSuffix(all, got) || !strings.Contains(got, "fusedgeneric") {
		t.Errorf("got epochs of %s", got)
	}
}

// TestSamples: each step adds a time to every part and to the rest, in µs an image
// of a batch of 200.
func TestSamples(t *testing.T) {
	got, times := samples{}, map[string]time.Duration{}
	for _, step := range []time.Duration{4 * time.Millisecond, 7 * time.Millisecond} {
		times["conv1"] += 2 * time.Millisecond
		times[train.TimeAdam] += time.Millisecond
		times[train.TimeStep] += step
		got.add(times)
	}
	want := samples{"conv1": {10, 10}, train.TimeAdam: {5, 5}, partRest: {5, 20}, train.TimeStep: {20, 35}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
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
	for _, want := range []string{"Processor: ", "Training step of twolayer: ", "more workers, computed: batch 20", "Training twolayer: batch 20, 2 workers", "extrapolated from 40 images"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output has no %q:\n%s", want, out.String())
		}
	}
}

// TestEpochs: each way is compared with the processor's peak and with Gorgonia's
// ops, by the shortest times.
func TestEpochs(t *testing.T) {
	epoch := func(w way, s float64) *epochTime {
		return &epochTime{Network: "onelayer", Batch: 200, Workers: 2, way: w, Step: spread{3, 4}, Epoch: spread{s, 2 * s}, Limit: 0.6}
	}
	s := epochsSection([]*epochTime{epoch(way{graph.Fused, "avx2", epochImages, ""}, 0.75), epoch(way{graph.Gorgonia, "", 2000, ""}, 15)})
	want := "fused, avx2|3.00|4.00|0.750|1.50|25.0|80 %|20.0|\n" +
		"gorgonia|3.00|4.00|15.0|30.0|500|4 %|1.00|extrapolated from 2000 images\n"
	got := ""
	for _, row := range s.Rows {
		got += strings.Join(row, "|") + "\n"
	}
	if got != want || len(s.Columns) != 9 {
		t.Errorf("got %d columns of\n%swant 9 of\n%s", len(s.Columns), got, want)
	}
}

// TestInterrupt: the command says what has no effect before it measures.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	err := run(ctx, []string{"-quick", "-batch", "1024", "-workers", "33"}, nil, &stdout, &stderr)
	const want = "bench: -workers 33: a step of 1024 images uses 32 cores at most\nbench: interrupted\n"
	if got := command.Status("bench", &stderr, err); got != command.Interrupted || stderr.String() != want || stdout.Len() > 0 {
		t.Errorf("got exit status %d, %q and %q", got, stderr.String(), stdout.String())
	}
}
