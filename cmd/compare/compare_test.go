package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/runs"
	"tapenet/mnist"
	"tapenet/mnist/idx"
	"tapenet/models/weights"
)

// smallData is a folder of four IDX files: 40 images to train on and 20 to
// test on, noise with a bright square where the digit says.
func smallData(t *testing.T) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	set := func(n int) (s mnist.Set) {
		for i := range n {
			image := make([]byte, mnist.Rows*mnist.Cols)
			for p := range image {
				image[p] = byte(rng.IntN(100))
			}
			for p := range 16 {
				image[(4+2*(i%10)+p/4)*mnist.Cols+5+p%4] = 255
			}
			s.Pixels, s.Labels = append(s.Pixels, image...), append(s.Labels, byte(i%10))
		}
		return s
	}
	dir := t.TempDir()
	training, test := set(40), set(20)
	if err := mnist.WriteDir(dir, training, test); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// compare runs the command and returns what it wrote and its exit status.
func compare(args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = command.Status("compare", &errs, run(context.Background(), args, &out, &errs))
	return out.String(), errs.String(), status
}

// must is compare for a command line that has to succeed.
func must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, status := compare(args...)
	if status != 0 {
		t.Fatalf("compare %q: exit status %d, %s", args, status, stderr)
	}
	return stdout, stderr
}

// build makes a command of this module, for tests that need a process.
func build(t *testing.T, command string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), command)
	if out, err := exec.Command("go", "build", "-o", path, "tapenet/cmd/"+command).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// file is a file of results.
type file struct {
	Settings result.Settings
	Runs     []result.Run
}

// load reads the file of results of a folder.
func load(t *testing.T, dir string) (f file) {
	t.Helper()
	if err := json.Unmarshal(read(t, filepath.Join(dir, resultsName)), &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// results are the runs of a folder.
func results(t *testing.T, dir string) []result.Run { return load(t, dir).Runs }

// change edits the file of results of a folder and renews its checksum.
func change(t *testing.T, dir string, edit func(*file)) {
	t.Helper()
	f := load(t, dir)
	edit(&f)
	var text bytes.Buffer
	if err := result.Write(&text, f.Settings, f.Runs); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, resultsName), text.Bytes())
}

// untimed leaves the times out of a comparison.
var untimed = cmpopts.IgnoreFields(result.Epoch{}, "Seconds")

// TestSameBits: each configuration gives what the command of its network gives
// with the same seed, batch and epochs, to the bit.
func TestSameBits(t *testing.T) {
	data, dir := smallData(t), t.TempDir()
	must(t, "-o", dir, "-data", data, "-seed", "7", "-workers", "2")
	commands := map[string]string{}
	for i, r := range results(t, dir) {
		c := result.Configs[i]
		name := strings.ToLower(c.Network)
		if commands[name] == "" {
			commands[name] = build(t, name)
		}
		history, saved := filepath.Join(dir, "h.jsonl"), filepath.Join(dir, "w.safetensors")
		args := []string{"-data", data, "-seed", "7", "-batch", strconv.Itoa(c.Batch), "-epochs", strconv.Itoa(c.Epochs), "-workers", "1", "-history", history, "-save", saved}
		stdout, err := exec.Command(commands[name], args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		var want []result.Epoch
		for dec := json.NewDecoder(bytes.NewReader(read(t, history))); dec.More(); {
			var e struct {
				Accuracy, Loss float64
				ValAccuracy    float64 `json:"val_accuracy"`
				ValLoss        float64 `json:"val_loss"`
			}
			if err := dec.Decode(&e); err != nil {
				t.Fatal(err)
			}
			want = append(want, result.Epoch{Train: result.Metrics{Accuracy: e.Accuracy, Loss: e.Loss}, Val: result.Metrics{Accuracy: e.ValAccuracy, Loss: e.ValLoss}})
		}
		if diff := cmp.Diff(want, r.Epochs, untimed); diff != "" || len(want) != c.Epochs {
			t.Errorf("configuration %d: %d epochs; %s (-) compare (+):\n%s", c.K, len(want), name, diff)
		}
		accuracy, err := json.Marshal(r.Test.Accuracy)
		if err != nil || !strings.Contains(string(stdout), "\nAccuracy: "+string(accuracy)) {
			t.Errorf("configuration %d: got test accuracy %s, %s ends with %s", c.K, accuracy, name, stdout[len(stdout)-40:])
		}
		net, err := result.Settings{}.Build(c)
		if err != nil {
			t.Fatal(err)
		}
		weights, err := weights.Load(bytes.NewReader(read(t, saved)), net)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Concat(r.Filters.Kernels...); !slices.Equal(got, weights[:16*5*5]) || len(r.Filters.Kernels) != 16 {
			t.Errorf("configuration %d: the filters are not the first layer's weights", c.K)
		}
	}
}

// TestOutput: the table is on the standard output, a line for each run on the
// standard error, and no control character anywhere.
func TestOutput(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	stdout, stderr := must(t, "-o", dir, "-data", smallData(t), "-seeds", "2", "-epochs", "3")
	want := regexp.MustCompile(`^  #  network   batch  epochs +accuracy +s/epoch +total s
  1  OneLayer    200       3  +\S+ ± \S+ %  +\d\S*  +\d\S*
  2  TwoLayer    200       3  +\S+ ± \S+ %  +\d\S*  +\d\S*
  3  TwoLayer   1024       3  +\S+ ± \S+ %  +\d\S*  +\d\S*
  4  TwoLayer   1024       3  +\S+ ± \S+ %  +\d\S*  +\d\S*

\S+report.html says what follows from it.
$`)
	if !want.MatchString(stdout) {
		t.Errorf("got on the standard output\n%s", stdout)
	}
	// With 3 epochs configurations 3 and 4 are one training.
	lines := regexp.MustCompile(`^(run [1-6]/6: (onelayer|twolayer), batch (200|1024), lr 0.001, epochs 3, seed [12]: accuracy \d\.\d{4} in \d+\.\ds, \d+:\d\d left\n){6}$`)
	if !lines.MatchString(stderr) {
		t.Errorf("got on the standard error\n%s", stderr)
	}
	var names []string
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	files := []string{"accuracy.svg", "activations.svg", "confusion-1.svg", "confusion-2.svg", "confusion-3.svg", "confusion-4.svg", "filters.svg",
		"loss.svg", "mistakes-1.svg", "mistakes-2.svg", "mistakes-3.svg", "mistakes-4.svg", "onelayer.svg", "report.html", "report.md", "results.json", "runs", "time.svg", "twolayer.svg"}
	if diff := cmp.Diff(files, names); diff != "" {
		t.Errorf("files: want (-) got (+):\n%s", diff)
	}
	for _, name := range slices.DeleteFunc(names, func(name string) bool { return name == runs.Folder }) {
		if bytes.ContainsAny(read(t, filepath.Join(dir, name)), "\x1b\r\x00") {
			t.Errorf("%s has control characters", name)
		}
	}
	page := string(read(t, filepath.Join(dir, "report.html")))
	if strings.Contains(page, "98.92 %") || !strings.Contains(page, "not MNIST") {
		t.Error("the notebook's numbers are beside those of other data")
	}
}

// recipe is what a report says of the command line and the time that made it.
var recipe = regexp.MustCompile(`(command line|date of the report)[^\n]*`)

// TestMerge: the parts of several commands, put together, give the report of one
// command, wherever they are below the folder.
func TestMerge(t *testing.T) {
	data, whole, parts, merged := smallData(t), t.TempDir(), t.TempDir(), t.TempDir()
	args := func(more ...string) []string { return append([]string{"-data", data, "-epochs", "12"}, more...) }
	must(t, args("-seed", "3", "-seeds", "2", "-o", whole)...)
	must(t, args("-seed", "3", "-seeds", "2", "-only", "4,1", "-o", filepath.Join(parts, "a"))...)
	must(t, args("-seed", "3", "-only", "2", "-o", filepath.Join(parts, "b", "c"))...)
	stdout, _ := must(t, args("-merge", parts, "-o", merged)...)
	if got := string(read(t, filepath.Join(merged, "report.md"))); !strings.Contains(stdout, "missing") ||
		!strings.Contains(got, "Runs are missing: configuration 2 with seed 4 and configuration 3 with seeds 3 and 4.") {
		t.Errorf("got %s%s", stdout, got)
	}
	must(t, args("-seed", "4", "-only", "2", "-o", filepath.Join(parts, "d"))...)
	must(t, args("-seed", "3", "-seeds", "2", "-only", "3", "-o", filepath.Join(parts, "e"))...)
	_, stderr := must(t, args("-merge", parts, "-o", merged)...) // where some are already
	if stderr != "" {
		t.Errorf("-merge trained: %s", stderr)
	}
	if diff := cmp.Diff(results(t, whole), results(t, merged), untimed); diff != "" {
		t.Errorf("one command (-), merged (+):\n%s", diff)
	}
	// Both reports are of the same times if the times are those of one.
	write(t, filepath.Join(merged, resultsName), read(t, filepath.Join(whole, resultsName)))
	must(t, args("-seed", "3", "-o", merged)...)
	for _, name := range []string{"report.md", "report.html", "time.svg", "mistakes-3.svg"} {
		if !bytes.Equal(recipe.ReplaceAll(read(t, filepath.Join(whole, name)), nil), recipe.ReplaceAll(read(t, filepath.Join(merged, name)), nil)) {
			t.Errorf("%s differs from that of one command", name)
		}
	}
	must(t, args("-merge", parts, "-seeds", "4", "-o", merged)...)
	if got := string(read(t, filepath.Join(merged, "report.md"))); !strings.Contains(got, "configuration 1 with seeds 1 and 2,") {
		t.Errorf("-seeds 4 asks for seeds 1 and 2; got\n%s", got)
	}
}

// TestOtherData: images of another size with three channels and classes that have
// names. Their runs are kept, merged and checked like MNIST's.
func TestOtherData(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	data, dir := t.TempDir(), t.TempDir()
	for set, n := range map[string]int{"train": 40, "t10k": 20} {
		labels := idx.Array{Shape: []int{n}, Data: make([]uint8, n)}
		images := idx.Array{Shape: []int{n, 3, 11, 14}, Data: make([]uint8, n*3*11*14)}
		for i := range images.Data {
			images.Data[i] = uint8(rng.IntN(256))
		}
		for i := range labels.Data {
			labels.Data[i] = uint8(i % 3)
		}
		for name, a := range map[string]idx.Array{"-images": images, "-labels": labels} {
			if err := a.WriteFile(filepath.Join(data, set+name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(t, filepath.Join(data, "classes.txt"), []byte("<b>cat</b>\ndog|hound\nfrog\n"))
	args := []string{"-data", data, "-epochs", "2"}
	must(t, append(args, "-o", filepath.Join(dir, "all"))...)
	must(t, append(args, "-o", filepath.Join(dir, "parts", "a"), "-only", "1,2")...)
	must(t, append(args, "-o", filepath.Join(dir, "parts", "b"), "-only", "3,4")...)
	if _, stderr := must(t, append(args, "-o", filepath.Join(dir, "merged"), "-merge", filepath.Join(dir, "parts"))...); stderr != "" {
		t.Errorf("-merge: %s", stderr)
	}
	all := load(t, filepath.Join(dir, "all"))
	if diff := cmp.Diff(all, load(t, filepath.Join(dir, "merged")), untimed); diff != "" {
		t.Errorf("one command (-), merged (+):\n%s", diff)
	}
	if shape, classes := all.Settings.Images(); shape.String() != "3×11×14" || classes != 3 {
		t.Errorf("got images of %s in %d classes", shape, classes)
	}
	for _, r := range all.Runs {
		if n := len(r.Filters.Kernels[0]); n != 3*5*5 {
			t.Errorf("configuration %d: got filters of %d weights", r.Config, n)
		}
	}
	markdown, page := string(read(t, filepath.Join(dir, "all", "report.md"))), string(read(t, filepath.Join(dir, "all", "report.html")))
	if !strings.Contains(markdown, `&lt;b&gt;cat&lt;/b&gt; taken for `) && !strings.Contains(markdown, ` taken for &lt;b&gt;cat&lt;/b&gt;`) {
		t.Errorf("the report does not name the classes:\n%s", markdown)
	}
	if strings.Contains(markdown+page, "<b>") || strings.Contains(markdown, "dog|") {
		t.Error("a name is not escaped")
	}
}

// TestHelp: every flag is there with its default.
func TestHelp(t *testing.T) {
	stdout, stderr, status := compare("-h")
	for _, want := range []string{"Usage: compare [flags]", "4  TwoLayer, batch 1024, 25 epochs", "-o folder", "(default report)", "-only K", "(default 1,2,3,4)", "-seeds N", "(default 1)",
		"-seed S", "-merge folder", "-workers N", "-jobs N", "-data path", "(default: MNIST, embedded)", "-limit N", "-epochs N", "(default 0)"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("-h does not say %q:\n%s", want, stdout)
		}
	}
	if status != 0 || stderr != "" {
		t.Errorf("got exit status %d, standard error %q", status, stderr)
	}
}

// TestMoreWorkersThanAStepUses: a number of cores that nothing uses is said, one that is
// the default is not.
func TestMoreWorkersThanAStepUses(t *testing.T) {
	folder := smallData(t)
	for _, test := range []struct{ only, workers, want string }{
		{"2", "16", ""}, {"2", "17", "16"}, // a batch of 200
		{"2,3", "32", ""}, {"2,3", "33", "32"}, // one of 1024 too
	} {
		_, stderr := must(t, "-o", t.TempDir(), "-data", folder, "-epochs", "1", "-only", test.only, "-workers", test.workers)
		notice := "compare: -workers " + test.workers + ": a step uses " + test.want + " cores at most\n"
		if got := strings.Contains(stderr, "cores at most"); got != (test.want != "") || got && !strings.Contains(stderr, notice) {
			t.Errorf("-only %s -workers %s: got on the standard error\n%s", test.only, test.workers, stderr)
		}
	}
}
