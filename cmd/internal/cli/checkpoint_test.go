package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

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

func tinyCheckpoint(t testing.TB, dir string) (*job, train.State, settings) {
	t.Helper()
	j := &job{net: tinyNet(t)}
	j.checkpoint = filepath.Join(dir, "ck")
	s := train.State{
		Epoch: 3, Step: 7, Updates: 27, Score: graph.Score{Loss: 0.1 + 0.2, Correct: 5},
		History: train.History{
			{Epoch: 1, Steps: 10, Train: train.Metrics{Loss: 1. / 3, Correct: 6, Images: 10}, Val: &train.Metrics{Loss: 2, Images: 3}, Time: time.Second, StepTime: 3},
			{Epoch: 2, Steps: 10, Train: train.Metrics{Loss: 1e-300, Correct: 7, Images: 10}, Val: &train.Metrics{Loss: 1, Images: 3}},
		},
		Weights: []float32{1, 2, 3, 4}, M: []float32{-1, 1e-40, 0, 5}, V: []float32{0, 1, 2, 3},
	}
	was := settings{Network: "Dense(2), SoftMax", Data: "d", Ops: "fused", Batch: 3, LR: 0.1, Seed: 1 << 63, Shuffle: true, Kernels: "generic"}
	if err := j.writeCheckpoint(s, was); err != nil {
		t.Fatal(err)
	}
	return j, s, was
}

// TestCheckpointRoundTrip: every bit of a state comes back.
func TestCheckpointRoundTrip(t *testing.T) {
	j, want, wantSettings := tinyCheckpoint(t, t.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	got, was, err := readCheckpoint(bytes.NewReader(file), j.net)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) || was != wantSettings {
		t.Errorf("got %+v %+v\nwant %+v %+v", got, was, want, wantSettings)
	}
}

// TestCheckpointEveryByte changes each byte in turn: refused, or read as it
// was.
func TestCheckpointEveryByte(t *testing.T) {
	j, want, _ := tinyCheckpoint(t, t.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	for at := range file {
		for _, change := range []byte{1, 0x20, 0x80, 0xff} {
			bad := bytes.Clone(file)
			bad[at] ^= change
			if got, _, err := readCheckpoint(bytes.NewReader(bad), j.net); err == nil && !reflect.DeepEqual(got, want) {
				t.Fatalf("byte %d of %d changed by %#x: read as another state", at, len(file), change)
			}
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	j, _, _ := tinyCheckpoint(f, f.TempDir())
	file, err := os.ReadFile(j.checkpoint)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, _, err := readCheckpoint(bytes.NewReader(file), j.net)
		if err != nil {
			return
		}
		tr, err := train.New(j.net, s.Weights, train.Config{Ops: graph.Gorgonia})
		if err != nil {
			t.Fatal(err)
		}
		tr.Restore(s) // an error or a state, no panic
	})
}

// BenchmarkCheckpoint times what a checkpoint of OneLayer adds to an epoch.
func BenchmarkCheckpoint(b *testing.B) {
	net, err := models.OneLayer().Build(1, 28, 28)
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
		if err := j.writeCheckpoint(state, settings{}); err != nil {
			b.Fatal(err)
		}
	}
}
