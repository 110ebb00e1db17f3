package fit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tapenet/cmd/internal/tensorboard"
	"tapenet/models"
	"tapenet/train"
)

// epochs is a history; each number is how many of 10 validation images were right
// in an epoch.
func epochs(correct ...int) (h train.History) {
	for i, c := range correct {
		h = append(h, train.Epoch{Epoch: i + 1, Steps: 1, Train: train.Metrics{Images: 10}, Val: &train.Metrics{Correct: c, Images: 10}})
	}
	return h
}

// TestBest: of equals the first is the best, as in Keras's ModelCheckpoint,
// which replaces a value only by a greater one.
func TestBest(t *testing.T) {
	for _, test := range []struct {
		correct []int
		want    int
	}{
		{[]int{5}, 1},
		{[]int{0, 0, 0}, 1},
		{[]int{5, 7, 7, 6}, 2},
		{[]int{7, 5, 7}, 1},
		{[]int{5, 7, 8}, 3},
	} {
		if got := best(epochs(test.correct...), byAccuracy).Epoch; got != test.want {
			t.Errorf("%v right: got epoch %d, want %d", test.correct, got, test.want)
		}
	}
}

// newTiny is a training of a tiny network whose files would be in a folder.
func newTiny(t *testing.T, dir string, h train.History) *training {
	t.Helper()
	net := tinyNet(t)
	j := &job{net: net, stdout: new(bytes.Buffer), notice: func(string, ...any) {}}
	j.verbose, j.saveBestBy = silent, byAccuracy
	j.saveBest, j.history, j.checkpoint = filepath.Join(dir, "best"), filepath.Join(dir, "h.csv"), filepath.Join(dir, "ck")
	tr, err := train.New(net, models.Init(net, 1), train.Config{})
	if err != nil {
		t.Fatal(err)
	}
	run := &tensorboard.Writer{Dir: filepath.Join(dir, "train")}
	t.Cleanup(func() { run.Close() })
	return &training{Trainer: tr, job: j, history: h, curves: curves{runs: []*tensorboard.Writer{run}}}
}

// TestSaveBestWrites: an epoch's weights are written if it is better than all
// before it, those before -resume included.
func TestSaveBestWrites(t *testing.T) {
	for _, test := range []struct {
		before, now []int
		want        []bool
	}{
		{nil, []int{3, 3, 4, 1}, []bool{true, false, true, false}},
		{[]int{3, 1}, []int{2, 3, 4, 4}, []bool{false, false, true, false}},
	} {
		all := epochs(append(test.before[:len(test.before):len(test.before)], test.now...)...)
		tr := newTiny(t, t.TempDir(), all[:len(test.before):len(test.before)])
		for i, e := range all[len(test.before):] {
			os.Remove(tr.job.saveBest)
			if err := tr.onEpoch(e); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(tr.job.saveBest); (err == nil) != test.want[i] {
				t.Errorf("after %v: %v, number %d: got written %v", test.before, test.now, i+1, err == nil)
			}
		}
	}
}

// TestCheckpointIsLast: until the row and the points of an epoch are written, the
// checkpoint is that of the epoch before. So if a run ends in between, the next one
// does the epoch again, and none is lost.
func TestCheckpointIsLast(t *testing.T) {
	e := epochs(5)[0]
	for name, block := range map[string]func(*training){
		"-history":     func(tr *training) { tr.job.history = filepath.Join(tr.job.history, "no", "h.csv") },
		"-tensorboard": func(tr *training) { tr.curves.runs[0].Dir = "/dev/null/train" },
	} {
		tr := newTiny(t, t.TempDir(), nil)
		if err := os.WriteFile(tr.job.checkpoint, []byte("old"), 0o644); err != nil {
			t.Fatal(err)
		}
		block(tr)
		if err := tr.onEpoch(e); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%s: got error %v", name, err)
		}
		if got, err := os.ReadFile(tr.job.checkpoint); err != nil || string(got) != "old" {
			t.Errorf("%s failed, and the checkpoint was written before it", name)
		}
	}
	dir := t.TempDir()
	tr := newTiny(t, dir, nil)
	if err := tr.onEpoch(e); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || fmt.Sprint(files) != "[- best - ck - h.csv d train/]" {
		t.Errorf("got %v, error %v", files, err)
	}
}

// TestCheckpointBetweenSteps: -checkpoint-every counts from the last checkpoint,
// and the end of an epoch has its own.
func TestCheckpointBetweenSteps(t *testing.T) {
	tr := newTiny(t, t.TempDir(), nil)
	tr.job.checkpointEvery = time.Hour
	written := func(step int) bool {
		os.Remove(tr.job.checkpoint)
		if err := tr.onStep(train.Progress{Epoch: 1, Step: step, Steps: 4}); err != nil {
			t.Fatal(err)
		}
		_, err := os.Stat(tr.job.checkpoint)
		return err == nil
	}
	tr.saved = time.Now()
	if written(1) {
		t.Error("written after less than an hour")
	}
	tr.saved = time.Now().Add(-2 * time.Hour)
	if written(4) {
		t.Error("written after the last step of an epoch")
	}
	if !written(2) {
		t.Error("not written after two hours")
	}
	if written(3) {
		t.Error("written again at once")
	}
}

// TestSaveBestNotice: if -save-best is not written, a line says why.
func TestSaveBestNotice(t *testing.T) {
	for _, test := range []struct {
		before, now []int
		want        string
	}{
		{[]int{7}, nil, "not written, because no epoch of this run is better than epoch 1 before it, whose validation accuracy is 0.7000"},
		{[]int{5, 9}, []int{8, 9}, "not written, because no epoch of this run is better than epoch 2 before it, whose validation accuracy is 0.9000"},
		{[]int{5, 9}, []int{8, 10}, ""},
		{nil, []int{0}, ""},
	} {
		all := epochs(slices.Concat(test.before, test.now)...)
		tr := newTiny(t, t.TempDir(), all[:len(test.before):len(test.before)])
		for _, e := range all[len(test.before):] {
			if err := tr.onEpoch(e); err != nil {
				t.Fatal(err)
			}
		}
		var got string
		tr.job.notice = func(format string, args ...any) { got += fmt.Sprintf(format, args...) }
		want := test.want
		if want != "" {
			want = "-save-best " + tr.job.saveBest + ": " + want
		}
		if tr.noticeUnwritten(); got != want {
			t.Errorf("%v, then %v: got %q, want %q", test.before, test.now, got, want)
		}
		got, tr.job.saveBest = "", ""
		if tr.noticeUnwritten(); got != "" {
			t.Errorf("without -save-best: got %q", got)
		}
	}
}

// TestNothingTrained: a line says of each file of the epochs that it is not
// written; the others are.
func TestNothingTrained(t *testing.T) {
	var args, written []string
	want := ""
	for _, f := range [][2]string{{"-save-best", "f"}, {"-checkpoint", "f"}, {"-history", "f.csv"}, {"-tensorboard", "f"}} {
		path := filepath.Join(t.TempDir(), f[1])
		args = append(args, f[0], path)
		want += "twolayer: " + f[0] + " " + path + ": not written, because no epoch was trained\n"
	}
	for _, f := range [][2]string{{"-save", "w"}, {"-export", "w.npz"}, {"-dot", "w"}} {
		written = append(written, filepath.Join(t.TempDir(), f[1]))
		args = append(args, f[0], written[len(written)-1])
	}
	args = append(args, "-limit", "100", "-epochs", "0")
	var stderr bytes.Buffer
	if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, new(bytes.Buffer), &stderr); err != nil || stderr.String() != want {
		t.Errorf("got %q, error %v, want %q", &stderr, err, want)
	}
	for _, file := range written {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
	}
}

// TestResumeWritesTheLastEpoch: a run that goes on after the best epoch writes its
// weights and the history, which the run before may not have written: it had no
// such flags, or was killed after the checkpoint.
func TestResumeWritesTheLastEpoch(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	do := func(epochs string, more ...string) string {
		t.Helper()
		args := append([]string{"-limit", "100", "-batch", "50", "-validation", "0.5", "-verbose", "0", "-checkpoint", file("ck"), "-epochs", epochs}, more...)
		var stderr bytes.Buffer
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, new(bytes.Buffer), &stderr); err != nil {
			t.Fatal(err)
		}
		return stderr.String()
	}
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	do("1", "-save", file("first"), "-history", file("first.csv"))
	flags := []string{"-resume", "-save-best", file("best"), "-save-best-by", "loss", "-history", file("h.csv"), "-patience", "9"}
	if err := os.WriteFile(file("best"), []byte("of another training"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := do("1", flags...); got != "" || read("best") != read("first") || read("h.csv") != read("first.csv") {
		t.Errorf("got %q, or other files", got)
	}
	if got := do("2", flags...); got != "" || read("best") == read("first") || strings.Count(read("h.csv"), "\n") != 3 {
		t.Errorf("the next epoch: got %q, or other files", got)
	}
}

// TestSaveFails: a network that cannot be saved is still measured.
func TestSaveFails(t *testing.T) {
	if err := together(nil, nil); err != nil {
		t.Errorf("no errors together are %v", err)
	}
	fit := func(path string, out *console) error {
		args := []string{"-limit", "100", "-epochs", "1", "-save", path}
		return run(context.Background(), "TwoLayer", models.TwoLayer, args, out, out)
	}
	var good console
	if err := fit(filepath.Join(t.TempDir(), "w"), &good); err != nil {
		t.Fatal(err)
	}
	for _, full := range []bool{false, true} {
		dir := filepath.Join(t.TempDir(), "dir")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "w")
		out := &console{full: full, first: func() { os.RemoveAll(dir) }}
		want := regexp.MustCompile(`^-save ` + regexp.QuoteMeta(path) + `: [^;\n]+$`)
		if full {
			want = regexp.MustCompile(`^-save ` + regexp.QuoteMeta(path) + `: [^;\n]+; no room$`)
		}
		if err := fit(path, out); err == nil || !want.MatchString(err.Error()) {
			t.Errorf("standard output full: %v: got error %v, want %v", full, err, want)
		}
		if !full && (good.end == "" || out.end != good.end) {
			t.Errorf("got %q, want %q", out.end, good.end)
		}
	}
}

// console is a standard output that keeps the last lines of the command. Its first
// line is that of the only epoch.
type console struct {
	first func() // if not nil, called with the first line
	full  bool   // no room for the end
	end   string
}

func (o *console) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("Accuracy:")) {
		if o.full {
			return 0, errors.New("no room")
		}
		o.end += string(p)
	} else if o.first != nil {
		o.first()
	}
	return len(p), nil
}
