package draw_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"
)

var update = flag.Bool("update", false, "write the pictures in testdata anew")

// The two networks of the notebook.
var notebook = map[string]graph.Sequential{
	"OneLayer": {
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten, graph.Dense(100), graph.Rectify, graph.Dense(10), graph.SoftMax,
	},
	"TwoLayer": {
		graph.Conv2d(16, 5), graph.Rectify, graph.MaxPool2D(2),
		graph.Conv2d(8, 2), graph.Rectify, graph.MaxPool2D(2),
		graph.Flatten, graph.Dense(100), graph.Rectify, graph.Dense(10), graph.SoftMax,
	},
}

// eachLowering runs f for every lowering.
func eachLowering(t *testing.T, f func(t *testing.T, lowering graph.Lowering)) {
	for _, lowering := range graph.Lowerings() {
		t.Run(string(lowering), func(t *testing.T) { f(t, lowering) })
	}
}

func build(t *testing.T, s graph.Sequential, in ...int) *graph.Network {
	t.Helper()
	net, err := s.Build(in...)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// picture is the DOT text of a picture.
func picture(t *testing.T, net *graph.Network, p draw.Picture) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw.DOT(&b, net, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var number = regexp.MustCompile(`&#(\d{3,});`)

// letters are a text in DOT with letters for the numbers of those that are not ASCII.
func letters(dot string) string {
	return number.ReplaceAllStringFunc(dot, func(s string) string {
		r, err := strconv.Atoi(strings.Trim(s, "&#;"))
		if err != nil {
			panic(err)
		}
		return string(rune(r))
	})
}

// svg is the SVG text of a picture.
func svg(t *testing.T, net *graph.Network, p draw.Picture) string {
	t.Helper()
	var b bytes.Buffer
	if err := draw.SVG(&b, net, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden also shows that another process gives the same bytes.
func TestGolden(t *testing.T) {
	for name, layers := range notebook {
		for _, drawing := range draw.Drawings() {
			for _, lowering := range graph.Lowerings() {
				file := strings.ToLower(name) + "_" + string(drawing)
				switch drawing {
				case draw.Training, draw.Nodes:
					file += "_" + string(lowering)
				}
				net, p := build(t, layers, 1, 28, 28), draw.Picture{Title: name, Drawing: drawing, Lowering: lowering}
				compareGolden(t, file+".dot", picture(t, net, p))
				compareGolden(t, file+".svg", svg(t, net, p))
			}
		}
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got another picture; run go test ./graph/draw -update if the change is meant\n%s", path, firstDifference(got, string(want)))
	}
}

// firstDifference are the first lines that differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}

func TestSameBytes(t *testing.T) {
	eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
		for name, layers := range notebook {
			for _, drawing := range draw.Drawings() {
				p := draw.Picture{Title: name, Drawing: drawing, Lowering: lowering}
				for format, write := range map[string]func(*testing.T, *graph.Network, draw.Picture) string{"dot": picture, "svg": svg} {
					first := write(t, build(t, layers, 1, 28, 28), p)
					for range 10 {
						if again := write(t, build(t, layers, 1, 28, 28), p); again != first {
							t.Fatalf("%s %s %s: two pictures of equal networks differ\n%s", name, drawing, format, firstDifference(again, first))
						}
					}
				}
			}
		}
	})
}

func TestPictureDefaults(t *testing.T) {
	net := build(t, notebook["OneLayer"], 1, 28, 28)
	got := picture(t, net, draw.Picture{})
	want := picture(t, net, draw.Picture{Title: "Conv2d(16, 5), Dense(100), Dense(10)", Drawing: draw.Forward, Lowering: graph.DefaultLowering})
	if got != want {
		t.Errorf("the zero Picture: %s", firstDifference(got, want))
	}
	if !strings.Contains(got, "231,926 parameters") {
		t.Error("the picture does not tell the 231,926 parameters")
	}
	for _, drawing := range []draw.Drawing{draw.Forward, draw.Fused} {
		first := picture(t, net, draw.Picture{Drawing: drawing})
		for _, lowering := range graph.Lowerings() {
			if other := picture(t, net, draw.Picture{Drawing: drawing, Lowering: lowering}); other != first {
				t.Errorf("the %s drawing of %s differs from that of %s\n%s", drawing, lowering, graph.DefaultLowering, firstDifference(other, first))
			}
		}
	}
}

func TestPictureErrors(t *testing.T) {
	classifier := graph.Sequential{graph.Dense(3), graph.SoftMax}
	for _, test := range []struct {
		name    string
		layers  graph.Sequential
		picture draw.Picture
		want    string
	}{
		{"no such drawing", classifier, draw.Picture{Drawing: "sketch"}, `unknown drawing "sketch"`},
		{"no such lowering", classifier, draw.Picture{Lowering: "cuda"}, `unknown lowering "cuda"`},
		{"training without SoftMax", graph.Sequential{graph.Dense(3)}, draw.Picture{Drawing: draw.Training}, "training needs SoftMax as the last layer, got Dense(3)"},
		{"nodes without parameters", graph.Sequential{graph.SoftMax}, draw.Picture{Drawing: draw.Nodes}, "training needs a layer with parameters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			net := build(t, test.layers, 4)
			for _, write := range []func(io.Writer, *graph.Network, draw.Picture) error{draw.DOT, draw.SVG} {
				var b bytes.Buffer
				err := write(&b, net, test.picture)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got error %v, want %q", err, test.want)
				}
				if b.Len() > 0 {
					t.Errorf("wrote %d bytes beside the error", b.Len())
				}
			}
		})
	}
}
