package picture

import (
	"bytes"
	"context"
	"image/png"
	"os/exec"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"
)

// TestWrite: the ending of the name chooses the format, whatever its case, and any
// other name is DOT.
func TestWrite(t *testing.T) {
	net, err := graph.Sequential{graph.Dense(3), graph.SoftMax}.Build(4)
	if err != nil {
		t.Fatal(err)
	}
	p := draw.Picture{Title: "small"}
	var svg, dot bytes.Buffer
	if err := draw.SVG(&svg, net, p); err != nil {
		t.Fatal(err)
	}
	if err := draw.DOT(&dot, net, p); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"a.svg": svg.String(), "a.SVG": svg.String(), "a.dot": dot.String(), "a.gv": dot.String(), "/dev/stdout": dot.String()} {
		var got bytes.Buffer
		if err := Write(context.Background(), &got, file, net, p); err != nil {
			t.Fatal(err)
		}
		if got.String() != want {
			t.Errorf("%s: got another format\n%.300s", file, &got)
		}
	}
	if _, err := exec.LookPath("dot"); err != nil {
		t.Skip("needs dot (Graphviz) in PATH")
	}
	var got bytes.Buffer
	if err := Write(context.Background(), &got, "a.Png", net, p); err != nil {
		t.Fatal(err)
	}
	if _, err := png.DecodeConfig(&got); err != nil {
		t.Error(err)
	}
}

func TestCommand(t *testing.T) {
	got := Command("twolayer", "my data", draw.Picture{Drawing: draw.Nodes, Lowering: graph.Gorgonia})
	if want := `go run ./cmd/graph -model twolayer -graph nodes -ops gorgonia -data "my data"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
