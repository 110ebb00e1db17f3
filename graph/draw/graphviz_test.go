package draw_test

import (
	"bytes"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"
)

// render runs Graphviz's dot over a picture, and wants no warnings.
func render(t *testing.T, dot, format string) []byte {
	t.Helper()
	path, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("needs dot (Graphviz) in PATH")
	}
	var out, warnings bytes.Buffer
	cmd := exec.Command(path, "-T"+format)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(dot), &out, &warnings
	if err := cmd.Run(); err != nil || warnings.Len() > 0 {
		t.Errorf("dot: %v\n%s%s", err, &warnings, dot)
	}
	return out.Bytes()
}

// A picture must stay legible in a column of 1000 px, with letters of 13 px
// no smaller than 12.
func TestDotPictureWidth(t *testing.T) {
	const widest = 1060
	for name, layers := range notebook {
		for _, drawing := range draw.Drawings() {
			t.Run(fmt.Sprint(name, " ", drawing), func(t *testing.T) {
				eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
					dot := picture(t, build(t, layers, 1, 28, 28), draw.Picture{Title: name, Drawing: drawing, Lowering: lowering})
					size, err := png.DecodeConfig(bytes.NewReader(render(t, dot, "png")))
					if err != nil {
						t.Fatal(err)
					}
					if size.Width > widest {
						t.Errorf("got a picture of %dx%d px, want at most %d wide", size.Width, size.Height, widest)
					}
				})
			})
		}
	}
}

// dot must take the pictures of any list without a warning, and put the frames of
// all nodes where they are meant.
func TestDotTakesAnyList(t *testing.T) {
	nets := map[string]*graph.Network{}
	for _, odd := range oddLists {
		nets[odd.name] = build(t, odd.layers, odd.in...)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 8 {
		nets[fmt.Sprint("random ", i)] = randomNetwork(rng)
	}
	for name, net := range nets {
		t.Run(name, func(t *testing.T) {
			render(t, picture(t, net, draw.Picture{Title: name}), "plain")
			render(t, picture(t, net, draw.Picture{Title: name, Drawing: draw.Fused}), "plain")
			if len(net.Params) == 0 {
				return
			}
			eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
				render(t, picture(t, net, draw.Picture{Title: name, Drawing: draw.Training, Lowering: lowering}), "plain")
				checkSides(t, render(t, picture(t, net, draw.Picture{Title: name, Drawing: draw.Nodes, Lowering: lowering}), "plain"))
			})
		})
	}
}

// checkSides wants the label of each ∂ to the right of its layer's, at the same
// height.
func checkSides(t *testing.T, plain []byte) {
	t.Helper()
	type point struct{ x, y float64 }
	at := map[string]point{}
	for line := range strings.Lines(string(plain)) {
		var name string
		var p point
		if n, _ := fmt.Sscanf(line, "node %s %g %g", &name, &p.x, &p.y); n == 3 {
			at[name] = p
		}
	}
	pairs := 0
	for name, right := range at {
		if layer, ok := strings.CutPrefix(name, "label_d_"); ok {
			pairs++
			if left := at["label_"+layer]; left.x >= right.x || left.y != right.y {
				t.Errorf("%s is at %v, its ∂ at %v", layer, left, right)
			}
		}
	}
	if pairs == 0 {
		t.Errorf("no ∂ in\n%s", plain)
	}
}

func TestDotShowsAnyTitle(t *testing.T) {
	net := build(t, graph.Sequential{graph.Dense(3), graph.SoftMax}, 4)
	for title, want := range map[string]string{
		`<b>&"'`:               `&lt;b&gt;&amp;&quot;&#39;`,
		`a \ b \N \"];`:        `a \ b \N \&quot;];`,
		`]]> &amp; -->`:        `]]&gt; &amp;amp; &#45;&#45;&gt;`,
		`C:\GoNets\lenet`:      `C:\GoNets\lenet`,
		`\\server\nets`:        `\\server\nets`,
		`\L \T \E \H \l \r \n`: `\L \T \E \H \l \r \n`,
		"MNIST ∂ 手書き":          `MNIST ∂ 手書き`,
		" \n\t":                "Network",
		"two\nlines":           "lines",
		"not \x00 a \xff text": "not \ufffd a \ufffd text",
	} {
		for _, drawing := range draw.Drawings() {
			svg := render(t, picture(t, net, draw.Picture{Title: title, Drawing: drawing}), "svg")
			if !strings.Contains(string(svg), want) {
				t.Errorf("title %q: want %q in the %s drawing", title, want, drawing)
			}
		}
	}
}
