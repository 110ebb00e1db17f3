package figure

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rowed has every look of a box, and a label of two lines.
var rowed = Figure{
	Name: "rowed", Title: "<Rows> & more", Subtitle: "of boxes", Loose: true,
	Rows: [][]Node{
		{{}, {Name: "x", Role: Data, Title: "x", Lines: []string{"images"}}, {Name: "d", Role: Grad, Title: "∂ x"}},
		{
			{Name: "a.weight", Role: Param, Entries: []Entry{{Title: "a.weight", Lines: []string{"3 × 3"}}, {Title: "a&b"}}},
			{Name: "a", Role: Several, Title: "<Two>", Lines: []string{"keeps 9"}, Entries: []Entry{
				{Role: Linear, Title: "One", Lines: []string{"9 → 9"}, Below: "9 · never stored"}, {Role: Bend, Title: "Other"},
			}},
			{Name: "b", Role: Grad, Title: "∂ <Two>"},
		},
	},
	Edges: []Edge{
		{From: "x", To: "a", Flow: ValueFlow, Label: []string{"1 < 2"}},
		{From: "a.weight", To: "a", Flow: ParamFlow},
		{From: "a", To: "b", Flow: KeepFlow, Label: []string{"keeps", "its input"}},
		{From: "b", To: "d", Flow: GradFlow, Back: true},
	},
}

// banded has two bands, the second without boxes to the right.
var banded = Figure{
	Name: "banded", Title: "Bands", Subtitle: "of boxes",
	Bands: [][2]Frame{
		{{Name: "top", Title: "top", Nodes: []Node{{Name: "x", Title: "x"}, {Name: "a", Title: "a"}}}, {Name: "d_top", Title: "∂ top", Nodes: []Node{{Name: "d", Title: "d"}}}},
		{{Name: "end", Title: "end", Nodes: []Node{{Name: "b", Title: "b"}}}, {Name: "d_end"}},
	},
	Edges: []Edge{
		{From: "x", To: "a", Flow: ValueFlow},
		{From: "a", To: "b", Flow: ValueFlow},
		{From: "a", To: "d", Flow: KeepFlow},
	},
}

// words are all words of a figure's boxes and labels, sorted.
func (f *Figure) words() []string {
	var all []string
	add := func(texts ...string) {
		for _, text := range texts {
			all = append(all, strings.Fields(text)...)
		}
	}
	for _, n := range f.nodes() {
		add(n.Title)
		add(n.Lines...)
		if n.Role == Several {
			add(oneOp)
		}
		for _, e := range n.Entries {
			add(e.Title, e.Below)
			add(e.Lines...)
		}
	}
	for _, e := range f.Edges {
		add(e.Label...)
	}
	for _, b := range f.Bands {
		add(b[leftSide].Title, b[rightSide].Title)
	}
	add(f.Title, f.Subtitle)
	slices.Sort(all)
	return all
}

// TestSVG wants strict XML with each word, box and edge once.
func TestSVG(t *testing.T) {
	for _, f := range []*Figure{&rowed, &banded} {
		var words, boxes, wantBoxes, edges, wantEdges []string
		in := []string{""}
		for dec := xml.NewDecoder(bytes.NewReader(f.SVG())); ; {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				attrs := map[string]string{}
				for _, a := range token.Attr {
					attrs[a.Name.Local] = a.Value
				}
				in = append(in, token.Name.Local)
				if id := attrs["id"]; token.Name.Local == "g" && !strings.HasPrefix(id, "cluster_") {
					boxes = append(boxes, id)
				}
				if from := attrs["data-from"]; from != "" {
					edges = append(edges, from+" -> "+attrs["data-to"])
				}
			case xml.EndElement:
				in = in[:len(in)-1]
			case xml.CharData:
				if last := in[len(in)-1]; last == "text" || last == "tspan" {
					words = append(words, strings.Fields(string(token))...)
				}
			}
		}
		for _, n := range f.nodes() {
			wantBoxes = append(wantBoxes, id(n.Name))
		}
		for _, e := range f.Edges {
			wantEdges = append(wantEdges, id(e.From)+" -> "+id(e.To))
		}
		slices.Sort(words)
		if diff := cmp.Diff(f.words(), words); diff != "" {
			t.Errorf("%s: words, - want, + got\n%s", f.Name, diff)
		}
		if diff := cmp.Diff(wantBoxes, boxes); diff != "" {
			t.Errorf("%s: boxes, - want, + got\n%s", f.Name, diff)
		}
		if diff := cmp.Diff(wantEdges, edges); diff != "" {
			t.Errorf("%s: edges, - want, + got\n%s", f.Name, diff)
		}
	}
}

// TestDOT runs Graphviz's dot over the figures. It must not warn, draw each box
// once and no others, and put rows and frames where they are meant.
func TestDOT(t *testing.T) {
	path, err := exec.LookPath("dot")
	if err != nil {
		t.Skip("needs dot (Graphviz) in PATH")
	}
	for _, f := range []*Figure{&rowed, &banded} {
		var out, warnings bytes.Buffer
		cmd := exec.Command(path, "-Tplain")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(f.DOT()), &out, &warnings
		if err := cmd.Run(); err != nil || warnings.Len() > 0 {
			t.Fatalf("dot: %v\n%s%s", err, &warnings, f.DOT())
		}
		type point struct{ x, y float64 } // y grows upwards
		at := map[string]point{}
		for line := range strings.Lines(out.String()) {
			var name string
			var p point
			if n, _ := fmt.Sscanf(line, "node %s %g %g", &name, &p.x, &p.y); n == 3 && !strings.HasPrefix(name, "row") { // of the ruler
				at[name] = p
			}
		}
		want := len(f.nodes())
		for _, b := range f.Bands {
			for _, fr := range b {
				if len(fr.Nodes) > 0 {
					want++ // its title
				}
			}
		}
		if want += 2 * min(1, len(f.Bands)); len(at) != want { // the points above the sides
			t.Errorf("%s: got %d nodes, want %d\n%s", f.Name, len(at), want, &out)
		}
		for _, n := range f.nodes() {
			if _, ok := at[id(n.Name)]; !ok {
				t.Errorf("%s: no box %s", f.Name, n.Name)
			}
		}
		switch f {
		case &rowed:
			if w, a, b := at["a_weight"], at["a"], at["b"]; w.x >= a.x || a.x >= b.x || w.y != a.y || a.y != b.y || at["x"].y <= a.y || at["d"].y <= b.y {
				t.Errorf("got a row of %v, %v, %v below %v, %v", w, a, b, at["x"], at["d"])
			}
		case &banded:
			if a, b, d := at["a"], at["b"], at["d"]; a.y <= b.y || d.y <= b.y || d.x <= a.x || d.x <= b.x {
				t.Errorf("got %v over %v, and %v to the right of the first", a, b, d)
			}
		}
	}
}
