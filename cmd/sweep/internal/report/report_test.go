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

	"tapenet/cmd/internal/runs/result"
)

// made is a run on 1000 test images of which this many are right; -1 has failed.
func made(network string, batch int, seed uint64, right int) result.Run {
	r := result.Run{
		Settings: result.Settings{
			Network: network, Batch: batch, LR: 0.001, Epochs: 1, Ops: "fused", Seed: seed,
			Images: result.Images{Data: strings.Repeat("ab", 32), Train: 5, Test: 1000, Classes: 10},
		},
		Machine: result.Machine{Processor: "Fast 1", Kernels: "avx2", Workers: 1, Jobs: 2},
		Epochs:  []result.Epoch{{Seconds: 2, Train: result.Metrics{Correct: 1, Loss: 2}, Val: result.Metrics{Correct: right, Loss: 0.5}}},
		Weights: strings.Repeat("cd", 32),
	}
	if right < 0 {
		r.Epochs, r.Weights, r.Failed = []result.Epoch{}, "", "epoch 1, step 1 of 1: the loss is NaN"
	}
	return r
}

func collect(t *testing.T, all ...result.Run) *Runs {
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
func grid() []result.Run {
	return []result.Run{
		made("twolayer", 1024, 1, 700), made("twolayer", 1024, 2, 704), made("onelayer", 200, 2, 902), made("onelayer", 200, 1, 900),
		made("twolayer", 200, 1, 880), made("twolayer", 200, 2, 922), made("onelayer", 1024, 1, 800), made("onelayer", 1024, 2, 804),
	}
}

// TestConflicts: the same run twice is one, unless its results differ; then the
// error names both files. Runs of other data don't mix.
func TestConflicts(t *testing.T) {
	for want, change := range map[string]func(*result.Run){
		"": func(r *result.Run) { r.Epochs[0].Seconds, r.Machine.Processor = 9, "Slow 1" },
		"a/x and b/x are the same run with different results, both with avx2 kernels: keep one of them": func(r *result.Run) { r.Weights = strings.Repeat("ef", 32) },
		"a/x and b/x are the same run with different results, the first with avx2 kernels and the second with generic, which round differently: keep one of them": func(r *result.Run) {
			r.Epochs[0].Val.Loss, r.Machine.Kernels = 0.4, "generic"
		},
		"a/x and b/x are of different data, and their accuracies do not compare": func(r *result.Run) { r.Settings.Data = strings.Repeat("ef", 32) },
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
			got = append(got, fmt.Sprintf("%s %d %.2f %s", c.Network, c.Batch, c.mean, c.verdict))
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("got  %s\nwant %s", text, want)
		}
		for i, r := range all[:len(all)/2] {
			all[i], all[len(all)-1-i] = all[len(all)-1-i], r
		}
	}
}

// TestIntervals: they follow the formulas.
func TestIntervals(t *testing.T) {
	for name, test := range map[string]struct {
		got         accuracy
		reach, mean float64
		of          string
	}{
		"two":   {sample{49, 51}.interval(1000), 12.706204736, 50, ofSeeds},                   // t of one degree of freedom, by √2/√2
		"three": {sample{49, 50, 51}.interval(1000), 4.302652730 / math.Sqrt(3), 50, ofSeeds}, // of two
		"one":   {sample{50}.interval(10000), 1, 50, ofImages},                                // 2·√(0.5·0.5/10,000) = 1 %
		"none":  {sample{}.interval(10), 0, 0, ""},
	} {
		if a := test.got; math.Abs(a.high-a.mean-test.reach) > 1e-6 || math.Abs(a.mean-a.low-test.reach) > 1e-6 || a.mean != test.mean || a.of != test.of {
			t.Errorf("%s: got %+v, want %v ± %v of %s", name, a, test.mean, test.reach, test.of)
		}
	}
	if a := (sample{99, 100}).interval(10); a.high != 100 {
		t.Errorf("got an accuracy of %v %%", a.high)
	}
}

// TestDifferences: p follows the formula of two degrees of freedom, 1 - t/√(t²+2), and
// Holm's correction multiplies the least of m by m, the next by m-1, and lets none
// be less than the one before.
func TestDifferences(t *testing.T) {
	exact := func(t float64) float64 { return 1 - t/math.Sqrt(t*t+2) }
	a := sample{1, 3}
	if got, want := between(a, sample{4, 6}, 10).p, exact(3/math.Sqrt2); math.Abs(got-want) > 1e-9 {
		t.Errorf("got p = %v, want %v", got, want)
	}
	for name, test := range map[string]struct {
		got  difference
		size float64
		want verdict
	}{
		"equal":         {between(a, sample{2}, 10), 0, equal},
		"no spread":     {between(sample{2, 2}, sample{1, 1}, 10), -1, clear},
		"noise":         {between(a, sample{2, 5}, 10), 1.5, noise},
		"one seed":      {between(sample{50}, sample{51}, 10000), 1, noise}, // the images leave 1.41 open
		"one seed, far": {between(sample{50}, sample{52}, 10000), 2, unknown},
	} {
		if test.got.size != test.size || test.got.verdict != test.want {
			t.Errorf("%s: got %+v, want %v %s", name, test.got, test.size, test.want)
		}
	}
	all := make([]config, 4)
	for i, right := range []int{900, 898, 896, 890} {
		for _, more := range []int{-2, 2} {
			all[i].runs = append(all[i].runs, run{accuracy: float64(right+more) / 1000})
		}
		all[i].Test = 1000
	}
	compare(all)
	p := func(points float64) float64 { return exact(points / math.Sqrt(0.04+0.04)) } // the variances of both means
	want := []float64{1, max(p(0.2), 2*p(0.4)), 2 * p(0.4), 3 * p(1)}
	for i, want := range want {
		if got := all[i].difference.p; math.Abs(got-want) > 1e-9 {
			t.Errorf("configuration %d: got p = %v, want %v", i, got, want)
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
		"2 configurations are clearly worse than the best",
		"1 configuration is not clearly worse, so chance may have chosen between them and the best: twolayer, batch 200 (90.10 %).",
		"network: over all other parameters, onelayer does best, 85.15 %. twolayer: 5.00 points less, ",
		"batch: over all other parameters, 200 does best, 90.10 %. 1024: 14.90 points less, clear",
		"The best of 4 was chosen by the images on which it was measured")
	has(collect(t, append(grid(), made("onelayer", 5, 1, -1))...), 3,
		"Not all is there: 3 trainings are missing.", "In 1 configuration a training could not go on")
	has(collect(t, made("onelayer", 200, 1, 900), made("onelayer", 1024, 1, 800)), 0,
		"1 configuration is further from the best than the test images alone leave open; what another seed would change, one seed cannot tell")
	has(collect(t, made("onelayer", 5, 1, -1)), 0, "so none is the best")
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

// TestPictureOfMany: many values lie on a logarithmic axis, and one accuracy or no
// accuracy at all is no reason to divide by 0.
func TestPictureOfMany(t *testing.T) {
	var all []result.Run
	for i := range 10 {
		all = append(all, made("onelayer", 1<<i, 1, 500))
	}
	r := Build(collect(t, all...), 0)
	if len(r.Pictures) != 1 {
		t.Fatalf("got %d pictures", len(r.Pictures))
	}
	text := string(r.Pictures[0])
	step := (frameWidth - 2*frameInside) / 9
	for i := range 10 {
		if want := fmt.Sprintf(`cx="%.5g"`, frameLeft+frameInside+float64(i)*step); !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	none := Build(collect(t, made("onelayer", 1, 1, -1), made("onelayer", 2, 1, -1)), 0)
	for _, p := range none.Pictures {
		if strings.Contains(string(p), "NaN") || strings.Contains(string(p), "Inf") {
			t.Errorf("got %s", p)
		}
	}
}
