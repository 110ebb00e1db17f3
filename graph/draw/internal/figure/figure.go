// Package figure holds pictures of boxes and arrows, and writes them for
// Graphviz or as SVG.
//
// A [Figure] says what is drawn beside what, and what is joined. It has no
// coordinates. [Figure.DOT] leaves the layout to Graphviz's dot, [Figure.SVG]
// does it itself. Both write the same boxes, words and arrows, and the same
// bytes for equal figures.
//
// All pictures speak one visual language: the [Role] of a box is its colour and
// its outline, the [Flow] along an arrow its colour and its line. So parameters,
// gradients and results are told apart without reading.
package figure

import "slices"

// Figure is a picture that has no format yet. Its boxes are in rows or in bands,
// never both. Names of boxes and frames consist of letters, digits, _ and dots,
// and no two are equal, not even with _ for every dot. Texts may have any
// letters.
//
// Edges make no cycle within a frame. In rows they lead to a box of the same row
// or column; in bands to a box of the same side, or from left to right.
type Figure struct {
	Name            string     // of the graph in DOT
	Title, Subtitle string     // lines and tabs are drawn as they are given
	Command         string     // in DOT's header: what writes the file; "" says nothing
	Rows            [][]Node   // of equal length: boxes side by side, in columns; a Node without a name is a gap
	Bands           [][2]Frame // one below the other: values to the left, gradients to the right, which all but one may lack
	Edges           []Edge
	Loose           bool // more space between rows in DOT, for what is beside the arrows
}

// Node is a box: a title in bold over lines of small print. One with entries is
// a table of them instead, without a title of its own. In the role Several it has
// all three: the title, an entry for each layer, the lines.
type Node struct {
	Name    string
	Role    Role
	Title   string
	Lines   []string
	Entries []Entry
}

// Entry is a row of a Node.
type Entry struct {
	Role  Role // of a layer; none in a table
	Title string
	Lines []string // of a layer: beside its title
	Below string   // between a layer and the next one
}

// Frame is a frame around boxes.
type Frame struct {
	Name, Title string
	Nodes       []Node
}

// The sides of a band: values go down, gradients come back up.
const (
	leftSide  = 0
	rightSide = 1
)

// Edge is an arrow from one box to another.
type Edge struct {
	From, To string
	Flow     Flow
	Label    []string // lines; none in bands
	Back     bool     // it points against the reading direction, up or to the left
}

// joined reports whether an edge goes from one box to the other, or back.
func (f *Figure) joined(a, b string) bool {
	return slices.ContainsFunc(f.Edges, func(e Edge) bool { return e.From == a && e.To == b || e.From == b && e.To == a })
}

// nodes are all boxes, from the top.
func (f *Figure) nodes() (nodes []Node) {
	for _, row := range f.Rows {
		for _, n := range row {
			if n.Name != "" {
				nodes = append(nodes, n)
			}
		}
	}
	for _, b := range f.Bands {
		for _, fr := range b {
			nodes = append(nodes, fr.Nodes...)
		}
	}
	return nodes
}
