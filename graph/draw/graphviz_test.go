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

// dot must take the pictures of any list without a warning, and put all boxes where
// they are meant.
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
			for _, drawing := range []draw.Drawing{draw.Forward, draw.Fused} {
				checkPlaces(t, picture(t, net, draw.Picture{Title: name, Drawing: drawing}))
			}
			if len(net.Params) == 0 {
				return
			}
			eachLowering(t, func(t *testing.T, lowering graph.Lowering) {
				checkPlaces(t, picture(t, net, draw.Picture{Title: name, Drawing: draw.Training, Lowering: lowering}))
				checkPlaces(t, picture(t, net, draw.Picture{Title: name, Drawing: draw.Nodes, Lowering: lowering}))
			})
		})
	}
}

// checkPlaces wants values to go down, gradients to come back up, weights to the
// left of the op that reads them and biases to its right, if they are beside it,
// and a frame of gradients to the right of its layer's, at the same height.
func checkPlaces(t *testing.T, dot string) {
	t.Helper()
	type point struct{ x, y float64 } // y grows upwards
	at := map[string]point{}
	for line := range strings.Lines(string(render(t, dot, "plain"))) {
		var name string
		var p point
		if n, _ := fmt.Sscanf(line, "node %s %g %g", &name, &p.x, &p.y); n == 3 {
			at[name] = p
		}
	}
	for name, right := range at {
		if layer, ok := strings.CutPrefix(name, "label_d_"); ok {
			if left := at["label_"+layer]; left.x >= right.x || left.y != right.y {
				t.Errorf("%s is at %v, its gradients at %v", layer, left, right)
			}
		}
	}
	all := edges(dot)
	if len(all) == 0 {
		t.Errorf("no arrows in\n%s", dot)
	}
	for _, e := range all {
		ends, _, _ := strings.Cut(e, ": ")
		from, to, _ := strings.Cut(ends, " -> ")
		f, h := at[from], at[to]
		back, upTo := strings.HasPrefix(from, "d_"), strings.HasPrefix(to, "d_")
		switch {
		case f.y == h.y && strings.HasSuffix(from, "_bias"):
			if f.x <= h.x {
				t.Errorf("%s: from %v to %v, want a bias to the right", e, f, h)
			}
		case f.y == h.y:
			if f.x >= h.x {
				t.Errorf("%s: from %v to %v, want it to the right", e, f, h)
			}
		case back && upTo && f.y >= h.y:
			t.Errorf("%s: from %v to %v, want gradients to come up", e, f, h)
		case !back && !upTo && f.y <= h.y:
			t.Errorf("%s: from %v to %v, want values to go down", e, f, h)
		}
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
		" \n\t":                "Dense(3)",
		"two\nlines":           ">two<",
		"two\r\nother lines":   ">other lines",
		"a\ttab  and spaces":   "a\u00a0\u00a0\u00a0\u00a0tab\u00a0\u00a0and spaces",
		`{a|b} "c" 'd'`:        `{a|b} &quot;c&quot; &#39;d&#39;`,
		"not \x00 a \xff text": "not \ufffd a \ufffd text",
	} {
		for _, drawing := range draw.Drawings() {
			dot := picture(t, net, draw.Picture{Title: title, Drawing: drawing, Command: title})
			if i := strings.IndexFunc(dot, func(r rune) bool { return r > 126 || r < 32 && r != '\n' }); i >= 0 {
				t.Errorf("title %q: got %q, which is not ASCII", title, dot[i:i+10])
			}
			svg := render(t, dot, "svg")
			if !strings.Contains(string(svg), want) {
				t.Errorf("title %q: want %q in the %s drawing", title, want, drawing)
			}
		}
	}
}
