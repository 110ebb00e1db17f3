package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/graph/graphtest"
	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/pretrained"
	"tapenet/train"
)

// apart is by how much float32 forward passes may differ from one in float64, and
// from each other, in a probability.
const apart = 4e-6

// snippets is what testdata/snippets.py has recorded.
type snippets struct {
	Images   int
	Versions map[string]string
	Networks map[string]struct {
		FromFloat64 float64     `json:"tapenet_from_float64"`
		First       [][]float64 // probabilities of the first images in float64
	}
	Blocks []struct {
		SHA256, Network  string
		Float64, Tapenet *float64 // nil if the block computes no probabilities
		OtherWinners     int      `json:"other_winners"`
	}
	Commands []struct{ Command, Stdout, Stderr string }
}

func recorded(t *testing.T) (s snippets) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "snippets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSnippets: the commands and the code in docs/export.md are those that were
// run, and gave what Tapenet gives.
func TestSnippets(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "export.md"))
	if err != nil {
		t.Fatal(err)
	}
	s := recorded(t)
	var blocks, commands []string
	for _, part := range regexp.MustCompile("(?m)^    go run \\./cmd/(.*)$|^```python\n((?s:.*?))```$").FindAllStringSubmatch(string(text), -1) {
		if part[1] != "" {
			commands = append(commands, part[1])
			continue
		}
		sum := sha256.Sum256([]byte(part[2]))
		blocks = append(blocks, hex.EncodeToString(sum[:]))
	}
	var ran []string
	for _, b := range s.Blocks {
		ran = append(ran, b.SHA256)
	}
	if got := slices.Compact(ran); !slices.Equal(got, blocks) || len(blocks) < 7 {
		t.Errorf("docs/export.md has code with the SHA-256 %q; run was %q: run testdata/snippets.py again", blocks, got)
	}
	given := map[string]int{} // how often a network's probabilities were computed
	for _, b := range s.Blocks {
		if b.Float64 == nil {
			continue
		}
		given[b.Network]++
		if *b.Float64 > apart || *b.Tapenet > apart || b.OtherWinners > 0 {
			t.Errorf("%s, %.8s: differs by %g from float64 and %g from Tapenet, %d images have another winner", b.Network, b.SHA256, *b.Float64, *b.Tapenet, b.OtherWinners)
		}
	}
	// ONNX Runtime, Keras's load_model and PyTorch for both, load_weights for one.
	if given["onelayer"] != 4 || given["twolayer"] != 3 || s.Images != 10000 {
		t.Errorf("got results of %v on %d images", given, s.Images)
	}
	ran = nil
	back := 0
	for _, c := range s.Commands {
		ran = append(ran, c.Command)
		name, args, _ := strings.Cut(c.Command, " ")
		want := ""
		if strings.Contains(args, "-init ") { // the weights that went out came back
			back++
			want = fmt.Sprintf("Accuracy: %v \n", pretrained.Accuracy(name))
		}
		if !strings.HasPrefix(c.Stdout, want) || want == "" && c.Stdout != "" || c.Stderr != "" {
			t.Errorf("%s printed %q and %q, want %q", c.Command, c.Stdout, c.Stderr, want)
		}
	}
	if !slices.Equal(ran, commands) || back != 2 {
		t.Errorf("docs/export.md has the commands %q; run were %q: run testdata/snippets.py again", commands, ran)
	}
}

// TestSnippetsFloat64: the probabilities with which the others were compared are
// those of the networks that the commands export.
func TestSnippetsFloat64(t *testing.T) {
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := recorded(t)
	for _, name := range models.Names() {
		want := slices.Concat(s.Networks[name].First...)
		n := len(want) / mnist.Classes
		if n < 20 {
			t.Fatalf("%s: got probabilities of %d images", name, n)
		}
		net, values, err := pretrained.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		pixels := test.Pixels[:n*net.In.Size()]
		x, w := make([]float64, len(pixels)), make([]float64, len(values))
		for i, v := range pixels {
			x[i] = float64(v) / 255
		}
		for i, v := range values {
			w[i] = float64(v)
		}
		exact := graphtest.Run(net, w, x, make([]int, n)).Outputs
		p, err := train.NewPredictor(net, values, train.Config{})
		if err != nil {
			t.Fatal(err)
		}
		own, err := p.Predict(pixels)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			// Float64 sums of a few thousand products in another order.
			if math.Abs(exact[i]-want[i]) > 1e-11 || math.Abs(float64(own[i])-want[i]) > apart {
				t.Fatalf("%s: image %d, class %d: recorded %v in float64, got %v there and %v in float32", name, i/mnist.Classes, i%mnist.Classes, want[i], exact[i], own[i])
			}
		}
		if d := s.Networks[name].FromFloat64; !(d > 0 && d <= apart) {
			t.Errorf("%s: Tapenet differs from float64 by %v", name, d)
		}
	}
}
