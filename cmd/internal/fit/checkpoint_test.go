package fit

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"tapenet/cmd/internal/checkpoint"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/train"
)

func tinyNet(t testing.TB) *graph.Network {
	t.Helper()
	net, err := graph.Sequential{graph.Dense(2), graph.SoftMax}.Build(1)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

func tinyCheckpoint(t testing.TB, dir string) (*job, train.State, checkpoint.Settings) {
	t.Helper()
	j := &job{net: tinyNet(t)}
	j.checkpoint, j.batch, j.epochs = filepath.Join(dir, "ck"), 1, 5
	j.training = train.Data{Pixels: make([]uint8, 10), Labels: make([]uint8, 10)}
	j.val = train.Data{Pixels: make([]uint8, 3), Labels: make([]uint8, 3)}
	s := train.State{
		Epoch: 3, Step: 7, Updates: 27, Score: graph.Score{Loss: 0.1 + 0.2, Correct: 5},
		History: train.History{
			{Epoch: 1, Steps: 10, Train: train.Metrics{Loss: 1. / 3, Correct: 6, Images: 10}, Val: &train.Metrics{Loss: 2, Images: 3}, Time: time.Second, StepTime: 3},
			{Epoch: 2, Steps: 10, Train: train.Metrics{Loss: 1e-300, Correct: 7, Images: 10}, Val: &train.Metrics{Loss: 1, Images: 3}},
		},
		Weights: []float32{1, 2, 3, 4}, M: []float32{-1, 1e-40, 0, 5}, V: []float32{0, 1, 2, 3},
	}
	was := checkpoint.Settings{Network: "Dense(2), SoftMax", Data: "d", Lowering: "fused", Batch: 1, LR: 0.1, Seed: 1 << 63, Shuffle: true, Kernels: "generic"}
	if err := j.writeCheckpoint(s, was); err != nil {
		t.Fatal(err)
	}
	return j, s, was
}

// TestLoadCheckpoint: a state comes back, and one that no training can be in, or that
// has more epochs than are wanted, is refused.
func TestLoadCheckpoint(t *testing.T) {
	j, want, settings := tinyCheckpoint(t, t.TempDir())
	if got, _, err := j.loadCheckpoint(settings); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v and error %v, want %+v", got, err, want)
	}
	j.epochs = 1
	if _, _, err := j.loadCheckpoint(settings); err == nil || !strings.Contains(err.Error(), "2 epochs are done, -epochs is 1") {
		t.Errorf("got error %v", err)
	}
	want.Updates = 28
	if err := j.writeCheckpoint(want, settings); err != nil {
		t.Fatal(err)
	}
	if _, _, err := j.loadCheckpoint(settings); err == nil || !strings.Contains(err.Error(), "got 28 updates of the weights, want 27") {
		t.Errorf("got error %v", err)
	}
}

// BenchmarkCheckpoint times what a checkpoint of OneLayer adds to an epoch.
func BenchmarkCheckpoint(b *testing.B) {
	net, err := models.OneLayer(10).Build(1, 28, 28)
	if err != nil {
		b.Fatal(err)
	}
	tr, err := train.New(net, models.Init(net, 1), train.Config{})
	if err != nil {
		b.Fatal(err)
	}
	j := &job{net: net}
	j.checkpoint = filepath.Join(b.TempDir(), "ck")
	for b.Loop() {
		state, err := tr.State()
		if err != nil {
			b.Fatal(err)
		}
		if err := j.writeCheckpoint(state, checkpoint.Settings{}); err != nil {
			b.Fatal(err)
		}
	}
}
