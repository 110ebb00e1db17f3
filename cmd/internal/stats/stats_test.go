package stats

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"testing"
)

// near expects a number to a tolerance.
func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s: got %v, want %v", name, got, want)
	}
}

//go:embed testdata/tests.json
var recorded []byte

// TestAgainstScipy: tests, intervals and corrections are those of scipy and
// statsmodels.
func TestAgainstScipy(t *testing.T) {
	var want struct {
		Pairs []struct {
			A, B, Changes                 Sample
			Welch, Zero, Low, High, Reach float64
		}
		Families []struct{ P, Holm []float64 }
	}
	if err := json.Unmarshal(recorded, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Pairs) != 24 || len(want.Families) != 5 {
		t.Fatalf("%d pairs and %d families", len(want.Pairs), len(want.Families))
	}
	for i, w := range want.Pairs {
		name := func(what string) string { return fmt.Sprint("pair ", i, ", ", what) }
		near(t, name("Welch"), Between(w.A, w.B, 0).P/w.Welch, 1, 1e-7)
		near(t, name("from 0"), FromZero(w.Changes, 0).P/w.Zero, 1, 1e-7)
		v := w.A.Interval(1)
		near(t, name("low"), v.Low, max(0, w.Low), 1e-9)
		near(t, name("high"), v.High, min(100, w.High), 1e-9)
		near(t, name("reach"), w.A.Reach(), w.Reach, 1e-9)
	}
	for i, w := range want.Families {
		var family []*Difference
		for _, p := range w.P {
			family = append(family, &Difference{P: p, Tested: true})
		}
		Holm(family)
		for j, d := range family {
			near(t, fmt.Sprint("family ", i), d.P, w.Holm[j], 1e-14)
		}
	}
}

// TestSample: numbers from tables and textbooks.
func TestSample(t *testing.T) {
	s := Sample{2, 4, 4, 4, 5, 5, 7, 9} // squared deviations 32
	near(t, "mean", s.Mean(), 5, 0)
	near(t, "sd", s.sd(), math.Sqrt(32./7), 1e-15)
	near(t, "median", s.Median(), 4.5, 0)
	near(t, "quartile", Sample{1, 2, 3, 4, 5}.Quantile(.25), 2, 0)
	near(t, "sd of one", Sample{3}.sd(), 0, 0)
	near(t, "median of one", Sample{3}.Median(), 3, 0)
	near(t, "mean of none", Sample{}.Mean(), 0, 0)
	for want, got := range map[string]string{"5.0 ± 2.1": s.Format("%.1f"), "3.00": Sample{3}.Format("%.2f")} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestIntervals: they follow the formulas.
func TestIntervals(t *testing.T) {
	for name, test := range map[string]struct {
		got         Interval
		mean, reach float64
		of          string
	}{
		"two":   {Sample{49, 51}.Interval(1000), 50, 12.706204736, OfSeeds},                   // t of one degree of freedom, by √2/√2
		"three": {Sample{49, 50, 51}.Interval(1000), 50, 4.302652730 / math.Sqrt(3), OfSeeds}, // of two
		"one":   {Sample{50}.Interval(10000), 50, 1, OfImages},                                // 2·√(0.5·0.5/10,000) = 1 %
		"none":  {Sample{}.Interval(10), 0, 0, ""},
	} {
		near(t, name, test.got.Mean, test.mean, 0)
		near(t, name+", low", test.got.Low, test.mean-test.reach, 1e-6)
		near(t, name+", high", test.got.High, test.mean+test.reach, 1e-6)
		if test.got.Of != test.of {
			t.Errorf("%s: of %q, want %q", name, test.got.Of, test.of)
		}
	}
	near(t, "no more than all", Sample{99, 100}.Interval(10).High, 100, 0)
	near(t, "no less than none", Sample{0, 1}.Interval(10).Low, 0, 0)
	near(t, "reach", Sample{1, 3}.Reach(), 12.706204736*math.Sqrt2*math.Sqrt(1.5), 1e-6)
	near(t, "image noise", ImageNoise(50, 50, 10000), 2*math.Sqrt(0.5), 1e-12) // √(2·0.25/10,000) = 0.707 %
}

// TestFormulas: for few degrees of freedom, p is a formula.
func TestFormulas(t *testing.T) {
	// Two degrees of freedom: p = 1 - t/√(t²+2), t = 3/√((2+2)/2) here.
	near(t, "between", Between(Sample{1, 3}, Sample{4, 6}, 0).P, 1-2.1213203435596424/math.Sqrt(2.1213203435596424*2.1213203435596424+2), 1e-9)
	near(t, "between, swapped", Between(Sample{4, 6}, Sample{1, 3}, 0).P, Between(Sample{1, 3}, Sample{4, 6}, 0).P, 0)
	near(t, "from zero", FromZero(Sample{-3, -1}, 0).P, 2*math.Atan(1/2.)/math.Pi, 1e-9)                // t = 2, one degree of freedom
	near(t, "from a value", FromValue(4, Sample{1, 3}, 0).P, 2*math.Atan(math.Sqrt(3)/2)/math.Pi, 1e-9) // t = 2/√(2·1.5), one degree of freedom
}

// TestVerdicts: what a difference is worth, and its p where no t-test gives it.
func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		name string
		got  Difference
		want Difference
	}{
		{"equal", Between(Sample{1, 1}, Sample{1, 1}, 0), Difference{0, Equal, 1, true}},
		{"equal but for rounding", Between(Sample{1}, Sample{1 + 0x1p-40}, 0), Difference{0x1p-40, Equal, 1, false}},
		{"a side of one, small", Between(Sample{1}, Sample{2, 4}, 2), Difference{2, Noise, 1, false}},
		{"a side of one", Between(Sample{2, 4}, Sample{1}, 1.9), Difference{-2, Unknown, 1, false}},
		{"no spread", Between(Sample{1, 1}, Sample{3, 3, 3}, 1.9), Difference{2, Clear, 0, true}},
		{"slight", Between(Sample{3, 3}, Sample{1, 1, 1}, 2), Difference{-2, Slight, 0, true}},
		{"zeros", FromZero(Sample{0, 0}, 0), Difference{0, Equal, 1, true}},
		{"ones", FromZero(Sample{1, 1}, 0), Difference{1, Clear, 0, true}},
		{"one value", FromValue(3, Sample{5}, 0), Difference{2, Unknown, 1, false}},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
	// With two degrees of freedom p is 0.05 at t = 4.303: for 0 ± 1 and d ± 1 at d = 6.085.
	for d, want := range map[float64]Verdict{6.08: Noise, 6.09: Clear} {
		if got := Between(Sample{-1, 1}, Sample{d - 1, d + 1}, 1); got.Verdict != want {
			t.Errorf("%v: got %v, want %v", d, got, want)
		}
	}
	for v, want := range map[Verdict][2]string{Slight: {"slight", "slightly"}, Clear: {"clear", "clearly"}} {
		if v.String() != want[0] || v.Adverb() != want[1] {
			t.Errorf("got %v and %s, want %s", v, v.Adverb(), want)
		}
	}
}

// TestHolm: the least of three tests is multiplied by 3, the next by 2, and none is
// less than the one before or more than 1. One that chance may have made by now
// is noise; equal numbers count as a test, one without a test does not.
func TestHolm(t *testing.T) {
	test := func(v Verdict, p float64, tested bool) *Difference { return &Difference{1, v, p, tested} }
	all := []*Difference{
		test(Equal, 1, true), test(Clear, 0.03, true), test(Unknown, 1, false), test(Slight, 0.01, true), test(Noise, 0.5, true), test(Slight, 0.0294, true),
	}
	Holm(all)
	for i, want := range []Difference{{1, Equal, 1, true}, {1, Noise, 0.1176, true}, {1, Unknown, 1, false}, {1, Noise, 0.05, true}, {1, Noise, 1, true}, {1, Noise, 0.1176, true}} {
		got := *all[i]
		near(t, "p", got.P, want.P, 1e-15)
		if got.P = want.P; got != want {
			t.Errorf("%d: got %v, want %v", i, got, want)
		}
	}
}

func TestFormatP(t *testing.T) {
	for p, want := range map[float64]string{0: "p < 0.001", 0.0004: "p < 0.001", 0.0123: "p = 0.012", 0.5: "p = 0.5"} {
		if got := FormatP(p); got != want {
			t.Errorf("%v: got %s, want %s", p, got, want)
		}
	}
}
