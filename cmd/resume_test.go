package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/train"
)

// TestResumeAuto: one command line starts, goes on, and at the end only
// evaluates. It starts from -init, and refuses a checkpoint of another training.
func TestResumeAuto(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	check, saved, first := filepath.Join(dir, "ck"), filepath.Join(dir, "w"), filepath.Join(dir, "first")
	must(t, "twolayer", "-data", data, "-epochs", "0", "-seed", "7", "-save", first)
	args := func(epochs string, more ...string) []string {
		return append([]string{"-data", data, "-batch", "10", "-init", first, "-save", saved, "-epochs", epochs}, more...)
	}
	whole := must(t, "twolayer", args("3")...)
	want := read(t, saved)
	auto := []string{"-checkpoint", check, "-resume=auto"}
	must(t, "twolayer", args("1", auto...)...)
	rest := withoutTimes(must(t, "twolayer", args("3", auto...)...))
	if !strings.HasPrefix(rest, "Epoch 2/3\n") || !strings.HasSuffix(withoutTimes(whole), rest) {
		t.Errorf("going on: got\n%s\nwant the end of\n%s", rest, whole)
	}
	os.Remove(saved)
	if got := must(t, "twolayer", args("3", auto...)...); !strings.HasSuffix(whole, "\n"+got) || !strings.HasPrefix(got, "Accuracy: ") || !bytes.Equal(read(t, saved), want) {
		t.Errorf("at the end: got %q, or other weights", got)
	}
	if _, stderr, status := run(t, "twolayer", args("3", append(auto, "-batch", "20")...)...); status != 1 || !strings.Contains(stderr, "-batch was 10, is 20 now") {
		t.Errorf("another training: got exit status %d and %q", status, stderr)
	}
	must(t, "twolayer", "-data", data, "-batch", "10", "-epochs", "1", "-checkpoint", filepath.Join(dir, "no"), "-resume=false")
}

// TestResumeLR: a training that goes on with another rate does what a trainer does
// with the state and that rate, keeps the rate from then on, and says so.
func TestResumeLR(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	args := func(epochs string, more ...string) []string {
		return append([]string{"-data", data, "-batch", "10", "-lr", "0.01", "-checkpoint", file("ck"), "-verbose", "0",
			"-save", file("w"), "-history", file("h.csv"), "-epochs", epochs}, more...)
	}
	must(t, "twolayer", args("2")...)
	if meta := string(read(t, file("ck"))[:3000]); strings.Contains(meta, "rates") || strings.Contains(meta, "validation") {
		t.Error("a checkpoint without another rate has words for it")
	}
	if csv := string(read(t, file("h.csv"))); !strings.HasPrefix(csv, "epoch,accuracy,loss,val_accuracy,val_loss\n") {
		t.Errorf("without another rate: got\n%s", csv)
	}
	_, stderr, status := run(t, "twolayer", append(args("4", "-resume"), "-lr", "0.002")...)
	if status != 1 || !strings.HasSuffix(stderr, "-lr was 0.01, is 0.002 now; to go on with another rate, keep -lr 0.01 and add -resume-lr 0.002\n") {
		t.Errorf("with another -lr: got exit status %d and %q", status, stderr)
	}
	must(t, "twolayer", args("2", "-resume", "-resume-lr", "0.002")...) // keeps the rate, though it trains nothing
	must(t, "twolayer", args("4", "-resume")...)
	must(t, "twolayer", args("5", "-resume", "-resume-lr", "0.002")...) // is no change

	net, err := models.TwoLayer(mnist.Classes).Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		t.Fatal(err)
	}
	training, test, err := mnist.LoadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	fit := func(c train.Config, from *train.State) *train.Trainer {
		c.Batch, c.Seed = 10, 1
		tr, err := train.New(net, models.Init(net, 1), c)
		if err == nil && from != nil {
			err = tr.Restore(*from)
		}
		if err == nil {
			_, err = tr.Fit(context.Background(), train.Data(training), train.Data(test))
		}
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	state, err := fit(train.Config{Epochs: 2, LearningRate: 0.01}, nil).State()
	if err != nil {
		t.Fatal(err)
	}
	want, err := fit(train.Config{Epochs: 5, LearningRate: 0.002}, &state).Weights()
	if err != nil {
		t.Fatal(err)
	}
	if got := loadWeights(t, net, file("w")); !slices.Equal(got, want) {
		t.Error("the weights are not those of a trainer with the state and the rate")
	}
	rows := strings.Split(strings.TrimSpace(string(read(t, file("h.csv")))), "\n")
	var rates []string
	for _, row := range rows {
		rates = append(rates, strings.Split(row, ",")[2])
	}
	if got := strings.Join(rates, " "); rows[0] != "epoch,accuracy,learning_rate,loss,val_accuracy,val_loss" || got != "learning_rate 0.01 0.01 0.002 0.002 0.002" {
		t.Errorf("-history: got %q, %s", rows[0], got)
	}
	must(t, "twolayer", args("6", "-resume", "-resume-lr", "0.0001", "-history", file("h.jsonl"))...)
	lines := strings.Split(strings.TrimSpace(string(read(t, file("h.jsonl")))), "\n")
	if len(lines) != 6 || !strings.Contains(lines[1], `"learning_rate":0.01,"loss"`) || !strings.Contains(lines[4], `"learning_rate":0.002,"loss"`) || !strings.Contains(lines[5], `"learning_rate":0.0001,"loss"`) {
		t.Errorf("-history: got\n%s", strings.Join(lines, "\n"))
	}
}

func loadWeights(t *testing.T, net *graph.Network, path string) []float32 {
	t.Helper()
	values, err := weights.Load(bytes.NewReader(read(t, path)), net)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// TestValidationPart: the images to validate on are as if they were the test
// images of a training on the others, and the test images are for the end alone.
func TestValidationPart(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	training, test, err := mnist.LoadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	const at, limit = 27, 36 // -limit 36 -validation 0.25
	cut := func(from, to int) mnist.Set {
		return mnist.Set{Pixels: training.Pixels[from*mnist.Rows*mnist.Cols : to*mnist.Rows*mnist.Cols], Labels: training.Labels[from:to]}
	}
	parts, other := t.TempDir(), t.TempDir()
	if err := mnist.WriteDir(parts, cut(0, at), cut(at, limit)); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(test.Pixels)
	if err := mnist.WriteDir(other, training, test); err != nil {
		t.Fatal(err)
	}
	outs := map[string]string{}
	for name, flags := range map[string][]string{
		"parts": {"-data", parts}, "other": {"-data", other, "-limit", "36", "-validation", "0.25"}, "part": {"-data", data, "-limit", "36", "-validation", "0.25"},
	} {
		outs[name] = withoutTimes(must(t, "twolayer", append(flags, "-batch", "10", "-epochs", "5", "-lr", "0.01", "-history", filepath.Join(dir, name+".csv"), "-save", filepath.Join(dir, name))...))
	}
	for _, name := range []string{"parts", "other"} {
		for _, suffix := range []string{"", ".csv"} {
			if !bytes.Equal(read(t, filepath.Join(dir, name+suffix)), read(t, filepath.Join(dir, "part"+suffix))) {
				t.Errorf("%s%s differs", name, suffix)
			}
		}
		before, end, _ := strings.Cut(outs[name], "Accuracy: ")
		wantBefore, notEnd, _ := strings.Cut(outs["part"], "Accuracy: ")
		if before != wantBefore || name == "other" && end == notEnd {
			t.Errorf("%s: got\n%s\nfor\n%s", name, outs[name], outs["part"])
		}
	}
	check := filepath.Join(dir, "ck")
	args := []string{"-data", data, "-batch", "10", "-epochs", "1", "-checkpoint", check}
	must(t, "twolayer", append(args, "-validation", "0.25")...)
	if _, stderr, status := run(t, "twolayer", append(args, "-resume")...); status != 1 || !strings.Contains(stderr, "-validation was 0.25, is 0 now") {
		t.Errorf("without -validation: got exit status %d and %q", status, stderr)
	}
}

// TestPatienceEndsWithTheBest: with -save-best, the accuracy and -save are of the
// best epoch, in one run or in several; without it they are of the last one.
func TestPatienceEndsWithTheBest(t *testing.T) {
	dir, data := t.TempDir(), smallData(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	args := func(more ...string) []string {
		return append([]string{"-data", data, "-batch", "10", "-lr", "0.02", "-validation", "0.3", "-verbose", "0"}, more...)
	}
	early := []string{"-epochs", "50", "-patience", "3"}
	last, stderr, status := run(t, "twolayer", args(append(early, "-save", file("last"))...)...)
	said := regexp.MustCompile(`^twolayer: -patience 3: stopped after epoch (\d+) of 50; no validation loss was better than (\S+), that of epoch (\d+)\n$`).FindStringSubmatch(stderr)
	if status != 0 || said == nil {
		t.Fatalf("got exit status %d, %q and %q", status, last, stderr)
	}
	ran, best := said[1], said[3]
	must(t, "twolayer", args("-epochs", ran, "-save", file("w"))...)
	if !bytes.Equal(read(t, file("last")), read(t, file("w"))) {
		t.Errorf("stopped early: the weights are not those of epoch %s", ran)
	}
	must(t, "twolayer", args("-epochs", best, "-save", file("w"))...)
	want := must(t, "twolayer", "-data", data, "-epochs", "0", "-init", file("w"), "-verbose", "0")

	keep := append(early, "-save-best", file("best"), "-save-best-by", "loss", "-save", file("end"))
	ends := func(name string, more ...string) {
		t.Helper()
		os.Remove(file("end"))
		got, stderr, status := run(t, "twolayer", args(append(keep, more...)...)...)
		if status != 0 || got != want || !strings.HasPrefix(stderr, said[0]) || !strings.HasSuffix(stderr, "twolayer: -save and the accuracy are those of epoch "+best+", whose validation loss is "+said[2]+", the best\n") {
			t.Errorf("%s: got exit status %d, %q and %q, want %q", name, status, got, stderr, want)
		}
		for _, f := range []string{"best", "end"} {
			if !bytes.Equal(read(t, file(f)), read(t, file("w"))) {
				t.Errorf("%s: %s does not have the weights of epoch %s", name, f, best)
			}
		}
	}
	ends("one run")
	check := []string{"-checkpoint", file("ck"), "-resume=auto"}
	for epochs := 1; ; epochs++ { // stops after each epoch
		_, stderr, status := run(t, "twolayer", args(append(slices.Clone(keep), append(check, "-epochs", strconv.Itoa(epochs))...)...)...)
		if status != 0 || strings.Contains(stderr, "stopped") { // each is its last
			t.Fatalf("%d epochs: got exit status %d and %q", epochs, status, stderr)
		}
		if strconv.Itoa(epochs) == ran {
			break
		}
	}
	good := read(t, file("best"))
	ends("many runs", check...)

	// The best epoch is before -resume, so its weights are in the file or nowhere.
	// Others are refused before the training goes on.
	write(t, file("best"), read(t, file("last")))
	if got, stderr, status := run(t, "twolayer", args(append(keep, append(check, "-patience", "4", "-verbose", "2")...)...)...); status != 1 || got != "" || !strings.Contains(stderr, "-save-best "+file("best")+": the weights are not those of epoch "+best+", which has the best validation loss: got a validation loss of ") {
		t.Errorf("other weights: got exit status %d, %q and %q", status, got, stderr)
	}
	os.Remove(file("best"))
	if got, stderr, status := run(t, "twolayer", args(append(keep, check...)...)...); status != 1 || got != "" || !strings.Contains(stderr, "-save-best: with -patience, the best weights before -resume are read from it: open ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("no weights: got exit status %d, %q and %q", status, got, stderr)
	}
	write(t, file("best"), good)
	// More patience goes on.
	if _, stderr, status := run(t, "twolayer", args(append(keep, append(check, "-patience", "4")...)...)...); status != 0 || !strings.Contains(stderr, "-patience 4: stopped after epoch ") || strings.Contains(stderr, "after epoch "+ran+" ") {
		t.Errorf("more patience: got exit status %d and %q", status, stderr)
	}
}
