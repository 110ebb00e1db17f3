package draw_test

import (
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"

	"github.com/google/go-cmp/cmp"
)

// element is an element of an SVG file.
type element struct {
	name     string
	attrs    map[string]string
	text     string // without that of its children
	children []*element
}

// parseSVG reads a whole file strictly.
func parseSVG(t *testing.T, text string) *element {
	t.Helper()
	stack := []*element{{}}
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attrs: map[string]string{}}
			for _, a := range token.Attr {
				e.attrs[a.Name.Local] = a.Value
			}
			top.children = append(top.children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.text += string(token)
		}
	}
	if len(stack[0].children) != 1 || stack[0].children[0].name != "svg" {
		t.Fatalf("want one svg element in\n%s", text)
	}
	return stack[0].children[0]
}

// walk calls f for an element and all that is in it.
func (e *element) walk(f func(*element)) {
	f(e)
	for _, c := range e.children {
		c.walk(f)
	}
}

// number is an attribute.
func (e *element) number(name string) float64 {
	f, err := strconv.ParseFloat(e.attrs[name], 64)
	if err != nil {
		panic(fmt.Sprintf("%s of %s: %v", name, e.name, err))
	}
	return f
}

func (e *element) has(class string) bool {
	return slices.Contains(strings.Fields(e.attrs["class"]), class)
}

// drawnNets are the networks whose pictures are checked.
func drawnNets(t *testing.T) map[string]*graph.Network {
	t.Helper()
	nets := map[string]*graph.Network{}
	for name, layers := range notebook {
		nets[name] = build(t, layers, 1, 28, 28)
	}
	for _, odd := range oddLists {
		nets[odd.name] = build(t, odd.layers, odd.in...)
	}
	nets["three convolutions"] = build(t, graph.Sequential{
		graph.Conv2d(4, 3), graph.Rectify, graph.Conv2d(8, 3), graph.Conv2d(2, 2), graph.MaxPool2D(2), graph.Flatten, graph.Dense(10), graph.SoftMax,
	}, 1, 28, 28)
	nets["one unit"] = build(t, graph.Sequential{graph.Dense(1), graph.Rectify, graph.Dense(1), graph.SoftMax}, 1)
	nets["one layer"] = build(t, graph.Sequential{graph.Rectify}, 100000, 16, 16)
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range 12 {
		nets[fmt.Sprint("random ", i)] = randomNetwork(rng)
	}
	return nets
}

// eachPicture calls f with every drawing of the networks, as DOT and as SVG.
func eachPicture(t *testing.T, f func(t *testing.T, p draw.Picture, dot, svg string)) {
	for name, net := range drawnNets(t) {
		t.Run(name, func(t *testing.T) {
			for _, drawing := range draw.Drawings() {
				for _, lowering := range graph.Lowerings() {
					once := drawing == draw.Forward || drawing == draw.Fused
					if once && lowering != graph.DefaultLowering || !once && len(net.Params) == 0 {
						continue
					}
					t.Run(fmt.Sprint(drawing, " ", lowering), func(t *testing.T) {
						p := draw.Picture{Title: name, Drawing: drawing, Lowering: lowering}
						f(t, p, picture(t, net, p), svg(t, net, p))
					})
				}
			}
		})
	}
}

// TestSVGIsTheDOT wants the same boxes, words and arrows in both formats.
func TestSVGIsTheDOT(t *testing.T) {
	box := regexp.MustCompile(`(?m)^  (\w+) \[(.*)\];$`)
	tag := regexp.MustCompile(`<.*?>`)
	// words are those of a text, whatever is between them.
	words := func(s string) []string {
		s = strings.NewReplacer("\u00a0", " ", "&gt;", ">", "&lt;", "<", "&amp;", "&").Replace(s)
		return strings.Fields(s)
	}
	eachPicture(t, func(t *testing.T, p draw.Picture, dot, svg string) {
		var wantBoxes, gotBoxes, wantEdges, gotEdges []string
		for _, m := range box.FindAllStringSubmatch(letters(dot), -1) {
			if m[1] == "graph" || m[1] == "node" || m[1] == "edge" {
				continue
			}
			label := m[2][strings.Index(m[2], "label=<")+len("label=<"):]
			if i := strings.Index(label, ">, width="); i >= 0 {
				label = label[:i]
			} else {
				label = strings.TrimSuffix(label, ">")
			}
			wantBoxes = append(wantBoxes, fmt.Sprint(m[1], words(tag.ReplaceAllString(label, " "))))
		}
		for _, e := range edges(dot) {
			e, _, _ = strings.Cut(e, ": ")
			wantEdges = append(wantEdges, e)
		}
		root := parseSVG(t, svg)
		for _, e := range root.children {
			switch {
			case e.name == "g" && e.children[0].name == "title":
				text := ""
				for _, c := range e.children[1:] {
					c.walk(func(e *element) { text += " " + e.text })
				}
				gotBoxes = append(gotBoxes, fmt.Sprint(e.attrs["id"], words(text)))
			case e.name == "path":
				gotEdges = append(gotEdges, e.attrs["data-from"]+" -> "+e.attrs["data-to"])
			}
		}
		for _, list := range [][]string{wantBoxes, gotBoxes, wantEdges, gotEdges} {
			slices.Sort(list)
		}
		if diff := cmp.Diff(wantBoxes, gotBoxes); diff != "" {
			t.Errorf("boxes, - DOT, + SVG\n%s", diff)
		}
		if diff := cmp.Diff(wantEdges, gotEdges); diff != "" {
			t.Errorf("edges, - DOT, + SVG\n%s", diff)
		}
	})
}

// TestSVGStandsAlone: unique ids, a colour for every box and edge, nothing from
// elsewhere, nothing that runs.
func TestSVGStandsAlone(t *testing.T) {
	reference := regexp.MustCompile(`url\(([^)]*)\)|@import|https?:|href`)
	eachPicture(t, func(t *testing.T, p draw.Picture, _, svg string) {
		ids := map[string]bool{}
		root := parseSVG(t, svg)
		root.walk(func(e *element) {
			if id, ok := e.attrs["id"]; ok {
				if ids[id] || id == "" {
					t.Errorf("the id %q is there twice", id)
				}
				ids[id] = true
			}
			if e.name == "script" || e.name == "image" || e.name == "use" {
				t.Errorf("got an element %s", e.name)
			}
			if class := e.attrs["class"]; (e.name == "rect" || e.name == "path") && !strings.Contains(svg, "."+class+"{") {
				t.Errorf("no style for the class %q", class)
			}
		})
		for _, m := range reference.FindAllStringSubmatch(strings.Replace(svg, `xmlns="http://www.w3.org/2000/svg"`, "", 1), -1) {
			if id, ok := strings.CutPrefix(m[1], "#"); !ok || !ids[id] {
				t.Errorf("got a reference %q", m[0])
			}
		}
	})
}

func TestSVGShowsAnyTitle(t *testing.T) {
	net := build(t, graph.Sequential{graph.Dense(3), graph.SoftMax}, 4)
	for title, want := range map[string]string{
		`<b>&"']]> -->`:          `<b>&"']]> -->`,
		"MNIST ∂ 手書き":            "MNIST ∂ 手書き",
		" \n\t":                  "Dense(3)",
		"not \x00 a \xff text":   "not \ufffd a \ufffd text",
		strings.Repeat("手", 200): strings.Repeat("手", 200),
	} {
		for _, drawing := range draw.Drawings() {
			root := parseSVG(t, svg(t, net, draw.Picture{Title: title, Drawing: drawing}))
			i := slices.IndexFunc(root.children, func(e *element) bool { return e.has("heading") })
			got := root.children[i]
			if !strings.HasPrefix(got.text, want) || !strings.HasPrefix(root.children[0].text, want) {
				t.Errorf("title %q: got %q in the %s drawing", title, got.text, drawing)
			}
			letters := float64(strings.Count(title, "手")) // each is as wide as it is high
			if room := root.number("width") - got.number("x"); room < 18*letters {
				t.Errorf("%s drawing: got room of %g px for %g letters", drawing, room, letters)
			}
		}
	}
}
