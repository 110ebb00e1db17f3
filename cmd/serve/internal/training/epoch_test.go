package training

import (
	"slices"
	"testing"

	"tapenet/cmd/serve/internal/networks"
)

// TestMistakes: images are counted by label and answer, and the hardest come first.
func TestMistakes(t *testing.T) {
	row := func(class int, p float32) []float32 {
		r := slices.Repeat([]float32{(1 - p) / 9}, 10)
		r[class] = p
		return r
	}
	probabilities := slices.Concat(row(3, 0.9), row(4, 0.5), row(4, 0.75), row(9, 0.75))
	confusion, hardest := mistakes(probabilities, []uint8{3, 5, 5, 0})
	want := make([]int, 100)
	want[33], want[54], want[9] = 1, 2, 1
	if !slices.Equal(confusion, want) {
		t.Errorf("got confusion %v, want %v", confusion, want)
	}
	if want := []mistake{{2, 5, 4, 0.75}, {3, 0, 9, 0.75}, {1, 5, 4, 0.5}}; !slices.Equal(hardest, want) {
		t.Errorf("got %v, want %v", hardest, want)
	}
	if _, hardest := mistakes(slices.Repeat(row(1, 0.9), 20), make([]uint8, 20)); len(hardest) != maxHardest {
		t.Errorf("got %d mistakes, want %d", len(hardest), maxHardest)
	}
}

// TestKept: whatever the number of epochs, the first and the last are kept, evenly
// spaced ones between them, and no more than fit.
func TestKept(t *testing.T) {
	for _, params := range []int{1, 231926, 1 << 22} {
		most := maxKept
		if params == 1<<22 {
			most = 4 // 64 MB of float32s
		}
		for epochs := 1; epochs <= maxEpochs; epochs++ {
			k := newKept(epochs, params)
			for e := range epochs + 1 {
				k.add(e, []float32{float32(e)})
				if k.epochs[0] != 0 || k.epochs[len(k.epochs)-1] != e || len(k.epochs) > most {
					t.Fatalf("after %d of %d epochs: got %v", e, epochs, k.epochs)
				}
				for i, e := range k.epochs {
					if k.weights[i][0] != float32(e) {
						t.Fatalf("epoch %d has the weights of %v", e, k.weights[i][0])
					}
					if gap := k.epochs[min(1, len(k.epochs)-1)]; i > 0 && i < len(k.epochs)-1 && e-k.epochs[i-1] != gap {
						t.Fatalf("of %d epochs: got %v, want even gaps", epochs, k.epochs)
					}
				}
			}
			if 2*len(k.epochs) < min(epochs, most) {
				t.Errorf("of %d epochs only %v are kept", epochs, k.epochs)
			}
		}
	}
}

// TestKeptVersion: the version of a trained network tells apart layers with equal
// weights, as two trainings stopped before their first step have them, and equal
// weights with other epochs.
func TestKeptVersion(t *testing.T) {
	version := func(list string, epochs, done int) string {
		net, err := networks.Build(list)
		if err != nil {
			t.Fatal(err)
		}
		last := make([]float32, net.NumParams())
		k := newKept(epochs, len(last))
		for e := range done + 1 {
			k.add(e, last)
		}
		return k.network("", net, last, 0).Version
	}
	const list = "Flatten, Dense(3), Rectify, Dense(10), SoftMax"
	want := version(list, 10, 3)
	if want == version("Flatten, Dense(3), Dense(10), SoftMax", 10, 3) {
		t.Error("equal without Rectify")
	}
	if want == version(list, 100, 3) {
		t.Error("equal with epochs 0 to 3 and with 0 and 3")
	}
	if got := version(list, 10, 3); got != want {
		t.Errorf("of equal networks: got %s and %s", got, want)
	}
}
