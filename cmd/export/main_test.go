package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/models"
	"tapenet/models/onnx"
	"tapenet/models/pretrained"
	"tapenet/models/weights"
)

// call runs the command and returns what it wrote and its exit status.
func call(args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = command.Status("export", &errs, run(context.Background(), args, &out))
	return out.String(), errs.String(), status
}

// exported runs the command, which has to succeed, and returns the file that it
// wrote under name.
func exported(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	stdout, stderr, status := call(append(args, "-o", file)...)
	if stdout != "" || stderr != "" || status != command.Done {
		t.Fatalf("%q: exit status %d, wrote %q and %q", args, status, stdout, stderr)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// want is the file that the formats' own packages write.
func want(t *testing.T, name string, net *graph.Network, values []float32, about onnx.About) []byte {
	t.Helper()
	var file bytes.Buffer
	var err error
	if name == "n.onnx" {
		err = onnx.Write(&file, net, values, about)
	} else {
		err = weights.Export(&file, name, net, values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// names are a file for each format.
func names() []string {
	names := []string{"n.onnx"}
	for _, ending := range weights.Endings() {
		names = append(names, "n"+ending)
	}
	return names
}

// TestPretrained: without -weights, the file has a network that is trained on
// MNIST; in ONNX, what it names and how often it is right.
func TestPretrained(t *testing.T) {
	about := onnx.About{Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}}
	for _, model := range models.Names() {
		net, values, err := pretrained.Open(model)
		if err != nil {
			t.Fatal(err)
		}
		about.Accuracy = pretrained.Accuracy(model)
		for _, name := range names() {
			if !bytes.Equal(exported(t, name, "-model", model), want(t, name, net, values, about)) {
				t.Errorf("%s: %s is not the file of the pretrained network", model, name)
			}
		}
		if got, upper := exported(t, "n.onnx"), exported(t, "N.ONNX"); !bytes.Equal(got, upper) {
			t.Error("the ending's case matters")
		} else if first := model == models.Names()[0]; bytes.Equal(got, want(t, "n.onnx", net, values, about)) != first {
			t.Errorf("without -model, the file is that of %s: %v", model, !first)
		}
	}
}

// TestWeights: a file that says which network it is of needs no -model; others
// do, and every format that is written can be read.
func TestWeights(t *testing.T) {
	dir := t.TempDir()
	save := func(name string, s graph.Sequential, in ...int) (string, *graph.Network, []float32) {
		net, err := s.Build(in...)
		if err != nil {
			t.Fatal(err)
		}
		values := models.Init(net, 3)
		file := filepath.Join(dir, name)
		var buffer bytes.Buffer
		if err := weights.Save(&buffer, net, values); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, buffer.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return file, net, values
	}
	colour, net, values := save("colour.safetensors", graph.Sequential{
		graph.Conv2d(4, 3), graph.Rectify, graph.Conv2d(3, 3), graph.Rectify, graph.Flatten, graph.Dense(5), graph.SoftMax,
	}, 3, 9, 8)
	for _, name := range names() {
		if !bytes.Equal(exported(t, name, "-weights", colour), want(t, name, net, values, onnx.About{})) {
			t.Errorf("%s is not the file of the network that the weights are of", name)
		}
	}
	two, net, values := save("two.safetensors", models.TwoLayer(10), 1, 28, 28)
	safetensors := want(t, "n.safetensors", net, values, onnx.About{})
	for _, name := range names()[1:] {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, exported(t, name, "-weights", two), 0o644); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(exported(t, "n.safetensors", "-weights", file, "-model", "twolayer"), safetensors) {
			t.Errorf("other weights after a way through %s", name)
		}
	}
}

// TestErrors: what fails is one line, and the file that was there before stays.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	bare, array, text := in("bare.safetensors"), in("array.npz"), in("text")
	for name, content := range map[string][]byte{
		bare: unnamed(t), array: exported(t, "n.npz", "-model", "twolayer"), text: []byte("epoch,loss\n0,1.7\n"),
	} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old := in("net.onnx")
	for _, test := range []struct {
		name, args string
		status     int
		want       string
	}{
		{"no file", "-model twolayer", command.WrongUsage, "want a file to write to: export -o net.onnx"},
		{"no such model", "-model threelayer -o " + old, command.WrongUsage, `invalid value "threelayer" for flag -model: want onelayer or twolayer`},
		{"no such format", "-o net.pt", command.WrongUsage, `invalid value "net.pt" for flag -o: want a name that ends in .onnx, .`},
		{"HDF5 that Keras would not read", "-o net.h5", command.WrongUsage, `.weights.h5`},
		{"no name", "-o=", command.WrongUsage, `invalid value "" for flag -o`},
		{"no such flag", "-opset 13", command.WrongUsage, "flag provided but not defined: -opset"},
		{"an argument", "net.onnx", command.WrongUsage, `unexpected argument "net.onnx"`},
		{"no folder", "-o " + in("missing/net.onnx"), command.Failed, "-o " + in("missing/net.onnx")},
		{"no folder, before any weights are read", "-weights " + text + " -o " + in("missing/net.onnx"), command.Failed, "-o " + in("missing/net.onnx")},
		{"no weights", "-weights " + in("missing") + " -o " + old, command.Failed, "-weights: open " + in("missing")},
		{"a folder of weights", "-weights " + dir + " -o " + old, command.Failed, "-weights " + dir + ": "},
		{"no weights in a file", "-weights " + text + " -o " + old, command.Failed, "-weights " + text + ": "},
		{"no weights in a file for a model", "-model twolayer -weights " + text + " -o " + old, command.Failed, "-weights " + text + ": "},
		{"weights of no network", "-weights " + bare + " -o " + old, command.Failed, `no word "tapenet.layers"; it fits -model onelayer`},
		{"a format without a network", "-weights " + array + " -o " + old, command.Failed, "it is NumPy's .npz, which is read only as a whole and for a known network; it fits -model twolayer"},
		{"weights of another network", "-model twolayer -weights " + bare + " -o " + old, command.Failed, "-weights " + bare + ": "},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			stdout, stderr, status := call(strings.Fields(test.args)...)
			if status != test.status || stdout != "" || !strings.HasPrefix(stderr, "export: ") || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("got exit status %d, standard output %q, standard error %q; want %d and one line with %q", status, stdout, stderr, test.status, test.want)
			}
			if got, err := os.ReadFile(old); err != nil || string(got) != "old" {
				t.Errorf("the old file has %q, %v", got, err)
			}
			if files, _ := os.ReadDir(dir); len(files) != 4 {
				t.Errorf("got files %v, want the four from before", files)
			}
		})
	}
}

// unnamed are weights of OneLayer in a file that does not say so, as PyTorch's do
// not.
func unnamed(t *testing.T) []byte {
	t.Helper()
	net, values, err := pretrained.Open("onelayer")
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := (weights.File{Vectors: map[string][]float32{"": values}}).Write(&file, net); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestHelp(t *testing.T) {
	stdout, stderr, status := call("-h")
	if stderr != "" || status != command.Done {
		t.Fatalf("exit status %d, standard error %q", status, stderr)
	}
	for _, want := range append(weights.Endings(), "Usage: export [flags] -o file", "-model name", "-weights file", "-o file", ".onnx") {
		if !strings.Contains(stdout, want) {
			t.Errorf("-h does not say %q:\n%s", want, stdout)
		}
	}
}

// TestInterrupted: weights from a pipe into which nobody writes do not keep the
// command.
func TestInterrupted(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Skipf("%v: %s", err, out)
	}
	ctx, interrupt := context.WithCancel(context.Background())
	interrupt()
	err := run(ctx, []string{"-weights", pipe, "-o", filepath.Join(filepath.Dir(pipe), "n.onnx")}, io.Discard)
	if status := command.Status("export", io.Discard, err); status != command.Interrupted {
		t.Errorf("got error %v and status %d, want %d", err, status, command.Interrupted)
	}
}

// The command must not depend on what trains networks.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		if name := strings.TrimSpace(name); strings.HasPrefix(name, "tapenet/train") || strings.HasPrefix(name, "tapenet/cmd/internal/fit") {
			t.Errorf("imports %s", name)
		}
	}
}
