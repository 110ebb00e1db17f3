package fit

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/tensorboard/tensorboardtest"
	"tapenet/models"
)

// TestCurves: the points are those of the history, each once, whether the training
// ran in one go or was resumed, in the same folder or in a new one.
func TestCurves(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	fit := func(args ...string) (stderr string) {
		t.Helper()
		var stdout, errs bytes.Buffer
		args = append([]string{"-limit", "200", "-batch", "50", "-verbose", "0", "-lr", "0.002"}, args...)
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, &stdout, &errs); err != nil {
			t.Fatalf("%q: %v", args, err)
		}
		return errs.String()
	}
	fit("-epochs", "3", "-history", file("h.jsonl"), "-tensorboard", file("whole"))
	want := historyPoints(t, file("h.jsonl"), 0.002, 0.002, 0.002)
	if diff := cmp.Diff(want, curvePoints(t, file("whole"))); diff != "" {
		t.Error(diff)
	}

	fit("-epochs", "2", "-checkpoint", file("ck"), "-tensorboard", file("resumed"))
	check, err := os.ReadFile(file("ck"))
	if err != nil {
		t.Fatal(err)
	}
	for _, logs := range []string{"resumed", "new"} {
		if err := os.WriteFile(file("ck"), check, 0o644); err != nil {
			t.Fatal(err)
		}
		if stderr := fit("-epochs", "3", "-checkpoint", file("ck"), "-resume", "-tensorboard", file(logs)); stderr != "" {
			t.Errorf("%s: got %q on the standard error", logs, stderr)
		}
		if diff := cmp.Diff(want, curvePoints(t, file(logs))); diff != "" {
			t.Errorf("%s: %s", logs, diff)
		}
	}

	for _, logs := range []string{"resumed", "other rate"} { // a folder with the first epochs, and one without
		if err := os.WriteFile(file("ck"), check, 0o644); err != nil {
			t.Fatal(err)
		}
		os.RemoveAll(file("resumed"))
		fit("-epochs", "2", "-tensorboard", file("resumed"))
		if stderr := fit("-epochs", "3", "-checkpoint", file("ck"), "-resume", "-resume-lr", "0.5", "-history", file("h2.jsonl"), "-tensorboard", file(logs)); stderr != "" {
			t.Errorf("%s: got %q on the standard error", logs, stderr)
		}
		if diff := cmp.Diff(historyPoints(t, file("h2.jsonl"), 0.002, 0.002, 0.5), curvePoints(t, file(logs))); diff != "" {
			t.Errorf("%s: %s", logs, diff)
		}
	}

	fit("-epochs", "3", "-checkpoint", file("ck"), "-resume", "-tensorboard", file("later"))
	if diff := cmp.Diff(curvePoints(t, file("other rate")), curvePoints(t, file("later"))); diff != "" {
		t.Errorf("later: %s", diff)
	}

	const used = "there are curves of another training"
	if stderr := fit("-epochs", "1", "-checkpoint", file("ck2"), "-resume=auto", "-tensorboard", file("whole")); !strings.Contains(stderr, used) {
		t.Errorf("-resume=auto that starts: got %q on the standard error", stderr)
	}
	if stderr := fit("-epochs", "1", "-tensorboard", file("whole")); !strings.HasPrefix(stderr, "twolayer: -tensorboard "+file("whole")+": "+used) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("a second training in the folder: got %q on the standard error", stderr)
	}
	fit("-epochs", "0", "-tensorboard", file("none"))
	if _, err := os.Stat(file("none")); err == nil {
		t.Error("a folder was made for no epochs")
	}
}

// curvePoint is a point of a run's curve.
type curvePoint struct {
	Run, Tag string
	Step     int64
	Value    float32
}

// historyPoints are the points that the curves of a history must have, with the
// learning rate of each epoch.
func historyPoints(t *testing.T, path string, lr ...float32) (points []curvePoint) {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Epoch          int64
		Accuracy, Loss float32
		ValAccuracy    float32 `json:"val_accuracy"`
		ValLoss        float32 `json:"val_loss"`
	}
	text := "[" + strings.ReplaceAll(strings.TrimSpace(string(file)), "\n", ",") + "]"
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		points = append(points, curvePoint{"train", "epoch_accuracy", r.Epoch, r.Accuracy},
			curvePoint{"train", "epoch_loss", r.Epoch, r.Loss}, curvePoint{"train", "epoch_learning_rate", r.Epoch, lr[r.Epoch]})
	}
	for _, r := range rows {
		points = append(points, curvePoint{"validation", "epoch_accuracy", r.Epoch, r.ValAccuracy}, curvePoint{"validation", "epoch_loss", r.Epoch, r.ValLoss})
	}
	return points
}

// curvePoints are the points in a folder of event files.
func curvePoints(t *testing.T, dir string) (points []curvePoint) {
	t.Helper()
	for _, run := range []string{"train", "validation"} {
		for _, p := range tensorboardtest.Points(t, filepath.Join(dir, run)) {
			if p.Version == "" {
				points = append(points, curvePoint{run, p.Tag, p.Step, p.Value})
			}
		}
	}
	return points
}
