package figure

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"tapenet/graph/draw/ink"
)

// dot is a figure in the DOT language while it is written.
type dot struct {
	bytes.Buffer
	*Figure
	hidden [][2]string // boxes that an edge joins for the layout alone
}

// spacing is how far apart dot puts boxes.
func (d *dot) spacing() string {
	switch {
	case len(d.Bands) > 0:
		return "nodesep=0.15, ranksep=0.3"
	case d.Loose:
		return "nodesep=0.3, ranksep=0.46"
	}
	return "nodesep=0.28, ranksep=0.34"
}

const (
	sans = `fontname="Helvetica,Arial,DejaVu Sans,sans-serif"`
	mono = `fontname="Menlo,Consolas,DejaVu Sans Mono,monospace"`
)

var small = fmt.Sprintf(`<font point-size="%d" color=%q>`, smallSize, ink.Muted.Light)

// DOT is the figure in the DOT language, in light colours and in ASCII. Boxes and
// arrows are statements of the graph itself, each arrow in its own direction. What
// serves the layout alone is in subgraphs, where readers that look for boxes and
// arrows need not look.
func (f *Figure) DOT() []byte {
	d := dot{Figure: f}
	d.header()
	if len(f.Bands) > 0 {
		d.ruler()
	}
	d.kinds()
	for _, row := range f.Rows {
		d.row(row)
	}
	if len(f.Bands) > 0 {
		d.bands()
	}
	d.edges()
	d.layout()
	d.WriteString("}\n")
	return d.Bytes()
}

// header says what the file is, and opens the graph.
func (d *dot) header() {
	fmt.Fprintf(d, "// %s\n", dotComment(d.Title))
	for _, line := range titleLines(d.Subtitle) {
		fmt.Fprintf(d, "// %s\n", dotComment(line))
	}
	if d.Command != "" {
		fmt.Fprintf(d, "// written by: %s\n", dotComment(d.Command))
	}
	d.WriteString("// to draw it: dot -Tsvg FILE.dot -o FILE.svg\n//\n// Boxes by colour of their line:\n")
	for _, r := range roles {
		if len(d.of(r)) > 0 {
			fmt.Fprintf(d, "//   %s  %s\n", r.line.Light, r.words)
		}
	}
	d.WriteString("// Arrows by colour:\n")
	for _, f := range allFlows {
		if len(d.along(f)) > 0 {
			fmt.Fprintf(d, "//   %s  %s\n", f.line.Light, f.words)
		}
	}
	var title strings.Builder
	for _, line := range titleLines(d.Title) {
		fmt.Fprintf(&title, `<b>%s</b><br align="left"/>`, dotEscape(line))
	}
	fmt.Fprintf(&title, `<font point-size="12" color=%q>`, ink.Muted.Light)
	for _, line := range titleLines(d.Subtitle) {
		fmt.Fprintf(&title, `%s<br align="left"/>`, dotEscape(line))
	}
	title.WriteString("</font>")
	fmt.Fprintf(d, `digraph %s {
  graph [%s, fontsize=18, fontcolor=%q, labelloc=t, labeljust=l,
    label=<%s>,
    bgcolor=%q, pad=0.25, splines=spline, newrank=true, outputorder=edgesfirst, %s];
  node [shape=box, style="rounded,filled", %[2]s, fontsize=%[7]d, fontcolor=%[3]q, penwidth=1.4, margin="0.14,0.07", height=0.3, tooltip="\N"];
  edge [%[8]s, fontsize=%[9]d];
`, d.Name, sans, ink.Text.Light, &title, ink.Card.Light, d.spacing(), titleSize, mono, smallSize)
}

// section writes a comment above what follows.
func (d *dot) section(words string) { fmt.Fprintf(d, "\n  // %s\n", dotComment(words)) }

// of are the names of the boxes in a role.
func (d *dot) of(r Role) (names []string) {
	for _, n := range d.nodes() {
		if n.Role.class == r.class {
			names = append(names, id(n.Name))
		}
	}
	return names
}

// along are the edges of a flow.
func (d *dot) along(f Flow) (edges []Edge) {
	for _, e := range d.Edges {
		if e.Flow == f {
			edges = append(edges, e)
		}
	}
	return edges
}

// kinds writes how boxes of each role look, and which they are.
func (d *dot) kinds() {
	d.section("Kinds of boxes: how each looks, and which are of it")
	for _, r := range roles {
		names := d.of(r)
		if len(names) == 0 {
			continue
		}
		attrs := fmt.Sprintf("fillcolor=%q, color=%q", r.fill.Light, r.line.Light)
		if r.square {
			attrs += `, style="filled"`
		}
		if r.heavy {
			attrs += ", penwidth=2"
		}
		fmt.Fprintf(d, "  subgraph %s { node [%s]; %s; }\n", r.class, attrs, strings.Join(names, "; "))
	}
}

// row writes nodes side by side. Neighbours that nothing joins are joined by a
// hidden edge, which keeps their order.
func (d *dot) row(nodes []Node) {
	nodes = slices.DeleteFunc(slices.Clone(nodes), func(n Node) bool { return n.Name == "" })
	var titles, ids []string
	for i, n := range nodes {
		ids = append(ids, id(n.Name))
		if n.Title != "" {
			titles = append(titles, n.Title)
		}
		if i > 0 && !d.joined(nodes[i-1].Name, n.Name) {
			d.hidden = append(d.hidden, [2]string{ids[i-1], ids[i]})
		}
	}
	d.section(strings.Join(titles, ", "))
	for _, n := range nodes {
		d.node(n)
	}
	if len(ids) > 1 {
		fmt.Fprintf(d, "  { rank=same; %s; }\n", strings.Join(ids, "; "))
	}
}

// edges writes the edges, by what flows along them.
func (d *dot) edges() {
	for _, f := range allFlows {
		edges := d.along(f)
		if len(edges) == 0 {
			continue
		}
		weight, style := f.weight, "solid"
		if f.dashed {
			style = "dashed"
			if len(d.Bands) > 0 { // it goes to the side
				weight = 0
			}
		}
		d.section("Arrows: " + f.words)
		fmt.Fprintf(d, "  edge [color=%q, fontcolor=%q, style=%s, penwidth=%g, arrowsize=%g, weight=%d];\n",
			f.line.Light, f.text.Light, style, f.width, f.tip, weight)
		for _, e := range edges {
			d.edge(e)
		}
	}
}

// edge writes an edge. One that points to the left has no weight: dot puts the tail
// of every other one to the left of its head.
func (d *dot) edge(e Edge) {
	var attrs []string
	if len(e.Label) == 1 {
		attrs = append(attrs, "label=<&#160;"+dotEscape(e.Label[0])+">") // the space keeps it off a line that goes down
	} else if len(e.Label) > 1 {
		attrs = append(attrs, "label=<"+dotLines(e.Label)+">")
	}
	if e.Back && e.Flow == ParamFlow {
		attrs = append(attrs, "weight=0")
	}
	fmt.Fprintf(d, "  %s -> %s", id(e.From), id(e.To))
	if len(attrs) > 0 {
		fmt.Fprintf(d, " [%s]", strings.Join(attrs, ", "))
	}
	d.WriteString(";\n")
}

// layout writes the hidden edges.
func (d *dot) layout() {
	if len(d.hidden) == 0 {
		return
	}
	d.section("Hidden, for the layout alone")
	d.WriteString("  subgraph layout { edge [style=invis];")
	for _, h := range d.hidden {
		fmt.Fprintf(d, " %s -> %s;", h[0], h[1])
	}
	d.WriteString(" }\n")
}
