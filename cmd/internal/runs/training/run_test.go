package training

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tapenet/graph"
)

// sound is a run that passes all checks.
func sound() Run {
	return Run{
		Settings: Settings{
			Network: "twolayer", Batch: 200, LR: 0.001, Epochs: 1, Ops: graph.Fused, Seed: 3,
			Images: Images{Data: strings.Repeat("ab", 32), Train: 5, Test: 4, Classes: 10},
		},
		Machine: Machine{Processor: `a "fast" <one>`, Kernels: "avx2", Workers: 2, Jobs: 1},
		Epochs:  []Epoch{{Seconds: 0.1, Train: Metrics{1, 2.3}, Val: Metrics{2, 1.0 / 3}}},
		Weights: strings.Repeat("0123456789abcdef", 4),
	}
}

// fileOf is the file of a run that is sound but for a change.
func fileOf(t *testing.T, change func(*Run)) string {
	t.Helper()
	r := sound()
	change(&r)
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	for name, change := range map[string]func(*Run){
		"sound":  func(*Run) {},
		"failed": func(r *Run) { r.Epochs, r.Weights, r.Failed = []Epoch{}, "", "the loss is NaN" },
		"seed":   func(r *Run) { r.Settings.Seed = 1<<64 - 1 },
		"before": func(r *Run) { r.Machine.Cores, r.Machine.System, r.Machine.Go = 0, "", "" },
		"details": func(r *Run) {
			r.Details = &Details{Mistakes: []Mistake{{Image: 1, Truth: 3, Guess: 8, PGuess: 0.6, PTruth: 0.1}}, Filters: Filters{Side: 1, Kernels: [][]float32{{0.1}}, Biases: []float32{-1e-9}}}
		},
	} {
		want := sound()
		change(&want)
		got, err := Read(strings.NewReader(fileOf(t, change)))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: error %v; want (-) got (+):\n%s", name, err, diff)
		}
	}
}

// TestReadErrors: one thing is wrong in each row.
func TestReadErrors(t *testing.T) {
	whole := fileOf(t, func(*Run) {})
	replace := func(old, with string) string {
		if strings.Count(whole, old) != 1 {
			t.Fatalf("the file has %q %d times", old, strings.Count(whole, old))
		}
		return strings.Replace(whole, old, with, 1)
	}
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "not a file of the format"},
		{"cut", whole[:len(whole)/2], "not a file of the format"},
		{"the last byte cut", whole[:len(whole)-1], "damaged or edited"},
		{"more after it", whole + "{}", "not a file of the format"},
		{"a line more", whole + "\n", "damaged or edited"},
		{"newer", replace("run 1", "run 2"), `got format "tapenet run 2", want "tapenet run 1"`},
		{"another number", replace("2.3", "2.4"), "damaged or edited"},
		{"another seed", replace(`"seed": 3`, `"seed": 4`), "damaged or edited"},
		{"a field missing", regexp.MustCompile(`\s*"seed": 3,`).ReplaceAllString(whole, ""), "damaged or edited"},
		{"a field twice", replace(`"seed": 3,`, `"seed": 3, "seed": 3,`), "damaged or edited"},
		{"an unknown field", replace(`"seed": 3,`, `"seed": 3, "sead": 3,`), "damaged or edited"},
		{"another checksum", replace(`"sha256": "`, `"sha256": "0`), "damaged or edited"},
		{"other network", fileOf(t, func(r *Run) { r.Settings.Network = "threelayer" }), `got network "threelayer", want one of onelayer, twolayer`},
		{"other ops", fileOf(t, func(r *Run) { r.Settings.Ops = "" }), `got ops "", want one of`},
		{"no batch", fileOf(t, func(r *Run) { r.Settings.Batch = 0 }), "got batch 0 and 1 epochs, want at least 1"},
		{"no epoch", fileOf(t, func(r *Run) { r.Settings.Epochs = 0 }), "got batch 200 and 0 epochs"},
		{"no rate", fileOf(t, func(r *Run) { r.Settings.LR = 0 }), "got learning rate 0"},
		{"no data", fileOf(t, func(r *Run) { r.Settings.Data = "ab" }), "got data {Data:ab"},
		{"no images", fileOf(t, func(r *Run) { r.Settings.Test = 0 }), "Test:0"},
		{"no machine", fileOf(t, func(r *Run) { r.Machine.Workers = 0 }), "got machine {"},
		{"an epoch too many", fileOf(t, func(r *Run) { r.Epochs = append(r.Epochs, r.Epochs[0]) }), "got 2 epochs, want 1"},
		{"an epoch too few", fileOf(t, func(r *Run) { r.Epochs = []Epoch{} }), "got 0 epochs, want 1"},
		{"too many right", fileOf(t, func(r *Run) { r.Epochs[0].Val.Correct = 5 }), "epoch 1: got 5 correct of 4 images"},
		{"fewer than none right", fileOf(t, func(r *Run) { r.Epochs[0].Train.Correct = -1 }), "epoch 1: got -1 correct of 5 images"},
		{"loss below 0", fileOf(t, func(r *Run) { r.Epochs[0].Val.Loss = -1 }), "loss -1"},
		{"no time", fileOf(t, func(r *Run) { r.Epochs[0].Seconds = 0 }), "epoch 1: got 0 seconds"},
		{"no weights", fileOf(t, func(r *Run) { r.Weights = "" }), `got weights "" and failure ""`},
		{"cores below 0", fileOf(t, func(r *Run) { r.Machine.Cores = -1 }), "got machine {"},
		{"details of a failure", fileOf(t, func(r *Run) { r.Failed, r.Weights, r.Details = "x", "", &Details{} }), "got details of a training that failed"},
		{"weights of a failure", fileOf(t, func(r *Run) { r.Failed = "x" }), `and failure "x"`},
	} {
		_, err := Read(strings.NewReader(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", test.name, err, test.want)
		}
	}
}

// TestDamage: no change of one byte goes unnoticed.
func TestDamage(t *testing.T) {
	whole := []byte(fileOf(t, func(*Run) {}))
	rapid.Check(t, func(t *rapid.T) {
		text := bytes.Clone(whole)
		text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] ^= rapid.ByteRange(1, 255).Draw(t, "bits")
		if _, err := Read(bytes.NewReader(text)); err == nil {
			t.Errorf("a damaged file was read:\n%s", text)
		}
	})
}

// TestNames: every setting has a part in the name, and where and how fast a run was
// trained has none.
func TestNames(t *testing.T) {
	const want = "twolayer_batch200_lr0.001_epochs1_seed3_"
	seen := map[string]string{}
	for what, change := range map[string]func(*Settings){
		"none": func(*Settings) {}, "network": func(s *Settings) { s.Network = "onelayer" }, "batch": func(s *Settings) { s.Batch++ },
		"lr": func(s *Settings) { s.LR *= 2 }, "epochs": func(s *Settings) { s.Epochs++ }, "ops": func(s *Settings) { s.Ops = graph.Gorgonia },
		"seed": func(s *Settings) { s.Seed++ }, "data": func(s *Settings) { s.Data = strings.Repeat("cd", 32) },
		"train": func(s *Settings) { s.Train++ }, "test": func(s *Settings) { s.Test++ }, "classes": func(s *Settings) { s.Classes++ },
	} {
		s := sound().Settings
		change(&s)
		name := s.Name()
		if other, ok := seen[name]; ok {
			t.Errorf("%s and %s give the name %s", what, other, name)
		}
		seen[name] = what
		if what == "none" && !regexp.MustCompile("^"+regexp.QuoteMeta(want)+`[0-9a-f]{12}\.json$`).MatchString(name) {
			t.Errorf("got name %s, want %s and a hash", name, want)
		}
	}
}

// TestDigest: times and machines don't count, all else does.
func TestDigest(t *testing.T) {
	for want, changes := range map[bool][]func(*Run){
		true:  {func(r *Run) { r.Epochs[0].Seconds++ }, func(r *Run) { r.Machine = Machine{} }, func(r *Run) { r.Details = &Details{} }},
		false: {func(r *Run) { r.Epochs[0].Val.Loss++ }, func(r *Run) { r.Weights = "" }, func(r *Run) { r.Settings.Seed++ }, func(r *Run) { r.Failed = "x" }},
	} {
		for i, change := range changes {
			r := sound()
			change(&r)
			if got := r.Digest() == sound().Digest(); got != want {
				t.Errorf("change %d: equal is %v, want %v", i, got, want)
			}
		}
	}
}

// FuzzRead: whatever is read is written again as it was.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := sound().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := r.Write(&again); err != nil || !bytes.Equal(again.Bytes(), data) {
			t.Errorf("error %v; %d bytes became %d", err, len(data), again.Len())
		}
	})
}
