package graph

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// dot is a figure in the DOT language while it is written.
type dot struct {
	bytes.Buffer
	*figure
}

// dotSpace is how far apart dot sets boxes.
var dotSpace = map[Drawing]string{
	DrawForward:  "nodesep=0.28, ranksep=0.34",
	DrawFused:    "nodesep=0.28, ranksep=0.34",
	DrawTraining: "nodesep=0.3, ranksep=0.46",
	DrawNodes:    "nodesep=0.15, ranksep=0.3",
}

const (
	sans  = `fontname="Helvetica,Arial,DejaVu Sans,sans-serif"`
	mono  = `fontname="Menlo,Consolas,DejaVu Sans Mono,monospace"`
	small = `<font point-size="11" color="#5b6675">`
)

// dot is the figure in the DOT language, in light colours.
func (f *figure) dot() []byte {
	d := dot{figure: f}
	fmt.Fprintf(&d, `digraph %s {
  graph [%s, fontsize=18, fontcolor="#1c2430", labelloc=t, labeljust=l,
    label=<<b>%s</b><br align="left"/><font point-size="12" color="#5b6675">%s</font><br align="left"/>>,
    bgcolor="#ffffff", pad=0.25, splines=spline, newrank=true, outputorder=edgesfirst, %s];
  node [shape=box, style="rounded,filled", %s, fontsize=%d, fontcolor="#1c2430", penwidth=1.4, margin="0.14,0.07", height=0.3];
  edge [color="#8a94a3", penwidth=1.3, arrowsize=0.65, %s, fontsize=%d, fontcolor="#5b6675"];
`, f.drawing, sans, escape(f.title), escape(f.subtitle), dotSpace[f.drawing], sans, titleSize, mono, smallSize)
	for _, row := range f.rows {
		d.row(row)
	}
	if len(f.bands) > 0 {
		d.frames()
	}
	for _, e := range f.edges {
		d.edge(e)
	}
	if len(f.bands) > 0 {
		d.fences()
	}
	d.WriteString("}\n")
	return d.Bytes()
}

// row writes nodes side by side. Neighbours that nothing joins are joined by a
// hidden edge, which keeps their order.
func (d *dot) row(nodes []node) {
	last := ""
	for _, n := range nodes {
		if n.name == "" {
			continue
		}
		d.node(n)
		if last != "" {
			d.sameRank(last, n.name)
			if !d.joined(last, n.name) {
				d.hide(last, n.name, "")
			}
		}
		last = n.name
	}
}

func (d *dot) node(n node) {
	switch {
	case n.kind == kindOp:
		d.op(n)
	case len(n.entries) > 0:
		d.table(n)
	default:
		d.box(n)
	}
}

// margins are the points to the left and right of a box's text: twice 0.14
// inches and the lines.
const margins = 22

func (d *dot) box(n node) {
	attrs := ""
	if n.kind.square {
		attrs += `, style="filled"`
	}
	if n.kind.heavy {
		attrs += ", penwidth=2"
	}
	const inch = 72 // points
	paint := n.kind.light
	fmt.Fprintf(d, "  %s [label=<%s>, fillcolor=%q, color=%q, tooltip=%q, width=%.2f%s];\n",
		id(n.name), dotText(n.title, n.lines...), paint.fill, paint.line, n.name, (textWidth(n.title, n.lines...)+margins)/inch, attrs)
}

func (d *dot) table(n node) {
	paint := n.kind.light
	fmt.Fprintf(d, `  %s [shape=plain, style="", tooltip=%q, label=<<table border="1" cellborder="0" cellspacing="0" cellpadding="3" bgcolor=%q color=%q>`,
		id(n.name), n.name, paint.fill, paint.line)
	for _, e := range n.entries {
		var line []string
		if e.line != "" {
			line = []string{e.line}
		}
		fmt.Fprintf(d, `<tr><td align="left" balign="left" cellpadding="2" width="%.0f">%s</td></tr>`,
			textWidth(e.title, line...)+4, dotText(e.title, line...))
	}
	d.WriteString("</table>>];\n")
}

// op writes an op of several layers: a box with a box for each layer.
func (d *dot) op(n node) {
	paint := n.kind.light
	fmt.Fprintf(d, `  %s [shape=plain, style="", tooltip=%q, label=<<table border="1" cellborder="0" cellspacing="5" cellpadding="2" style="rounded" bgcolor=%q color=%q>`,
		id(n.name), n.name, paint.fill, paint.line)
	cell := func(attrs, text string, width float64) {
		fmt.Fprintf(d, `<tr><td %swidth="%.0f">%s</td></tr>`, attrs, width, text)
	}
	pair := func(attrs, title, line string) {
		text, width := dotText(title), boldWidth(title)
		if line != "" {
			text, width = text+"&#160; "+small+escape(line)+"</font>", width+plainWidth("  "+line)
		}
		cell(attrs, text, width+margins)
	}
	pair("", n.title, oneOp)
	for _, e := range n.entries {
		paint := e.kind.light
		pair(fmt.Sprintf(`border="1" style="rounded" bgcolor=%q color=%q cellpadding="4" `, paint.fill, paint.line), e.title, e.line)
		if e.below != "" {
			cell(`cellpadding="0" `, small+escape(e.below)+"</font>", plainWidth(e.below))
		}
	}
	for _, l := range n.lines {
		cell("", small+escape(l)+"</font>", plainWidth(l))
	}
	d.WriteString("</table>>];\n")
}

// edge writes an edge. One that points against the reading direction is
// written from its head to its tail with dir=back: dot then ranks and orders
// both ends as if it pointed along.
func (d *dot) edge(e edge) {
	attrs := e.kind.dot
	if e.back {
		e.from, e.to = e.to, e.from
		attrs = "dir=back, " + attrs
	}
	if len(d.bands) > 0 && e.kind == edgeKeep { // to the side, or down
		attrs = "minlen=0, weight=0, " + attrs
	}
	if len(e.label) == 1 {
		attrs = "label=<&#160;" + escape(e.label[0]) + ">, " + attrs // the space keeps it off a line that goes down
	} else if len(e.label) > 1 {
		attrs = "label=<" + dotLines(e.label) + ">, " + attrs
	}
	fmt.Fprintf(d, "  %s -> %s [%s];\n", id(e.from), id(e.to), attrs)
}

// hide writes an edge for the layout alone.
func (d *dot) hide(from, to, attrs string) {
	fmt.Fprintf(d, "  %s -> %s [%sstyle=invis];\n", id(from), id(to), attrs)
}

// sameRank puts nodes at the same height.
func (d *dot) sameRank(a, b string) { fmt.Fprintf(d, "  { rank=same; %s; %s; }\n", id(a), id(b)) }

// dotText is a title over lines of small print.
func dotText(title string, lines ...string) string {
	s := "<b>" + escape(title) + "</b>"
	if len(lines) > 0 {
		s += "<br/>" + small + dotLines(lines) + "</font>"
	}
	return s
}

func dotLines(lines []string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = escape(l)
	}
	return strings.Join(escaped, "<br/>")
}

// escape makes any string plain text of XML, and of an HTML-like label.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}
