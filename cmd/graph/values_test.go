package main

import (
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tapenet/cmd/internal/command"
	"tapenet/mnist"
	"tapenet/models/pretrained"
)

var meanOf = regexp.MustCompile(`<b>([\w.]+)</b><br/><font[^>]*>(?:[^<]*<br/>)*mean (&#8722;)?([0-9.e]+)(?:&#8722;(\d+))? `)

// means are the means that a picture shows, by the title of the box.
func means(t *testing.T, dot string) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for _, m := range meanOf.FindAllStringSubmatch(dot, -1) {
		text := m[3]
		if m[4] != "" {
			text += "-" + m[4]
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if m[2] != "" {
			v = -v
		}
		all[m[1]] = v
	}
	return all
}

// TestValues: the mean of x is that of the first hundred test images, that of a
// parameter the file's.
func TestValues(t *testing.T) {
	file := filepath.Join("..", "..", "models", "pretrained", "onelayer.safetensors")
	net, values, err := pretrained.Open("onelayer")
	if err != nil {
		t.Fatal(err)
	}
	_, test, err := mnist.Load()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{"x": 0}
	for _, pixel := range test.Pixels[:looked*mnist.Rows*mnist.Cols] {
		want["x"] += float64(pixel) / 255 / looked / mnist.Rows / mnist.Cols
	}
	for _, p := range net.Params {
		for _, w := range p.Of(values) {
			want[p.Name] += float64(w) / float64(p.Size)
		}
	}
	for _, drawing := range []string{"forward", "fused", "nodes"} {
		stdout, stderr, status := call("-graph", drawing, "-values", file)
		if stderr != "" || status != command.Done {
			t.Fatalf("exit status %d, standard error %q", status, stderr)
		}
		got := means(t, stdout)
		for name, mean := range want {
			if shown, ok := got[name]; !ok || math.Abs(shown-mean) > 0.006*math.Abs(mean) { // three digits are shown
				t.Errorf("%s: got a mean of %v for %s, want %v", drawing, shown, name, mean)
			}
		}
		for _, words := range []string{"over the first 100 test images", "go run ./cmd/graph -model onelayer -graph " + drawing + " -ops fused -values"} {
			if !strings.Contains(stdout, words) {
				t.Errorf("%s: the picture does not say %q", drawing, words)
			}
		}
	}
}
