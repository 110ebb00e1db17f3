package data

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/train"
)

// TestLoad reads a folder and, without one, MNIST. A pipe that nobody writes to
// does not outlast the command.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	set := mnist.Set{Pixels: make([]uint8, 2*28*28), Labels: []uint8{3, 1}}
	if err := mnist.WriteDir(dir, set, set); err != nil {
		t.Fatal(err)
	}
	got, err := Load(context.Background(), dir, false)
	want := Sets{Train: train.Data(set), Test: train.Data(set), Shape: graph.Shape{1, 28, 28}, Classes: 10}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("a folder: error %v, (-want +got):\n%s", err, diff)
	}
	if s, err := Load(context.Background(), "", false); err != nil || s.Train.Len() != 60000 || s.Test.Len() != 10000 {
		t.Errorf("MNIST: got %d and %d images, error %v", s.Train.Len(), s.Test.Len(), err)
	}
	missing := filepath.Join(dir, "missing")
	if _, err := Load(context.Background(), missing, false); err == nil || !strings.HasPrefix(err.Error(), "-data: stat "+missing) {
		t.Errorf("no folder: got error %v", err)
	}

	if err := os.Remove(filepath.Join(dir, "train-images-idx3-ubyte")); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("mkfifo", filepath.Join(dir, "train-images-idx3-ubyte")).Run(); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, dir, false); err == nil || err.Error() != "interrupted while reading the data" {
		t.Errorf("a pipe that nobody writes to: got error %v", err)
	}
	path := filepath.Join(dir, "train-images-idx3-ubyte")
	if _, err := Load(context.Background(), path, false); err == nil || err.Error() != "-data: "+path+": got a pipe or a device, want a folder or a .npz file" {
		t.Errorf("a pipe as the data: got error %v", err)
	}
}

func TestLimit(t *testing.T) {
	all := Sets{Train: train.Data{Pixels: []uint8{1, 2, 3, 4, 5, 6}, Labels: []uint8{7, 8, 9}}, Shape: graph.Shape{2}}
	for _, row := range []struct {
		n, want int
		err     string
	}{
		{0, 3, ""}, {1, 1, ""}, {3, 3, ""},
		{4, 0, "-limit 4: there are 3 training images: want a smaller number"},
	} {
		got, err := all.Limit(row.n)
		if row.err != "" {
			if err == nil || err.Error() != row.err || command.Status("", new(strings.Builder), err) != command.WrongUsage {
				t.Errorf("%d: got error %v, want %s", row.n, err, row.err)
			}
			continue
		}
		want := train.Data{Pixels: all.Train.Pixels[:2*row.want], Labels: all.Train.Labels[:row.want]}
		if diff := cmp.Diff(want, got.Train); err != nil || diff != "" {
			t.Errorf("%d: error %v, (-want +got):\n%s", row.n, err, diff)
		}
	}
}

// TestDigest: each set is its number of images, the pixels and the labels; another
// shape than MNIST's counts too.
func TestDigest(t *testing.T) {
	s := Sets{Train: train.Data{Pixels: []uint8{5}, Labels: []uint8{9}}, Shape: graph.Shape{1, 28, 28}}
	if got, want := s.Digest(), fmt.Sprintf("%x", sha256.Sum256([]byte("1\n\x05\x090\n"))); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	other := s
	other.Shape = graph.Shape{1, 14, 56}
	if other.Digest() == s.Digest() {
		t.Error("another shape has the same digest")
	}
}
