package runs

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/data/datatest"
	"tapenet/cmd/internal/runs/training"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/train"
)

// sets are 30 images to train on and 20 to test on.
var sets = data.Sets{Train: train.Data(datatest.Squares(30)), Test: train.Data(datatest.Squares(20)), Shape: graph.Shape{1, mnist.Rows, mnist.Cols}, Classes: mnist.Classes}

// of is a run on sets.
func of(network string, batch, epochs int, seed uint64) training.Settings {
	images := training.Images{Data: sets.Digest(), Train: sets.Train.Len(), Test: sets.Test.Len(), Classes: sets.Classes}
	return training.Settings{Network: network, Batch: batch, LR: 0.01, Epochs: epochs, Ops: graph.Fused, Seed: seed, Images: images}
}

// seeds are the runs of twolayer with seeds from 1 on.
func seeds(n int) (all []training.Settings) {
	for seed := range uint64(n) {
		all = append(all, of("twolayer", 20, 1, seed+1))
	}
	return all
}

// fill trains runs into a folder and returns the lines of the progress.
func fill(t *testing.T, c Config, all ...training.Settings) string {
	t.Helper()
	var lines bytes.Buffer
	c.Sets, c.Stderr = sets, &lines
	if err := c.Train(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	return lines.String()
}

// files are the runs in a folder: what they gave, without machine and times.
func files(t *testing.T, dir string) map[string]training.Run {
	t.Helper()
	all := map[string]training.Run{}
	paths, err := filepath.Glob(filepath.Join(dir, Folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		r, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		r.Machine = training.Machine{}
		for i := range r.Epochs {
			r.Epochs[i].Seconds = 0
		}
		all[filepath.Base(path)] = r
	}
	return all
}

// TestSameBits: a run has the bits of a training by package train, for any Jobs and
// Workers.
func TestSameBits(t *testing.T) {
	dir := t.TempDir()
	var all []training.Settings
	for _, network := range models.Names() {
		for _, batch := range []int{7, 40} {
			all = append(all, of(network, batch, 2, 1), of(network, batch, 2, 2))
		}
	}
	fill(t, Config{Dir: dir, Workers: 1, Jobs: 1}, all...)
	want := files(t, dir)
	if len(want) != 8 {
		t.Fatalf("got %d runs, want 8", len(want))
	}
	for name, r := range want {
		net, err := Build(sets, r.Settings)
		if err != nil {
			t.Fatal(err)
		}
		s := r.Settings
		trainer, err := train.New(net, models.Init(net, s.Seed), train.Config{Batch: s.Batch, Epochs: 2, LearningRate: 0.01, Seed: s.Seed})
		if err != nil {
			t.Fatal(err)
		}
		history, err := trainer.Fit(t.Context(), sets.Train, sets.Test)
		if err != nil {
			t.Fatal(err)
		}
		weights, err := trainer.Weights()
		if err != nil {
			t.Fatal(err)
		}
		if last := history[1]; sum(weights) != r.Weights || last.Val.Loss != r.Epochs[1].Val.Loss || last.Train.Correct != r.Epochs[1].Train.Correct {
			t.Errorf("%s: got %+v, want %+v", name, r.Epochs[1], last)
		}
	}
	for _, c := range []Config{{Jobs: 3, Workers: 1}, {Jobs: 2, Workers: 5}, {Jobs: 0, Workers: 2}} {
		c.Dir = t.TempDir()
		fill(t, c, all...)
		if diff := cmp.Diff(want, files(t, c.Dir)); diff != "" {
			t.Errorf("%d jobs, %d workers: want (-) got (+):\n%s", c.Jobs, c.Workers, diff)
		}
	}
}

// TestNothingTwice: a run that is there is not trained again.
func TestNothingTwice(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 1}
	fill(t, c, seeds(2)...)
	infos := func() (all []os.FileInfo) {
		for _, s := range seeds(2) {
			info, err := os.Stat(Path(c.Dir, s))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, info)
		}
		return all
	}
	before := infos()
	if lines := fill(t, c, seeds(3)...); strings.Count(lines, "run ") != 1 || !strings.HasPrefix(lines, "run 1/1: twolayer, batch 20, lr 0.01, epochs 1, seed 3: accuracy ") {
		t.Errorf("one more: got %s", lines)
	}
	for i, now := range infos() {
		if !os.SameFile(before[i], now) || now.ModTime() != before[i].ModTime() {
			t.Errorf("%s was written again", now.Name())
		}
	}
	if lines := fill(t, c, seeds(3)...); lines != "" {
		t.Errorf("all is there, and still: %s", lines)
	}
}

// TestFailure: a training that diverges is a result, and no reason to end the others,
// nor to train it again. Stops that it did not reach fail with it.
func TestFailure(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 1, Details: true}
	var all []training.Settings
	for _, s := range []training.Settings{of("twolayer", 20, 2, 1), of("twolayer", 20, 3, 1), of("twolayer", 20, 2, 2)} {
		if s.Seed == 1 {
			s.LR = 1e38
		}
		all = append(all, s)
	}
	if lines := fill(t, c, all...); strings.Count(lines, ": failed in epoch 1, ") != 2 || !strings.Contains(lines, "run 3/3: ") {
		t.Errorf("got %s", lines)
	}
	for name, r := range files(t, c.Dir) {
		if failed := r.Settings.Seed == 1; failed != (r.Failed != "") || failed != (r.Details == nil) {
			t.Errorf("%s: got %+v", name, r)
		}
	}
	if lines := fill(t, c, all...); lines != "" {
		t.Errorf("trained again: %s", lines)
	}
	alone := Config{Dir: t.TempDir(), Workers: 1}
	fill(t, alone, all[0])
	name := all[0].Name()
	if diff := cmp.Diff(files(t, alone.Dir)[name], files(t, c.Dir)[name]); diff != "" {
		t.Errorf("alone (-), on the way (+):\n%s", diff)
	}
}

// TestInterrupt: what is done is kept, and the same call goes on.
func TestInterrupt(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 1, Jobs: 1, Sets: sets}
	ctx, cancel := context.WithCancel(t.Context())
	c.Stderr = writer(func(line []byte) {
		if bytes.HasPrefix(line, []byte("run 2/")) {
			cancel()
		}
	})
	err := c.Train(ctx, seeds(4))
	if status := command.Status("x", io.Discard, err); status != command.Interrupted || err.Error() != "interrupted; runs still missing: 2; those done are kept in "+c.Dir+", and the same command goes on" {
		t.Errorf("got exit status %d, %v", status, err)
	}
	before := files(t, c.Dir)
	lines := fill(t, c, seeds(4)...)
	if len(before) != 2 || !strings.Contains(lines, "run 2/2: ") || len(files(t, c.Dir)) != 4 {
		t.Errorf("had %d runs, got %d and %s", len(before), len(files(t, c.Dir)), lines)
	}
}

type writer func([]byte)

func (w writer) Write(text []byte) (int, error) { w(text); return len(text), nil }

// TestNotWritable: a folder that cannot be written is an error before the first
// training, a file that cannot ends all of them.
func TestNotWritable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, Folder), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	c := Config{Dir: dir, Workers: 1, Sets: sets, Stderr: &lines}
	if err := c.Train(t.Context(), seeds(2)); err == nil || !strings.HasPrefix(err.Error(), "-o: ") || lines.Len() > 0 {
		t.Errorf("got error %v, and %s", err, &lines)
	}
	c.Dir = filepath.Join(t.TempDir(), "link") // to nowhere
	if err := os.Symlink("nowhere", c.Dir); err == nil {
		if err := c.Train(t.Context(), seeds(2)); err == nil || !strings.HasPrefix(err.Error(), "-o: ") || lines.Len() > 0 {
			t.Errorf("a link to nowhere: got error %v, and %s", err, &lines)
		}
	}
	c.Dir = t.TempDir()
	blocked := seeds(3)[2]
	c.Stderr = writer(func(line []byte) {
		if bytes.HasPrefix(line, []byte("run 1/")) { // the lock of the third is in the way
			os.Mkdir(filepath.Join(c.Dir, Folder, "."+blocked.Name()+".lock"), 0o777)
		}
	})
	c.Jobs = 1
	if err := c.Train(t.Context(), seeds(3)); err == nil || !strings.HasPrefix(err.Error(), blocked.Name()+": ") || len(files(t, c.Dir)) != 2 {
		t.Errorf("got error %v, and %d runs, want 2", err, len(files(t, c.Dir)))
	}
}

// TestUnkept: a run that Read would refuse is not written, and no failure of the
// training but an error of all.
func TestUnkept(t *testing.T) {
	c := Config{Dir: t.TempDir(), Workers: 1, Sets: sets, Stderr: io.Discard}
	impossible := of("twolayer", 20, 1, 1)
	impossible.Test = 1 // of 20 images more are right
	err := c.Train(t.Context(), []training.Settings{impossible})
	if err == nil || !strings.Contains(err.Error(), impossible.Name()+": epoch 1: got ") || len(files(t, c.Dir)) != 0 {
		t.Errorf("got error %v, and %d runs", err, len(files(t, c.Dir)))
	}
}
