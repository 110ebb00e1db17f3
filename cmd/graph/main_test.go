package main

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/command"
	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/mnist/idx"
	"tapenet/models"
)

// call runs the command and returns what it wrote and its exit status.
func call(args ...string) (stdout, stderr string, status int) {
	var out, errs bytes.Buffer
	status = command.Status("graph", &errs, run(context.Background(), args, &out))
	return out.String(), errs.String(), status
}

func TestWritesWhatIsAskedFor(t *testing.T) {
	net, err := models.TwoLayer(10).Build(1, 28, 28)
	if err != nil {
		t.Fatal(err)
	}
	for _, drawing := range draw.Drawings() {
		for _, lowering := range graph.Lowerings() {
			p := draw.Picture{Title: "TwoLayer", Drawing: drawing, Lowering: lowering}
			for ext, write := range map[string]func(io.Writer, *graph.Network, draw.Picture) error{".dot": draw.DOT, ".SVG": draw.SVG} {
				file := filepath.Join(t.TempDir(), "g"+ext)
				stdout, stderr, status := call("-model", "twolayer", "-graph", string(drawing), "-ops", string(lowering), "-o", file)
				if stdout != "" || stderr != "" || status != command.Done {
					t.Fatalf("%s %s%s: exit status %d, wrote %q and %q", drawing, lowering, ext, status, stdout, stderr)
				}
				got, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				p.Command = fmt.Sprintf("go run ./cmd/graph -model twolayer -graph %s -ops %s", drawing, lowering)
				var want bytes.Buffer
				if err := write(&want, net, p); err != nil {
					t.Fatal(err)
				}
				if string(got) != want.String() {
					t.Errorf("%s %s: the file is not that of the network's %s", drawing, lowering, ext)
				}
			}
		}
	}
}

func TestDefaults(t *testing.T) {
	stdout, stderr, status := call()
	if stderr != "" || status != command.Done {
		t.Fatalf("exit status %d, standard error %q", status, stderr)
	}
	for _, want := range []string{"digraph forward {", "OneLayer", "231,926 parameters"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("want %q on the standard output, got\n%s", want, stdout)
		}
	}
}

// write writes a set of images of a shape, (C, H, W), with three classes.
func write(t *testing.T, dir string, shape ...int) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, set := range []string{"train", "t10k"} {
		for name, a := range map[string]idx.Array{
			"-images": {Shape: append([]int{3}, shape...), Data: make([]uint8, 3*graph.Shape(shape).Size())},
			"-labels": {Shape: []int{3}, Data: []uint8{0, 1, 2}},
		} {
			if err := a.WriteFile(filepath.Join(dir, set+name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestData: the network is that for the images and classes of the data.
func TestData(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, 3, 20, 24)
	net, err := models.TwoLayer(3).Build(3, 20, 24)
	if err != nil {
		t.Fatal(err)
	}
	for _, drawing := range draw.Drawings() {
		var want bytes.Buffer
		if err := draw.DOT(&want, net, draw.Picture{
			Title: "TwoLayer", Drawing: drawing, Lowering: graph.Fused,
			Command: fmt.Sprintf("go run ./cmd/graph -model twolayer -graph %s -ops fused -data %q", drawing, dir),
		}); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, status := call("-data", dir, "-model", "twolayer", "-graph", string(drawing))
		if stdout != want.String() || stderr != "" || status != command.Done {
			t.Errorf("%s: exit status %d, standard error %q, standard output\n%s", drawing, status, stderr, stdout)
		}
	}
}

func TestPNG(t *testing.T) {
	if _, err := exec.LookPath("dot"); err != nil {
		t.Skip("needs dot (Graphviz) in PATH")
	}
	file := filepath.Join(t.TempDir(), "g.png")
	if _, stderr, status := call("-graph", "fused", "-o", file); status != command.Done {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size, err := png.DecodeConfig(f); err != nil || size.Width < 400 || size.Height < 400 {
		t.Errorf("got a picture of %v, %v", size, err)
	}
}

// What fails is one line, and the file that was there before stays.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "g.png")
	broken := filepath.Join(dir, "bin")
	for _, name := range []string{"bin", "none"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	small := t.TempDir()
	write(t, small, 7, 7)
	if err := os.WriteFile(filepath.Join(broken, "dot"), []byte("#!/bin/sh\necho half\necho no >&2\necho font >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path, args string
		status           int
		want             string
	}{
		{"no such model", "", "-model threelayer", command.WrongUsage, `invalid value "threelayer" for flag -model: want onelayer or twolayer`},
		{"no such drawing", "", "-graph sideways", command.WrongUsage, `invalid value "sideways" for flag -graph: want forward, fused, training or nodes`},
		{"no such ops", "", "-ops cuda", command.WrongUsage, `invalid value "cuda" for flag -ops: want fused or gorgonia`},
		{"no such format", "", "-o g.gif", command.WrongUsage, `invalid value "g.gif" for flag -o: want a name that ends in .svg, .dot or .png`},
		{"no name", "", "-o=", command.WrongUsage, `invalid value "" for flag -o`},
		{"no such flag", "", "-zoom 2", command.WrongUsage, "flag provided but not defined: -zoom"},
		{"an argument", "", "g.svg", command.WrongUsage, `unexpected argument "g.svg"`},
		{"no folder", "", "-o " + filepath.Join(dir, "missing", "g.svg"), command.Failed, "missing"},
		{"no data", "", "-data " + filepath.Join(dir, "none"), command.Failed, "-data: " + filepath.Join(dir, "none") + ": "},
		{"no weights", "", "-values " + filepath.Join(dir, "none", "w.safetensors"), command.Failed, "no such file"},
		{"no weights but a folder", "", "-values " + filepath.Join(dir, "none"), command.Failed, "-values " + filepath.Join(dir, "none") + ": "},
		{"other weights", "", "-model twolayer -values " + filepath.Join("..", "..", "models", "pretrained", "onelayer.safetensors"), command.Failed, "-values "},
		{"no name of data", "", "-data=", command.WrongUsage, `invalid value "" for flag -data`},
		{"too small", "", "-model twolayer -data " + small, command.Failed, "-data " + small + ": images of 1×7×7: TwoLayer: layer 4, Conv2d"},
		{"no dot", filepath.Join(dir, "none"), "-o " + old, command.Failed, "install graphviz, or write an .svg"},
		{"dot fails", broken, "-o " + old, command.Failed, "exit status 3: no font"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.path != "" {
				t.Setenv("PATH", test.path)
			}
			if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			stdout, stderr, status := call(strings.Fields(test.args)...)
			if status != test.status || stdout != "" || !strings.HasPrefix(stderr, "graph: ") || !strings.Contains(stderr, test.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("got exit status %d, standard output %q, standard error %q; want %d and one line with %q", status, stdout, stderr, test.status, test.want)
			}
			if got, err := os.ReadFile(old); err != nil || string(got) != "old" {
				t.Errorf("the old file has %q, %v", got, err)
			}
			if files, _ := os.ReadDir(dir); len(files) != 3 {
				t.Errorf("got files %v, want the three from before", files)
			}
		})
	}
}

// TestInterruptedWhileDotDraws: the command ends even if dot is a script that runs
// another program, which goes on and keeps the output open.
func TestInterruptedWhileDotDraws(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	script := fmt.Sprintf("#!/bin/sh\n: > %q\n/bin/sleep 10\n", file("started"))
	if err := os.WriteFile(file("dot"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	ctx, interrupt := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-o", file("g.png")}, io.Discard) }()
	for {
		if _, err := os.Stat(file("started")); err == nil {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("ended before dot started: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	interrupt()
	select {
	case err := <-ended:
		if status := command.Status("graph", io.Discard, err); status != command.Interrupted {
			t.Errorf("got error %v and status %d, want %d", err, status, command.Interrupted)
		}
	case <-time.After(8 * time.Second):
		t.Error("still waiting for what dot has started")
	}
}

func TestHelp(t *testing.T) {
	stdout, stderr, status := call("-h")
	if stderr != "" || status != command.Done {
		t.Fatalf("exit status %d, standard error %q", status, stderr)
	}
	for _, want := range []string{"Usage: graph [flags]", "-model name", "-graph what", "-ops ops", "-o file", "-data path", "-values file", "(default: MNIST, embedded)", "(default onelayer)", "(default forward)", "(default fused)"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("-h does not say %q:\n%s", want, stdout)
		}
	}
}

// The command must not depend on the commands that train networks.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		if name := strings.TrimSpace(name); strings.HasPrefix(name, "tapenet/cmd/internal/fit") {
			t.Errorf("imports %s", name)
		}
	}
}

// A full disk is an error, not half a picture.
func TestStandardOutputFails(t *testing.T) {
	if err := run(context.Background(), nil, fullDisk{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got error %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestREADMEPictures: what README shows is what its commands draw.
func TestREADMEPictures(t *testing.T) {
	for name, args := range map[string][]string{
		"onelayer_fused.svg":    {"-graph", "fused"},
		"twolayer_training.svg": {"-model", "twolayer", "-graph", "training"},
	} {
		file := filepath.Join(t.TempDir(), name)
		if _, stderr, status := call(append(args, "-o", file)...); status != command.Done {
			t.Fatalf("%s: exit status %d, %s", name, status, stderr)
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("docs/%s is not what graph %s draws now", name, strings.Join(args, " "))
		}
	}
}
