package fit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapenet/mnist"
	"tapenet/models"
	"tapenet/models/onnx"
	"tapenet/models/weights"
)

// TestExport: the file of -export has the weights of -save; in ONNX, it has the
// printed accuracy too, and the names of the classes if they have any.
func TestExport(t *testing.T) {
	small := func(images int) (s mnist.Set) {
		for i := range images {
			s.Pixels, s.Labels = append(s.Pixels, bytes.Repeat([]byte{byte(i)}, 784)...), append(s.Labels, byte(i%3))
		}
		return s
	}
	named, unnamed := t.TempDir(), t.TempDir()
	for _, dir := range []string{named, unnamed} {
		if err := mnist.WriteDir(dir, small(30), small(7)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(named, "classes.txt"), []byte("ant\nbee\ncat\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args    string
		classes []string
	}{
		"MNIST":                {"-epochs 0 -validation 0.1", []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}},
		"named classes":        {"-epochs 1 -data " + named, []string{"ant", "bee", "cat"}},
		"classes of any name":  {"-epochs 1 -data " + unnamed, nil},
		"the best epoch's end": {"-epochs 4 -patience 1 -save-best " + filepath.Join(named, "best") + " -data " + named, []string{"ant", "bee", "cat"}},
	} {
		dir := t.TempDir()
		saved, exported, again := filepath.Join(dir, "w"), filepath.Join(dir, "n.onnx"), filepath.Join(dir, "n.npz")
		do := func(args string) string {
			var stdout bytes.Buffer
			if err := run(context.Background(), "TwoLayer", models.TwoLayer, strings.Fields(args+" -verbose 0"), &stdout, io.Discard); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return stdout.String()
		}
		out := do(test.args + " -save " + saved + " -export " + exported)
		about := onnx.About{Classes: test.classes}
		if _, err := fmt.Sscanf(out, "Accuracy: %g", &about.Accuracy); err != nil {
			t.Fatalf("%s: %v in %q", name, err, out)
		}
		f, err := os.Open(saved)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		net, values, err := weights.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := onnx.Write(&want, net, values, about); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(exported)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: the file is not the model of -save with %v", name, about)
		}
		if name != "named classes" {
			continue
		}
		do("-epochs 0 -data " + named + " -init " + saved + " -export " + again)
		want.Reset()
		if err := weights.Export(&want, again, net, values); err != nil {
			t.Fatal(err)
		}
		if got, err = os.ReadFile(again); err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: %s has other weights, error %v", name, again, err)
		}
	}
}
