package result

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/errors"

	"tapenet/cmd/internal/data"
)

// The labels of four test images and the settings of these tests: one epoch at
// most.
var (
	labels   = []uint8{3, 1, 4, 1}
	settings = Settings{Data: strings.Repeat("ab", 32), Train: 5, Test: 4, Epochs: 1}
)

// sound is a run that passes all checks: half of the images are wrong.
func sound(k int, seed uint64) Run {
	return Run{
		Config: k, Seed: seed,
		Machine:  Machine{Processor: `a "fast\" one, {new}`, Kernels: "avx2", Workers: 2},
		Epochs:   []Epoch{{Seconds: 0.1, Train: Metrics{0.2, 2.3}, Val: Metrics{0.5, 1.0 / 3}}},
		Test:     Metrics{0.5, 1.0 / 3},
		Mistakes: []Mistake{{Image: 0, Truth: 3, Guess: 8, PGuess: 0.6, PTruth: 0.1}, {Image: 2, Truth: 4, Guess: 9, PGuess: 0.25, PTruth: 0.25}},
		Filters:  Filters{Side: 2, Kernels: [][]float32{{0.1, -0.2, 1e-9, 4}}},
	}
}

func write(t *testing.T, s Settings, runs []Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, s, runs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestRoundTrip: what is read is what was written; the file has lines,
// for people to read.
func TestRoundTrip(t *testing.T) {
	runs := []Run{sound(2, 1), sound(1, 1<<64-1), sound(1, 3)}
	runs[0].Mistakes, runs[0].Test.Accuracy, runs[0].Epochs[0].Val.Accuracy = []Mistake{}, 1, 1
	text := write(t, settings, runs)
	got, err := Read(bytes.NewReader(text), settings, labels)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(runs, got); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
	for _, line := range []string{`			"mistakes": [],`, `					"image": 0,`} {
		if !strings.Contains(string(text), "\n"+line+"\n") {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
}

// TestWrite: writing run by run gives the text of the whole file.
func TestWrite(t *testing.T) {
	for n := range 4 {
		f := file{Format: format, Settings: settings.Of([]int{3, 28, 28}, 12), Runs: []Run{}}
		for seed := range uint64(n) {
			r := sound(1, seed)
			r.Machine.Processor = "<&>\u2028"
			f.Runs = append(f.Runs, r)
		}
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if f.SHA256, err = checksum(text); err != nil {
			t.Fatal(err)
		}
		want, err := json.MarshalIndent(f, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		got := write(t, f.Settings, f.Runs)
		if diff := cmp.Diff(string(want)+"\n", string(got)); diff != "" {
			t.Errorf("%d runs: want (-) got (+):\n%s", n, diff)
		}
	}
	runs := []Run{sound(1, 1), sound(2, 1)}
	for n := range len(write(t, settings, runs)) { // bytes that can be written
		if err := Write(&full{n}, settings, runs); err == nil || err.Error() != "full" {
			t.Errorf("a disk with %d bytes: got error %v", n, err)
		}
	}
}

// full is a disk with so many bytes left, on which somebody makes room once it is
// full.
type full struct{ left int }

func (f *full) Write(text []byte) (int, error) {
	if f.left -= len(text); f.left < 0 {
		f.left = 1 << 20
		return 0, errors.New("full")
	}
	return len(text), nil
}

// TestReadErrors: one thing is wrong in each row.
func TestReadErrors(t *testing.T) {
	whole := string(write(t, settings, []Run{sound(1, 1)}))
	unsigned := func(text string) string { return strings.Replace(text, format, formatBefore, 1) }
	run := func(change func(*Run)) string {
		r := sound(1, 1)
		change(&r)
		return string(write(t, settings, []Run{r}))
	}
	with := func(change func(*Settings)) string {
		s := settings
		change(&s)
		return string(write(t, s, nil))
	}
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "not a file of results: unexpected end of JSON input"},
		{"cut", whole[:len(whole)/2], "not a file of results: unexpected end of JSON input"},
		{"text", "epoch,accuracy", "not a file of results: invalid character"},
		{"a list", "[]", "not a file of results: json: cannot unmarshal array"},
		{"other JSON", "{}", `got format "", want "tapenet compare 2"`},
		{"newer", strings.Replace(whole, "compare 2", "compare 3", 1), `got format "tapenet compare 3", want "tapenet compare 2"`},
		{"more after it", whole + "{}", "not a file of results: invalid character '{' after top-level value"},
		{"unknown field", strings.Replace(whole, `"seed"`, `"sead"`, 1), `runs[0]: unknown field "sead"`},
		{"infinite", strings.Replace(whole, "2.3", "1e999", 1), "cannot unmarshal number 1e999"},
		{"another number", strings.Replace(whole, "2.3", "2.4", 1), `damaged: the sha256 of settings and runs is "`},
		{"no checksum", regexp.MustCompile(`\s*"sha256": "\w+",`).ReplaceAllString(whole, ""), `the file says ""`},
		{"a checksum too early", unsigned(whole), `damaged: the sha256 of settings and runs is ""`},
		{"other data", with(func(s *Settings) { s.Data = "cd" }), "results of other settings: data with the SHA-256 cd, want abab"},
		{"other limit", with(func(s *Settings) { s.Train = 6 }), "results of other settings: -limit, images to train on: 6, want 5"},
		{"other test images", with(func(s *Settings) { s.Test = 6 }), "images to test on: 6, want 4"},
		{"other epochs", with(func(s *Settings) { s.Epochs = 0 }), "-epochs 0, want 1"},
		{"other images", with(func(s *Settings) { *s = s.Of([]int{3, 28, 28}, 10) }), "results of other settings: images of 3×28×28, want 1×28×28"},
		{"other classes", with(func(s *Settings) { *s = s.Of([]int{1, 28, 28}, 11) }), "results of other settings: classes: 11, want 10"},
		{"classes below 0", with(func(s *Settings) { s.Classes = -1 }), "results of other settings: classes: -1, want 10"},
		{"configuration 0", run(func(r *Run) { r.Config = 0 }), "run 1 of 1: got configuration 0, want 1 to 4"},
		{"configuration 5", run(func(r *Run) { r.Config = 5 }), "got configuration 5, want 1 to 4"},
		{"no epoch", run(func(r *Run) { r.Epochs = []Epoch{} }), "got 0 epochs, want 1"},
		{"epoch too many", run(func(r *Run) { r.Epochs = append(r.Epochs, r.Epochs...) }), "got 2 epochs, want 1"},
		{"no time", run(func(r *Run) { r.Epochs[0].Seconds = 0 }), "epoch 1: got 0 seconds, want at least 1e-09 and less than a day, 86400"},
		{"less than a nanosecond", run(func(r *Run) { r.Epochs[0].Seconds = 5e-324 }), "epoch 1: got 5e-324 seconds, want at least 1e-09"},
		{"time runs back", run(func(r *Run) { r.Epochs[0].Seconds = -1 }), "epoch 1: got -1 seconds"},
		{"a day", run(func(r *Run) { r.Epochs[0].Seconds = 86400 }), "epoch 1: got 86400 seconds"},
		{"for ever", run(func(r *Run) { r.Epochs[0].Seconds = 1.7e308 }), "epoch 1: got 1.7e+308 seconds"},
		{"accuracy above 1", run(func(r *Run) { r.Epochs[0].Train.Accuracy = 1.1 }), "epoch 1: train: got accuracy 1.1, want 0 to 1"},
		{"accuracy below 0", run(func(r *Run) { r.Epochs[0].Val.Accuracy = -1 }), "epoch 1: val: got accuracy -1, want 0 to 1"},
		{"half a training image", run(func(r *Run) { r.Epochs[0].Train.Accuracy = 0.1 }), "epoch 1: train: got accuracy 0.1, want a whole number of the 5 images, such as 1: 0.2"},
		{"half a test image", run(func(r *Run) { r.Epochs[0].Val.Accuracy, r.Test.Accuracy = 0.6, 0.6 }), "epoch 1: val: got accuracy 0.6, want a whole number of the 4 images, such as 2: 0.5"},
		{"loss below 0", run(func(r *Run) { r.Epochs[0].Val.Loss = -1 }), "epoch 1: val: got loss -1, want 0 to 1000000"},
		{"loss out of reach", run(func(r *Run) { r.Epochs[0].Val.Loss, r.Test.Loss = 1e308, 1e308 }), "epoch 1: val: got loss 1e+308, want 0 to 1000000"},
		{"another test accuracy", run(func(r *Run) { r.Test.Accuracy = 0.25 }), "test: got accuracy 0.25 and loss 0.3333333333333333, want those of the last validation, 0.5 and"},
		{"another test loss", run(func(r *Run) { r.Test.Loss = 0.3 }), "test: got accuracy 0.5 and loss 0.3, want those of the last validation"},
		{"no worker", run(func(r *Run) { r.Machine.Workers = 0 }), "got 0 workers, want 1 to 32"},
		{"workers without number", run(func(r *Run) { r.Machine.Workers = 1e9 }), "got 1000000000 workers, want 1 to 32"},
		{"no processor", run(func(r *Run) { r.Machine.Processor = "" }), `got processor "", want its name`},
		{"no kernels", run(func(r *Run) { r.Machine.Kernels = "" }), `got kernels "", want their instruction set`},
		{"no such image", run(func(r *Run) { r.Mistakes[1].Image = 4 }), "mistake 2: got image 4, want one of 4"},
		{"image below 0", run(func(r *Run) { r.Mistakes[0].Image = -1 }), "mistake 1: got image -1, want one of 4"},
		{"image twice", run(func(r *Run) { r.Mistakes[1].Image = 0 }), "mistake 2: got image 0 after 0, want them in order"},
		{"another truth", run(func(r *Run) { r.Mistakes[1].Truth = 5 }), "mistake 2: got truth 5 for image 2, want 4"},
		{"guess 10", run(func(r *Run) { r.Mistakes[0].Guess = 10 }), "mistake 1: got guess 10, want another of 10 classes than 3"},
		{"no mistake", run(func(r *Run) { r.Mistakes[0].Guess = 3 }), "mistake 1: got guess 3, want another of 10 classes than 3"},
		{"truth more probable", run(func(r *Run) { r.Mistakes[0].PTruth = 0.7 }), "mistake 1: got probabilities 0.6 of the guess and 0.7 of the truth"},
		{"probability above 1", run(func(r *Run) { r.Mistakes[0].PGuess = 1.5 }), "mistake 1: got probabilities 1.5"},
		{"both more than 1", run(func(r *Run) { r.Mistakes[0].PTruth = 0.5 }), "mistake 1: got probabilities 0.6 of the guess and 0.5 of the truth, want the greatest of 10 that add up to 1"},
		{"not the greatest", run(func(r *Run) { r.Mistakes[0].PGuess, r.Mistakes[0].PTruth = 0.09, 0.01 }), "mistake 1: got probabilities 0.09 of the guess"},
		{"mistake missing", run(func(r *Run) { r.Mistakes = r.Mistakes[1:] }), "got 1 mistakes, want 2 for accuracy 0.5"},
		{"no filters", run(func(r *Run) { r.Filters = Filters{Kernels: [][]float32{}} }), "got 0 filters of side 0"},
		{"a bias too many", run(func(r *Run) { r.Filters.Biases = []float32{1, 2} }), "got 2 biases, want one for each of 1 filters"},
		{"cores below 0", run(func(r *Run) { r.Machine.Cores = -1 }), "got -1 cores and 0 trainings at once, want at least 0"},
		{"fewer than none at once", run(func(r *Run) { r.Machine.Jobs = -1 }), "got 0 cores and -1 trainings at once, want at least 0"},
		{"filter cut", run(func(r *Run) { r.Filters.Kernels[0] = r.Filters.Kernels[0][1:] }), "filter 1: got 3 weights, want 4"},
	} {
		_, err := Read(strings.NewReader(test.text), settings, labels)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", test.name, err, test.want)
		}
	}
}

// merge returns the runs of two files, a and b.
func merge(a, b []Run) ([]Run, error) {
	var m Merged
	if err := m.Add("a", a...); err != nil {
		return nil, err
	}
	err := m.Add("b", b...)
	return m.Runs(), err
}

// TestMergeOlder: a run from before biases were kept is equal to one that has them,
// but two that have others are not.
func TestMergeOlder(t *testing.T) {
	older, newer, other := sound(1, 1), sound(1, 1), sound(1, 1)
	newer.Filters.Biases, other.Filters.Biases = []float32{1}, []float32{2}
	for _, pair := range [][2]Run{{older, newer}, {newer, older}} {
		if got, err := merge(pair[:1], pair[1:]); err != nil || len(got) != 1 || !cmp.Equal(got[0], pair[0]) {
			t.Errorf("got %v and %v, want the first run", got, err)
		}
	}
	if _, err := merge([]Run{newer}, []Run{other}); err == nil || !strings.Contains(err.Error(), "filters.biases[0] 1 and 2") {
		t.Errorf("other biases: got error %v", err)
	}
}

// TestOtherImages: runs on other images are checked by their shape and classes,
// which a file of MNIST's does not have.
func TestOtherImages(t *testing.T) {
	s := settings.Of([]int{3, 4, 5}, 12)
	other := func(change func(*Run)) Run {
		r := sound(1, 1)
		r.Mistakes[0] = Mistake{Image: 0, Truth: 3, Guess: 11, PGuess: 0.6, PTruth: 0.1}
		r.Filters = Filters{Side: 2, Kernels: [][]float32{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}}
		change(&r)
		return r
	}
	for _, test := range []struct {
		change func(*Run)
		want   string
	}{
		{func(r *Run) {}, ""},
		{func(r *Run) { r.Mistakes[1].PGuess, r.Mistakes[1].PTruth = 0.09, 0.09 }, ""}, // more than a twelfth
		{func(r *Run) { r.Mistakes[1].PGuess, r.Mistakes[1].PTruth = 0.08, 0.08 }, "want the greatest of 12 that add up to 1"},
		{func(r *Run) { r.Mistakes[0].Guess = 12 }, "mistake 1: got guess 12, want another of 12 classes than 3"},
		{func(r *Run) { r.Filters.Kernels[0] = r.Filters.Kernels[0][:4] }, "filter 1: got 4 weights, want 12"},
		{func(r *Run) { r.Filters.Side = 5 }, "got 1 filters of side 5, want at least 1 of side 1 to 4"},
	} {
		run := other(test.change)
		got, err := Read(bytes.NewReader(write(t, s, []Run{run})), s, labels)
		if test.want == "" {
			if diff := cmp.Diff([]Run{run}, got); err != nil || diff != "" {
				t.Errorf("error %v; want (-) got (+):\n%s", err, diff)
			}
		} else if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got error %v, want %q", err, test.want)
		}
	}
	if _, err := Read(bytes.NewReader(write(t, s, nil)), settings, labels); err == nil || !strings.Contains(err.Error(), "images of 3×4×5, want 1×28×28") {
		t.Errorf("for other settings: got error %v", err)
	}
	for shape, want := range map[*Settings]string{
		{}:                                       "[1×28×28 10] false false",
		new(Settings{}.Of([]int{1, 28, 28}, 10)): "[1×28×28 10] false false",
		new(Settings{}.Of([]int{3, 28, 28}, 10)): "[3×28×28 10] true false",
		new(Settings{}.Of([]int{1, 28, 28}, 47)): "[1×28×28 47] false true",
		new(s.Of([]int{1, 28, 28}, 10)):          "[1×28×28 10] false false",
	} {
		image, classes := shape.Images()
		text := string(write(t, *shape, nil))
		if got := fmt.Sprint([]any{image, classes}, strings.Contains(text, `"shape"`), strings.Contains(text, `"classes"`)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestPairs: the most frequent are first, and the first rows of equals.
func TestPairs(t *testing.T) {
	got := Pairs([][]int{{9, 1, 0}, {3, 9, 1}, {0, 1, 9}})
	if diff := cmp.Diff([]Pair{{1, 0, 3}, {0, 1, 1}, {1, 2, 1}, {2, 1, 1}}, got); diff != "" {
		t.Errorf("- want, + got\n%s", diff)
	}
}

// TestMerge: the same run twice is one run, with the first one's times, unless
// it gave something else.
func TestMerge(t *testing.T) {
	again := sound(1, 1)
	again.Epochs = []Epoch{again.Epochs[0]}
	again.Epochs[0].Seconds = 99
	again.Machine.Processor = "another"
	got, err := merge([]Run{sound(3, 1), sound(1, 1)}, []Run{again, sound(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Run{sound(1, 0), sound(1, 1), sound(3, 1)}, got); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
	const slow = `, both with avx2 kernels, on a "fast\" one, {new} and Slow 1`
	generic := func(r *Run) { r.Machine.Kernels = "generic" }
	const keepOne = ", the first with avx2 kernels and the second with generic, which round differently: keep one of them"
	for want, change := range map[string]func(*Run){
		"test.loss 0.3333333333333333 and 0.25" + slow:                          func(r *Run) { r.Test.Loss = 0.25 },
		"epochs[0].train.accuracy 0.2 and 0.3" + slow:                           func(r *Run) { r.Epochs[0].Train.Accuracy = 0.3 },
		"mistakes[0].guess 8 and 9" + slow:                                      func(r *Run) { r.Mistakes[0].Guess = 9 },
		"2 and 1 mistakes" + slow:                                               func(r *Run) { r.Mistakes = r.Mistakes[:1] },
		"filters.kernels[0][0] 0.1 and 0.10000001" + slow:                       func(r *Run) { r.Filters.Kernels[0][0] = 0.10000001 },
		"epochs[0].val.loss 0.3333333333333333 and 0.333333333333333" + keepOne: func(r *Run) { generic(r); r.Epochs[0].Val.Loss = 0.333333333333333 },
	} {
		other := sound(1, 1)
		other.Machine.Processor = "Slow 1"
		change(&other)
		want = "a and b: configuration 1 with seed 1 is there twice, with different results: " + want
		if _, err := merge([]Run{sound(1, 1)}, []Run{other}); err == nil || err.Error() != want {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

// TestKernels: runs of other kernels with equal results are the same training.
func TestKernels(t *testing.T) {
	a, b, c := sound(1, 1), sound(1, 1), sound(2, 1)
	a.Machine.Kernels, c.Machine.Kernels = "generic", "avx512"
	got, err := merge([]Run{a}, []Run{b, c})
	if diff := cmp.Diff([]Run{a, c}, got); err != nil || diff != "" {
		t.Errorf("error %v; want (-) got (+):\n%s", err, diff)
	}
	if got := fmt.Sprint(Kernels([]Run{a, b, c, a})); got != "[avx2 avx512 generic]" {
		t.Errorf("got kernels %s", got)
	}
}

// TestMNIST: the digest that tells MNIST from other data is its own, and a
// changed pixel or label is seen.
func TestMNIST(t *testing.T) {
	sets, err := data.Load(context.Background(), "", false)
	if err != nil {
		t.Fatal(err)
	}
	if got := sets.Digest(); got != MNIST {
		t.Errorf("got %s, want %s", got, MNIST)
	}
	if sets.Train.Len() != mnistTrain {
		t.Errorf("got %d images, want %d", sets.Train.Len(), mnistTrain)
	}
	sets.Test.Labels[9999]++
	if sets.Digest() == MNIST {
		t.Error("another label has the same digest")
	}
}

func TestNotebook(t *testing.T) {
	for _, test := range []struct {
		settings Settings
		want     bool
		epochs   string // of the four configurations
	}{
		{Settings{Data: MNIST, Train: 60000, Test: 10000}, true, "[10 10 10 25]"},
		{Settings{Data: MNIST, Train: 3000, Test: 10000}, false, "[10 10 10 25]"},
		{Settings{Data: MNIST, Train: 60000, Test: 10000, Epochs: 12}, false, "[10 10 10 12]"},
		{Settings{Data: "ab", Train: 60000, Test: 10000}, false, "[10 10 10 25]"},
	} {
		var epochs []int
		for _, c := range test.settings.Configs() {
			epochs = append(epochs, c.Epochs)
		}
		if got := test.settings.Notebook(); got != test.want || fmt.Sprint(epochs) != test.epochs {
			t.Errorf("%+v: got %v and epochs %v, want %v and %s", test.settings, got, epochs, test.want, test.epochs)
		}
	}
}

// TestConfigs: the networks have the numbers of parameters that the notebook
// printed.
func TestConfigs(t *testing.T) {
	for i, want := range []int{231926, 22046, 22046, 22046} {
		net, err := Settings{}.Build(Configs[i])
		if err != nil || net.NumParams() != want || Configs[i].K != i+1 {
			t.Errorf("configuration %d: %d parameters, error %v, want %d", i+1, net.NumParams(), err, want)
		}
	}
}
