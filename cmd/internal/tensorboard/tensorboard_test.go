package tensorboard

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/tensorboard/tensorboardtest"
)

// TestEventFile reads back what was written, by the definitions of the formats.
func TestEventFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs", "train")
	w := Writer{Dir: dir}
	at := time.UnixMicro(1_700_000_000_250_000)
	add(t, &w, 0, at, Scalar{"epoch_loss", 0.25}, Scalar{"epoch_accuracy", 1e-7})
	if got := tensorboardtest.Points(t, dir); len(got) != 3 { // before Close: TensorBoard follows a training
		t.Errorf("got %d points after the first event, want 3", len(got))
	}
	add(t, &w, 300, at.Add(time.Second), Scalar{"epoch_loss", -3})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []tensorboardtest.Point{
		{Version: "brain.Event:2", WallTime: 1.70000000025e9},
		{Step: 0, WallTime: 1.70000000025e9, Tag: "epoch_loss", Value: 0.25},
		{Step: 0, WallTime: 1.70000000025e9, Tag: "epoch_accuracy", Value: 1e-7},
		{Step: 300, WallTime: 1.70000000125e9, Tag: "epoch_loss", Value: -3},
	}
	if diff := cmp.Diff(want, tensorboardtest.Points(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestOrder: files of one second, and those of a clock that was set back, are
// read in the order in which they were written.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	at := time.Unix(1_700_000_000, 0)
	for step, at := range []time.Time{at, at, at.Add(-time.Hour), at.Add(time.Hour)} {
		w := Writer{Dir: dir}
		add(t, &w, int64(step), at, Scalar{"x", 1})
		w.Close()
	}
	var steps []int64
	for _, p := range tensorboardtest.Points(t, dir) {
		if p.Version == "" {
			steps = append(steps, p.Step)
		}
	}
	if want := []int64{0, 1, 2, 3}; !cmp.Equal(steps, want) {
		t.Errorf("got steps %v, want %v", steps, want)
	}
}

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "nothing"), link); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, filepath.Join(file, "train"), link, filepath.Join(link, "train")} {
		w := Writer{Dir: bad}
		if Check(bad) == nil || w.Add(0, time.Now()) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	for _, good := range []string{dir, filepath.Join(dir, "a", "b", "train")} {
		if err := Check(good); err != nil {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("Check left traces: %v %v", left, err)
	}
}

func TestUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "train")
	for _, want := range []bool{false, true} {
		if used, err := Used(dir); err != nil || used != want {
			t.Errorf("got %v, %v, want %v", used, err, want)
		}
		add(t, &Writer{Dir: dir}, 0, time.Now())
	}
}

// TestTensorBoardReads: TensorBoard itself finds the points, in files and
// through its server.
func TestTensorBoardReads(t *testing.T) {
	if exec.Command("python3", "-c", "import tensorboard").Run() != nil {
		t.Skip("python3 has no tensorboard")
	}
	dir := t.TempDir()
	var want string
	for _, run := range []string{"train", "validation"} {
		for _, part := range [][]int64{{0, 1}, {2, 3}} { // the second goes on, as -resume does
			w := Writer{Dir: filepath.Join(dir, run)}
			for _, step := range part {
				add(t, &w, step, time.Unix(1_700_000_000+step, 0), Scalar{"epoch_loss", 1 / float32(step+2)})
				v := float64(1 / float32(step+2))
				want += fmt.Sprintf("%s epoch_loss %d %d.0 %v\n", run, step, 1_700_000_000+step, v)
			}
			w.Close()
		}
	}
	out, err := exec.Command("python3", "testdata/verify.py", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want+"http\n"+want, string(out)); diff != "" {
		t.Error(diff)
	}
}

func add(t *testing.T, w *Writer, step int64, at time.Time, scalars ...Scalar) {
	t.Helper()
	if err := w.Add(step, at, scalars...); err != nil {
		t.Fatal(err)
	}
}
