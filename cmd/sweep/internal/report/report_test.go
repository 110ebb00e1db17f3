package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/runs/training"
	"tapenet/cmd/internal/stats"
)

// made is a run on 1000 test images of which this many are right; -1 has failed.
func made(network string, batch int, seed uint64, right int) training.Run {
	r := training.Run{
		Settings: training.Settings{
			Network: network, Batch: batch, LR: 0.001, Epochs: 1, Ops: "fused", Seed: seed,
			Images: training.Images{Data: strings.Repeat("ab", 32), Train: 5, Test: 1000, Classes: 10},
		},
		Machine: training.Machine{Processor: "Fast 1", Kernels: "avx2", Workers: 1, Jobs: 2},
		Epochs:  []training.Epoch{{Seconds: 2, Train: training.Metrics{Correct: 1, Loss: 2}, Val: training.Metrics{Correct: right, Loss: 0.5}}},
		Weights: strings.Repeat("cd", 32),
	}
	if right < 0 {
		r.Epochs, r.Weights, r.Failed = []training.Epoch{}, "", "epoch 1, step 1 of 1: the loss is NaN"
	}
	return r
}

func collect(t *testing.T, all ...training.Run) *Runs {
	t.Helper()
	var runs Runs
	for _, r := range all {
		if err := runs.Add("runs/"+r.Settings.Name(), r); err != nil {
			t.Fatal(err)
		}
	}
	return &runs
}

// grid are two networks and two batch sizes with two seeds each. The best is
// onelayer with batch 200.
func grid() []training.Run {
	return []training.Run{
		made("twolayer", 1024, 1, 700), made("twolayer", 1024, 2, 704), made("onelayer", 200, 2, 902), made("onelayer", 200, 1, 900),
		made("twolayer", 200, 1, 880), made("twolayer", 200, 2, 922), made("onelayer", 1024, 1, 800), made("onelayer", 1024, 2, 804),
	}
}

// TestConflicts: the same run twice is one, unless its results differ; then the
// error names both files. Runs of other data don't mix.
func TestConflicts(t *testing.T) {
	for want, change := range map[string]func(*training.Run){
		"": func(r *training.Run) { r.Epochs[0].Seconds, r.Machine.Processor = 9, "Slow 1" },
		"a/x and b/x are the same run with different results, both with avx2 kernels: keep one of them": func(r *training.Run) { r.Weights = strings.Repeat("ef", 32) },
		"a/x and b/x are the same run with different results, the first with avx2 kernels and the second with generic, which round differently: keep one of them": func(r *training.Run) {
			r.Epochs[0].Val.Loss, r.Machine.Kernels = 0.4, "generic"
		},
		"a/x and b/x are of different data, and their accuracies do not compare": func(r *training.Run) { r.Settings.Data = strings.Repeat("ef", 32) },
	} {
		var runs Runs
		if err := runs.Add("a/x", made("onelayer", 200, 1, 900)); err != nil {
			t.Fatal(err)
		}
		r := made("onelayer", 200, 1, 900)
		change(&r)
		err := runs.Add("b/x", r)
		if want == "" && (err != nil || runs.Len() != 1) || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

// TestOrder: the best mean is first, a configuration with a failed run last, and the
// order of the files has no part in it.
func TestOrder(t *testing.T) {
	all := append(grid(), made("onelayer", 5, 1, -1), made("onelayer", 5, 2, 999))
	want := "onelayer 200 90.10 best, twolayer 200 90.10 equal, onelayer 1024 80.20 clear, twolayer 1024 70.20 clear, onelayer 5 99.90 failed"
	for range 2 {
		var got []string
		for _, c := range collect(t, all...).configs() {
			got = append(got, fmt.Sprintf("%s %d %.2f %s", c.Network, c.Batch, c.accuracy.Mean, c.verdict))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
		for i, r := range all[:len(all)/2] {
			all[i], all[len(all)-1-i] = all[len(all)-1-i], r
		}
	}
}

// TestCompare: each configuration is compared with the best. The p of two degrees of
// freedom is 1 - t/√(t²+2), and Holm's correction multiplies the least of three by 3,
// the next by 2, and lets none be less than the one before. The images leave
// 2·√(2·9/1000) = 2.7 points open.
func TestCompare(t *testing.T) {
	all := make([]config, 5)
	for i, right := range []int{900, 898, 880, 850, 999} {
		for _, more := range []int{-1, 1} {
			all[i].runs = append(all[i].runs, run{accuracy: float64(right+more) / 1000})
		}
		all[i].Test = 1000
	}
	all[4].runs[0].failed = "why"
	compare(all)
	p := func(points float64) float64 { t := points / math.Sqrt(0.01+0.01); return 1 - t/math.Sqrt(t*t+2) } // the variances of both means
	for i, want := range []struct {
		p       float64
		verdict string
	}{{1, "best"}, {p(0.2), "noise"}, {2 * p(2), "slight"}, {3 * p(5), "clear"}, {1, "failed"}} {
		if got := all[i]; math.Abs(got.difference.P-want.p) > 1e-9 || got.verdict != want.verdict {
			t.Errorf("configuration %d: got %s, p = %v, want %s, %v", i, got.verdict, got.difference.P, want.verdict, want.p)
		}
	}
}

// TestComparisons: the tests of all parameters are corrected together. The p are those
// of TestCompare: alone, 0.7 and 0.8 points would be p = 0.038 and 0.030.
func TestComparisons(t *testing.T) {
	var all []training.Run
	for i, less := range []int{0, 7, 50} {
		for seed, more := range []int{-1, 1} {
			right := 900 - less + more
			all = append(all, made("onelayer", i+1, uint64(seed), right), made("twolayer", i+1, uint64(seed), right-8))
		}
	}
	p := func(points float64) float64 { t := points / math.Sqrt(0.01+0.01); return 1 - t/math.Sqrt(t*t+2) }
	of, tests := comparisons(collect(t, all...).configs())
	if len(of) != 2 || tests != 3 {
		t.Fatalf("got %d parameters and %d tests, want 2 and 3", len(of), tests)
	}
	for _, want := range []struct {
		got     effect
		value   string
		p       float64
		verdict stats.Verdict
	}{
		{of[0].effects[1], "twolayer", 2 * p(0.8), stats.Noise},
		{of[1].effects[1], "2", 2 * p(0.8), stats.Noise}, // no less than the one before
		{of[1].effects[2], "3", 3 * p(5), stats.Clear},
	} {
		if d := want.got.difference; want.got.value != want.value || math.Abs(d.P-want.p) > 1e-9 || d.Verdict != want.verdict {
			t.Errorf("got %s: %v, p = %v, want %s: %v, %v", want.got.value, d.Verdict, d.P, want.value, want.verdict, want.p)
		}
	}
}

// TestClaims: what is said follows from the runs.
func TestClaims(t *testing.T) {
	has := func(runs *Runs, missing int, want ...string) {
		t.Helper()
		r := Build(runs, missing)
		text := strings.Join(r.Claims, "\n") + "\n" + strings.Join(r.Notes, "\n")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("no %q in\n%s", w, text)
			}
		}
	}
	has(collect(t, grid()...), 0,
		"onelayer, batch 200 did best: 90.10 % (88.83 to 91.37).",
		"2 configurations are clearly worse than the best (Welch's t-test, p < 0.05 after Holm's correction for 3 tests).",
		"1 configuration cannot be told apart from the best, which chance may have chosen: twolayer, batch 200 (90.10 %).",
		"network: over all other parameters, onelayer does best, 85.15 %. twolayer: 5.00 points less, ",
		"batch: over all other parameters, 200 does best, 90.10 %. 1024: 14.90 points less, within the noise (p = 0.081).", // one test alone: p = 0.041
		"Values of a parameter are compared by Welch's t-test too; each p is after Holm's correction for 2 tests.",
		"The best of 4 was chosen by the images on which it was measured")
	has(collect(t, append(grid(), made("onelayer", 5, 1, -1))...), 3,
		"Not all is there: 3 trainings are missing.", "In 1 configuration a training could not go on")
	has(collect(t, made("onelayer", 200, 1, 900), made("onelayer", 1024, 1, 800)), 0,
		"1 configuration is further from the best than the test images alone leave open; what another seed would change, one seed cannot tell")
	has(collect(t, made("onelayer", 5, 1, -1)), 0, "so none is the best")
	var same []training.Run // the images leave 2·√(2·25/1000) = 0.45 points open
	for i := range 8 {
		same = append(same, made("onelayer", 1+i, 1, 500-i/4))
	}
	has(collect(t, same...), 0,
		"7 configurations cannot be told apart from the best, which chance may have chosen: batch 2 (50.00 %); batch 3 (50.00 %); batch 4 (50.00 %); batch 5 (49.90 %); batch 6 (49.90 %); and 2 more.")
	var slight []training.Run // 5 points apart, of which the images leave 4.47 open; 2 are within
	for seed := range uint64(3) {
		slight = append(slight, made("onelayer", 1, seed, 520), made("onelayer", 2, seed, 500), made("onelayer", 3, seed, 470))
	}
	has(collect(t, slight...), 0,
		"1 configuration is clearly worse than the best (Welch's t-test, p < 0.05 after Holm's correction for 2 tests).",
		"1 configuration is slightly worse than the best (Welch's t-test, p < 0.05 after Holm's correction for 2 tests).",
		"batch: over all other parameters, 1 does best, 52.00 %. 2: 2.00 points less, slight (p < 0.001); 3: 5.00 points less, clear (p < 0.001).",
		"slight if it is within two standard errors of the test images")
	generic := made("onelayer", 200, 2, 900)
	generic.Machine.Kernels = "generic"
	has(collect(t, generic, made("onelayer", 200, 1, 900)), 0, "onelayer, batch 200, lr 0.001, epochs 1 did best", "different kernels, which round differently: avx2, generic.")
	if r := Build(collect(t, grid()[1:]...), 0); strings.Contains(strings.Join(r.Claims, ""), "over all other parameters") {
		t.Errorf("values are compared though a seed is missing: %q", r.Claims)
	}
}

// TestFiles: the tables have all configurations and runs, and the page is well
// formed, with a picture for each parameter that varies.
func TestFiles(t *testing.T) {
	all := append(grid(), made("onelayer", 5, 1, -1))
	r := Build(collect(t, all...), 0)
	var b bytes.Buffer
	if err := r.CSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 6 {
		t.Fatalf("got %d lines, error %v", len(lines), err)
	}
	want := []string{"1", "onelayer", "200", "0.001", "1", "fused", "5", "2", "0", "0.901"}
	if diff := cmp.Diff(want, lines[1][:10]); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
	if err := r.JSONL(&b); err != nil {
		t.Fatal(err)
	}
	runs := 0
	for dec := json.NewDecoder(&b); ; {
		var c row
		if err := dec.Decode(&c); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		runs += len(c.Runs)
	}
	if runs != len(all) {
		t.Errorf("got %d runs, want %d", runs, len(all))
	}
	if err := r.HTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if strings.Contains(page, "ZgotmplZ") || strings.Count(page, "<svg ") != 2 || strings.Count(page, `class="point"`) != 2*4 {
		t.Errorf("got %d pictures with %d points", strings.Count(page, "<svg "), strings.Count(page, `class="point"`))
	}
	for _, p := range r.Pictures {
		if err := xml.Unmarshal([]byte(p), new(struct{})); err != nil || strings.Contains(string(p), "NaN") || strings.Contains(string(p), "Inf") {
			t.Errorf("%v in\n%s", err, p)
		}
	}
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "90.10") {
		t.Errorf("error %v", err)
	}
}
