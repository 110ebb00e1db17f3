package main

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tapenet/mnist"
	"tapenet/models"
	"tapenet/train"
)

// TestScripts: each script trains the same networks as well as ours, so that its
// epochs are the same work. It runs those whose library Python has.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("libraries take seconds to start")
	}
	const images, batch = 12000, 60
	training, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	training = mnist.Set{Pixels: training.Pixels[:images*mnist.Rows*mnist.Cols], Labels: training.Labels[:images]}
	dir := t.TempDir()
	if err := mnist.WriteDir(dir, training, test); err != nil {
		t.Fatal(err)
	}
	for library, script := range map[string]string{"tensorflow": "keras_peer.py", "torch": "pytorch_peer.py", "jax": "jax_peer.py"} {
		t.Run(script, func(t *testing.T) {
			if exec.Command("python3", "-c", "import "+library).Run() != nil {
				t.Skip("python3 has no " + library)
			}
			for _, name := range networkNames() {
				words := []string{"python3", script, "--network", name, "--batch", fmt.Sprint(batch), "--threads", "2", "--data", dir, "--accuracy"}
				p, err := startPeer(context.Background(), 5*time.Minute, words)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(p.stop)
				if err := p.epoch(); err != nil {
					t.Error(err)
				}
				_, said, _ := strings.Cut(p.about, ", accuracy ")
				var got float64
				if _, err := fmt.Sscan(said, &got); err != nil {
					t.Fatalf("%s: got %q, want an accuracy at its end", name, p.about)
				}
				// Runs of 200 steps differ by a few hundredths.
				if want := accuracyOfOurs(t, name, train.Data(training), train.Data(test), batch); math.Abs(got-want) > 0.05 {
					t.Errorf("%s: got accuracy %v, want %v as ours", name, got, want)
				}
			}
		})
	}
}

// accuracyOfOurs is the test accuracy of a network after an epoch, the mean of
// three seeds.
func accuracyOfOurs(t *testing.T, name string, training, test train.Data, batch int) float64 {
	t.Helper()
	n, err := newNetwork(name, mnist.Classes, mnistShape)
	if err != nil {
		t.Fatal(err)
	}
	const seeds = 3
	sum := 0.0
	for seed := range uint64(seeds) {
		trainer, err := train.New(n.Network, models.Init(n.Network, seed), train.Config{Batch: batch, Epochs: 1, Seed: seed, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		h, err := trainer.Fit(context.Background(), training, test)
		if err != nil {
			t.Fatal(err)
		}
		sum += h[0].Val.Accuracy()
	}
	return sum / seeds
}
