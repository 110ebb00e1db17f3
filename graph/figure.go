package graph

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// figure is a picture before it has a format: what is drawn beside what, and
// what is joined. Its boxes are in rows, or in bands of frames.
type figure struct {
	drawing         Drawing
	title, subtitle string
	rows            [][]node // boxes side by side, in columns; a node without a name is a gap
	bands           []band
	edges           []edge
}

// node is a box of a figure: a title in bold over lines of small print. One
// with entries is a table of them instead, without a title of its own, or, of
// kindOp, an op of several layers: the title, an entry for each layer, the
// lines.
type node struct {
	name    string
	kind    kind
	title   string
	lines   []string
	entries []entry
}

// entry is a row of a node.
type entry struct {
	kind        kind // of a layer
	title, line string
	below       string // between a layer and the next one
}

// band is what is drawn of one group of an ExprGraph: a frame with what is
// computed forward to the left, one with its ∂ to the right. Either can be
// empty.
type band struct {
	name  string
	sides [2][]node
}

// The sides of a band: values go down, gradients come back up.
const (
	leftSide  = 0
	rightSide = 1
)

// edge is an arrow from one node to another.
type edge struct {
	from, to string
	kind     edgeKind
	label    []string
	back     bool // it points against the reading direction, up or to the left
}

// joined is whether an edge goes from one node to the other, or back.
func (f *figure) joined(a, b string) bool {
	return slices.ContainsFunc(f.edges, func(e edge) bool { return e.from == a && e.to == b || e.from == b && e.to == a })
}

// The visual language of all pictures: the kind of a box is its colour and its
// outline, so that parameters, gradients and results are told apart without
// reading.

// kind is what a box stands for.
type kind struct {
	class       string
	light, dark paint
	square      bool // else rounded
	heavy       bool // with a thick outline
}

// paint are the colours of a box.
type paint struct{ fill, line string }

var (
	kindData      = kind{class: "data", light: paint{"#eef2f6", "#5b6675"}, dark: paint{"#20262f", "#a3adba"}, square: true}
	kindParam     = kind{class: "param", light: paint{"#fff4d6", "#b98900"}, dark: paint{"#2b240f", "#e0b040"}, square: true}
	kindLinear    = kind{class: "linear", light: paint{"#e3f0fa", "#0072b2"}, dark: paint{"#12283b", "#56b4e9"}}
	kindBend      = kind{class: "bend", light: paint{"#fdece0", "#d55e00"}, dark: paint{"#3a2317", "#f0884a"}}  // activations
	kindShape     = kind{class: "shape", light: paint{"#f4f4f2", "#8a8f98"}, dark: paint{"#23272d", "#848d99"}} // fewer values, or the same in another shape
	kindResult    = kind{class: "result", light: paint{"#e2f3ec", "#00805d"}, dark: paint{"#10291f", "#3dbd8d"}, heavy: true}
	kindGrad      = kind{class: "grad", light: paint{"#f3e9f6", "#7b3294"}, dark: paint{"#2b1e34", "#c08be6"}}
	kindParamGrad = kind{class: "paramgrad", light: paint{"#e9f4ea", "#1b7837"}, dark: paint{"#162c1c", "#4fd18b"}, square: true}
	kindOp        = kind{class: "op", light: paint{"#f7f9fb", "#8a94a3"}, dark: paint{"#1b2027", "#727d8b"}} // several layers in one
)

var boxKinds = []kind{kindData, kindParam, kindLinear, kindBend, kindShape, kindResult, kindGrad, kindParamGrad, kindOp}

// kinds are the kinds of the layers.
var kinds = map[Op]kind{
	OpConv2d: kindLinear, OpDense: kindLinear,
	OpRectify: kindBend, OpSoftMax: kindBend,
	OpMaxPool2D: kindShape, OpFlatten: kindShape,
}

// edgeKind is what flows along an edge.
type edgeKind struct {
	class       string
	light, dark string // colours
	width       float64
	dashed      bool
	dot         string // attributes in DOT
}

var (
	edgeValue     = edgeKind{class: "value", light: "#8a94a3", dark: "#727d8b", width: 1.3, dot: `weight=20`}
	edgeData      = edgeKind{class: "value", light: "#8a94a3", dark: "#727d8b", width: 1.3, dot: `arrowsize=0.55`}
	edgeParam     = edgeKind{class: "weight", light: "#b98900", dark: "#e0b040", width: 1.1, dot: `color="#b98900", penwidth=1.1, arrowsize=0.55`}
	edgeKeep      = edgeKind{class: "keep", light: "#aab3c0", dark: "#5b6675", width: 1.3, dashed: true, dot: `style=dashed, color="#aab3c0", arrowsize=0.55`}
	edgeGrad      = edgeKind{class: "gradient", light: "#7b3294", dark: "#c08be6", width: 1.6, dot: `color="#7b3294", fontcolor="#7b3294", penwidth=1.6, weight=20`}
	edgeParamGrad = edgeKind{class: "out", light: "#1b7837", dark: "#4fd18b", width: 1.3, dot: `color="#1b7837", arrowsize=0.55`}
)

var edgeKinds = []edgeKind{edgeValue, edgeParam, edgeKeep, edgeGrad, edgeParamGrad}

// The sizes of letters.
const (
	titleSize = 13
	smallSize = 11
)

// boldWidth and plainWidth are widths that a title and small print fit in
// whatever font a viewer has: what lays them out may have a narrower one.
// Letters of DejaVu Sans, the widest of the fonts asked for, take 0.68 em in
// bold and else 0.60 em. The products are rounded, here and where boxes are
// placed: some processors would else fuse them with a sum, and draw another
// picture.
func boldWidth(s string) float64 {
	return float64(0.68 * titleSize * float64(utf8.RuneCountInString(s)))
}

func plainWidth(s string) float64 {
	return float64(0.60 * smallSize * float64(utf8.RuneCountInString(s)))
}

// textWidth is that of a title over lines of small print.
func textWidth(title string, lines ...string) float64 {
	w := boldWidth(title)
	for _, l := range lines {
		w = max(w, plainWidth(l))
	}
	return w
}

// id makes the name of a layer or parameter one that DOT need not quote.
func id(name string) string { return strings.ReplaceAll(name, ".", "_") }

// gradName is the name of a box's ∂ in a picture.
func gradName(box string) string { return "d_" + box }

// thousands is n with separators: 231,926.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
