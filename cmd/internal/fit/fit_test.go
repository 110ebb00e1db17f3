package fit

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist/idx"
	"tapenet/models"
	"tapenet/models/weights"
	"tapenet/train"
)

// TestSummaryFlag: the table comes first, whatever else is printed. Keras
// numbers epochs only if there are several.
func TestSummaryFlag(t *testing.T) {
	net, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := writeSummary(&table, "TwoLayer", net, 80); err != nil {
		t.Fatal(err)
	}
	for args, then := range map[string]string{
		"-epochs 0":                       "Accuracy: ",
		"-epochs 1 -limit 100 -verbose 0": "Accuracy: ",
		"-epochs 1 -limit 100 -verbose 2": "1/1 - ",
		"-epochs 2 -limit 100":            "Epoch 1/2\n1/1 - ",
	} {
		var stdout, stderr bytes.Buffer
		err := run(context.Background(), "TwoLayer", models.TwoLayer, strings.Fields("-summary "+args), &stdout, &stderr)
		if err != nil || !strings.HasPrefix(stdout.String(), table.String()+then) || stderr.Len() > 0 {
			t.Errorf("%s: got error %v and\n%s%s", args, err, stdout.String(), stderr.String())
		}
	}
}

// TestSilent: with -verbose 0, the accuracy at the end is all that is printed.
func TestSilent(t *testing.T) {
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), "TwoLayer", models.TwoLayer, strings.Fields("-epochs 2 -limit 100 -verbose 0"), &stdout, &stderr)
	if err != nil || !regexp.MustCompile(`^Accuracy: \S+ \n Error: \S+\n$`).MatchString(stdout.String()) || stderr.Len() > 0 {
		t.Errorf("got error %v, %q and %q", err, &stdout, &stderr)
	}
}

// TestIdleWorkers: a line says how many of -workers are used, if they are fewer;
// of the default it says nothing.
func TestIdleWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(train.MaxWorkers + 1))
	for args, want := range map[string]string{
		"":                         "",
		"-workers 16":              "",
		"-workers 17":              "twolayer: -workers 17: a step of 200 images uses 16 cores at most\n",
		"-workers 99 -batch 1024":  "twolayer: -workers 99: a step of 1024 images uses 32 cores at most\n",
		"-workers 5 -ops gorgonia": "twolayer: -workers 5: a step of 200 images uses 4 cores at most\n",
	} {
		var stderr bytes.Buffer
		err := run(context.Background(), "TwoLayer", models.TwoLayer, strings.Fields("-epochs 0 -limit 10 "+args), io.Discard, &stderr)
		if err != nil || stderr.String() != want {
			t.Errorf("%q: got %q, error %v, want %q", args, &stderr, err, want)
		}
	}
}

// TestHistoryEnding: capital letters are no other ending.
func TestHistoryEnding(t *testing.T) {
	for _, name := range []string{"h.CSV", "h.Csv", "h.JSONL"} {
		path := filepath.Join(t.TempDir(), name)
		args := []string{"-epochs", "1", "-limit", "10", "-history", path}
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if csv := strings.HasPrefix(string(text), "epoch,accuracy,"); err != nil || csv == (name == "h.JSONL") || json.Valid(text) == csv {
			t.Errorf("%s: got %q, error %v", name, text, err)
		}
	}
}

// TestLimitLeavesTheTestImages: -limit is for training alone.
func TestLimitLeavesTheTestImages(t *testing.T) {
	var all, limited bytes.Buffer
	for out, args := range map[*bytes.Buffer][]string{&all: {"-epochs", "0"}, &limited: {"-epochs", "0", "-limit", "7"}} {
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, out, out); err != nil {
			t.Fatal(err)
		}
	}
	if all.String() != limited.String() {
		t.Errorf("got %q with -limit, %q without", &limited, &all)
	}
}

// TestDotFormats: -dot writes what the ending of the name says, Graphviz's DOT for
// any that says nothing, and in it how to draw the same.
func TestDotFormats(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{"net.svg": "<svg ", "net.dot": "digraph fused {", "net": "// written by: go run ./cmd/graph -model twolayer -graph fused -ops fused\n"} {
		file := filepath.Join(dir, name)
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, []string{"-epochs", "0", "-dot-graph", "fused", "-dot", file}, io.Discard, io.Discard); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(file); err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: got error %v and no %q in\n%.500s", name, err, want, got)
		}
	}
}

// TestListForOtherImages: a list that does not fit MNIST's images trains on others,
// of which it is told what is unusual; the error names the layer where it does not fit.
func TestListForOtherImages(t *testing.T) {
	layers := func(classes int) graph.Sequential {
		return graph.Sequential{graph.Conv2d(2, 30), graph.Rectify, graph.Flatten, graph.Dense(classes), graph.SoftMax}
	}
	dir := t.TempDir()
	for _, set := range []string{"train", "t10k"} {
		images := idx.Array{Shape: []int{4, 32, 31, 3}, Data: make([]uint8, 4*32*31*3)}
		labels := idx.Array{Shape: []int{4}, Data: []uint8{1, 4, 3, 2}}
		for name, a := range map[string]idx.Array{"-images-idx4-ubyte": images, "-labels-idx1-ubyte": labels} {
			if err := a.WriteFile(filepath.Join(dir, set+name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var stderr bytes.Buffer
	do := func(args ...string) (string, error) {
		var stdout bytes.Buffer
		err := run(context.Background(), "Wide", layers, args, &stdout, &stderr)
		return stdout.String(), err
	}
	if out, err := do("-data", dir, "-epochs", "1", "-summary"); err != nil || !strings.Contains(out, "(None, 2, 3, 2)") || !strings.Contains(out, "(None, 4)") {
		t.Errorf("got error %v and\n%s", err, out)
	}
	if want := "wide: -data " + dir + ": no label is 0: the labels 1 to 4 are taken as the classes 0 to 3\n"; stderr.String() != want {
		t.Errorf("got %q on the standard error, want %q", &stderr, want)
	}
	if _, err := do(); err == nil || err.Error() != "MNIST: images of 1×28×28: layer 1, Conv2d(2, 30): a filter of 30x30 does not fit into 28x28 pixels" {
		t.Errorf("got error %v", err)
	}
	if out, err := do("-h"); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out, "Trains a convolutional network on MNIST") {
		t.Errorf("got error %v and\n%s", err, out)
	}
}

// TestFloatsTrainAsBytes: pixels that are floats, from 0 to 255 or from 0 to 1,
// train to the weights that the same pixels as bytes do.
func TestFloatsTrainAsBytes(t *testing.T) {
	const n, size = 30, 28 * 28
	pixels := make([]uint8, n*size)
	for i := range pixels {
		pixels[i] = uint8(i * i >> 3)
	}
	floats := func(scale float32) idx.Array {
		a := idx.Array{Type: idx.Float32, Shape: []int{n, 28, 28}}
		for _, p := range pixels {
			a.Data = binary.BigEndian.AppendUint32(a.Data, math.Float32bits(float32(p)/scale))
		}
		return a
	}
	train := func(images idx.Array) (out string, trained []byte) {
		dir := t.TempDir()
		labels := idx.Array{Shape: []int{n}}
		for i := range n {
			labels.Data = append(labels.Data, uint8(i%10))
		}
		for _, set := range []string{"train", "t10k"} {
			for name, a := range map[string]idx.Array{"-images-idx3-ubyte": images, "-labels-idx1-ubyte": labels} {
				if err := a.WriteFile(filepath.Join(dir, set+name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		file := filepath.Join(dir, "net.safetensors")
		var stdout bytes.Buffer
		args := []string{"-data", dir, "-epochs", "2", "-batch", "20", "-verbose", "0", "-save", file}
		if err := run(context.Background(), "TwoLayer", models.TwoLayer, args, &stdout, io.Discard); err != nil {
			t.Fatal(err)
		}
		trained, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return stdout.String(), trained
	}
	wantOut, want := train(idx.Array{Shape: []int{n, 28, 28}, Data: pixels})
	for _, scale := range []float32{1, 255} {
		if out, got := train(floats(scale)); out != wantOut || !bytes.Equal(got, want) {
			t.Errorf("pixels from 0 to %v: got %q and other weights: %t, want %q", 255/scale, out, !bytes.Equal(got, want), wantOut)
		}
	}
}

// TestSeedOfTheWeights: -seed fixes what a training starts from.
func TestSeedOfTheWeights(t *testing.T) {
	j := &job{net: tinyNet(t)}
	for _, seed := range []uint64{1, 7} {
		j.seed = seed
		got, err := j.initial()
		if want := models.Init(j.net, seed); err != nil || !slices.Equal(got, want) {
			t.Errorf("seed %d: got %v, error %v, want %v", seed, got, err, want)
		}
	}
}

// TestInitFromElsewhere: -init takes the weights of a checkpoint; -init-partial
// takes what fits, starts the rest as without -init, and says which. Without it,
// a file that does not fit leads to it.
func TestInitFromElsewhere(t *testing.T) {
	dir := t.TempDir()
	check, saved, again := filepath.Join(dir, "check"), filepath.Join(dir, "saved"), filepath.Join(dir, "again")
	do := func(title, args string) (stderr string, err error) {
		m, _ := models.ByName(strings.ToLower(title))
		var notices bytes.Buffer
		err = run(context.Background(), title, m.Layers, strings.Fields(args+" -limit 20 -batch 10 -verbose 0"), io.Discard, &notices)
		return notices.String(), err
	}
	load := func(file string, layers graph.Sequential) (*graph.Network, []float32) {
		f, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		net, err := layers.Build(1, 28, 28)
		if err != nil {
			t.Fatal(err)
		}
		w, err := weights.Load(bytes.NewReader(f), net)
		if err != nil {
			t.Fatal(err)
		}
		return net, w
	}
	for _, args := range []string{"-epochs 1 -checkpoint " + check + " -save " + saved, "-epochs 0 -init " + check + " -save " + again} {
		if stderr, err := do("TwoLayer", args); err != nil || stderr != "" {
			t.Fatalf("%s: got error %v, %q", args, err, stderr)
		}
	}
	from, trained := load(saved, models.TwoLayer(10))
	if _, got := load(again, models.TwoLayer(10)); !slices.Equal(got, trained) {
		t.Error("the weights of a checkpoint are others after -init")
	}
	if _, err := do("OneLayer", "-epochs 0 -init "+check); err == nil || !strings.HasSuffix(err.Error(), "dense1.weight: got shape [100 200], want [100 2304]; -init-partial takes what fits") {
		t.Errorf("the checkpoint of another network: got error %v", err)
	}
	stderr, err := do("OneLayer", "-epochs 0 -seed 4 -init-partial -init "+check+" -save "+again)
	if want := "onelayer: -init " + check + ": taken: conv1.weight, conv1.bias, dense1.bias, dense2.weight, dense2.bias; " +
		`not taken: dense1.weight: got shape [100 200], want [100 2304]; unused: ["conv2.bias" "conv2.weight"]` + "\n"; err != nil || stderr != want {
		t.Fatalf("-init-partial: got error %v and %q, want %q", err, stderr, want)
	}
	net, got := load(again, models.OneLayer(10))
	for _, p := range net.Params {
		want := p.Of(models.Init(net, 4))
		for _, q := range from.Params {
			if q.Name == p.Name && slices.Equal(q.Shape, p.Shape) {
				want = q.Of(trained)
			}
		}
		if !slices.Equal(p.Of(got), want) {
			t.Errorf("-init-partial: %s has other values", p.Name)
		}
	}
}

// TestInitFormats: -init takes every format that can be exported, by content, and
// says of those that -init-partial does not take what they are.
func TestInitFormats(t *testing.T) {
	net := tinyNet(t)
	want := models.Init(net, 3)
	for _, ending := range weights.Endings() {
		path := filepath.Join(t.TempDir(), "weights")
		var file bytes.Buffer
		if err := weights.Export(&file, ending, net, want); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		j := &job{net: net, options: options{seed: 1, init: path}, ctx: context.Background()}
		if got, err := j.initial(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, error %v", ending, got, err)
		}
		if ending == ".safetensors" {
			continue
		}
		j.initPartial = true
		if _, err := j.initial(); err == nil || !strings.HasPrefix(err.Error(), "-init "+path+": not a safetensors file: it is ") ||
			!strings.HasSuffix(err.Error(), ", which is read only as a whole and for a known network") {
			t.Errorf("%s, in part: got error %v", ending, err)
		}
		other, err := models.OneLayer(3).Build(1, 28, 28)
		if err != nil {
			t.Fatal(err)
		}
		j.initPartial, j.net = false, other
		if _, err := j.initial(); err == nil || strings.Contains(err.Error(), "-init-partial") {
			t.Errorf("%s, of another network: got error %v", ending, err)
		}
	}
}
