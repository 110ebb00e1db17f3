package figure

import (
	"bytes"
	"fmt"
	"strings"

	"tapenet/graph/draw/ink"
)

// dot is a figure in the DOT language while it is written.
type dot struct {
	bytes.Buffer
	*Figure
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

// DOT is the figure in the DOT language, in light colours.
func (f *Figure) DOT() []byte {
	d := dot{Figure: f}
	fmt.Fprintf(&d, `digraph %s {
  graph [%s, fontsize=18, fontcolor=%q, labelloc=t, labeljust=l,
    label=<<b>%s</b><br align="left"/><font point-size="12" color=%q>%s</font><br align="left"/>>,
    bgcolor=%q, pad=0.25, splines=spline, newrank=true, outputorder=edgesfirst, %s];
  node [shape=box, style="rounded,filled", %[2]s, fontsize=%[9]d, fontcolor=%[3]q, penwidth=1.4, margin="0.14,0.07", height=0.3];
  edge [color=%[10]q, penwidth=1.3, arrowsize=0.65, %[11]s, fontsize=%[12]d, fontcolor=%[5]q];
`, f.Name, sans, ink.Text.Light, dotEscape(f.Title), ink.Muted.Light, dotEscape(f.Subtitle), ink.Card.Light, d.spacing(),
		titleSize, ink.Line.Light, mono, smallSize)
	for _, row := range f.Rows {
		d.row(row)
	}
	if len(f.Bands) > 0 {
		d.frames()
	}
	for _, e := range f.Edges {
		d.edge(e)
	}
	if len(f.Bands) > 0 {
		d.fences()
	}
	d.WriteString("}\n")
	return d.Bytes()
}

// row writes nodes side by side. Neighbours that nothing joins are joined by a
// hidden edge, which keeps their order.
func (d *dot) row(nodes []Node) {
	last := ""
	for _, n := range nodes {
		if n.Name == "" {
			continue
		}
		d.node(n)
		if last != "" {
			d.sameRank(last, n.Name)
			if !d.joined(last, n.Name) {
				d.hide(last, n.Name, "")
			}
		}
		last = n.Name
	}
}

func (d *dot) node(n Node) {
	switch {
	case n.Role == Several:
		d.several(n)
	case len(n.Entries) > 0:
		d.table(n)
	default:
		d.box(n)
	}
}

func (d *dot) box(n Node) {
	attrs := ""
	if n.Role.square {
		attrs += `, style="filled"`
	}
	if n.Role.heavy {
		attrs += ", penwidth=2"
	}
	const inch = 72 // points
	fmt.Fprintf(d, "  %s [label=<%s>, fillcolor=%q, color=%q, tooltip=%q, width=%.2f%s];\n",
		id(n.Name), dotText(n.Title, n.Lines...), n.Role.fill.Light, n.Role.line.Light, n.Name, (textWidth(n.Title, n.Lines...)+margins)/inch, attrs)
}

func (d *dot) table(n Node) {
	fmt.Fprintf(d, `  %s [shape=plain, style="", tooltip=%q, label=<<table border="1" cellborder="0" cellspacing="0" cellpadding="3" bgcolor=%q color=%q>`,
		id(n.Name), n.Name, n.Role.fill.Light, n.Role.line.Light)
	for _, e := range n.Entries {
		var line []string
		if e.Line != "" {
			line = []string{e.Line}
		}
		fmt.Fprintf(d, `<tr><td align="left" balign="left" cellpadding="2" width="%.0f">%s</td></tr>`,
			textWidth(e.Title, line...)+4, dotText(e.Title, line...))
	}
	d.WriteString("</table>>];\n")
}

// several writes an op of several layers: a box with a box for each layer.
func (d *dot) several(n Node) {
	fmt.Fprintf(d, `  %s [shape=plain, style="", tooltip=%q, label=<<table border="1" cellborder="0" cellspacing="5" cellpadding="2" style="rounded" bgcolor=%q color=%q>`,
		id(n.Name), n.Name, n.Role.fill.Light, n.Role.line.Light)
	cell := func(attrs, text string, width float64) {
		fmt.Fprintf(d, `<tr><td %swidth="%.0f">%s</td></tr>`, attrs, width, text)
	}
	pair := func(attrs, title, line string) {
		text, width := dotText(title), boldWidth(title)
		if line != "" {
			text, width = text+"&#160; "+small+dotEscape(line)+"</font>", width+plainWidth("  "+line)
		}
		cell(attrs, text, width+margins)
	}
	pair("", n.Title, oneOp)
	for _, e := range n.Entries {
		pair(fmt.Sprintf(`border="1" style="rounded" bgcolor=%q color=%q cellpadding="4" `, e.Role.fill.Light, e.Role.line.Light), e.Title, e.Line)
		if e.Below != "" {
			cell(`cellpadding="0" `, small+dotEscape(e.Below)+"</font>", plainWidth(e.Below))
		}
	}
	for _, l := range n.Lines {
		cell("", small+dotEscape(l)+"</font>", plainWidth(l))
	}
	d.WriteString("</table>>];\n")
}

// edge writes an edge. One that points against the reading direction is written
// from its head to its tail with dir=back, so that dot ranks and orders both ends
// as if it pointed along.
func (d *dot) edge(e Edge) {
	attrs := e.Flow.dot
	if e.Back {
		e.From, e.To = e.To, e.From
		attrs = "dir=back, " + attrs
	}
	if len(d.Bands) > 0 && e.Flow == KeepFlow { // to the side, or down
		attrs = "minlen=0, weight=0, " + attrs
	}
	if len(e.Label) == 1 {
		attrs = "label=<&#160;" + dotEscape(e.Label[0]) + ">, " + attrs // the space keeps it off a line that goes down
	} else if len(e.Label) > 1 {
		attrs = "label=<" + dotLines(e.Label) + ">, " + attrs
	}
	fmt.Fprintf(d, "  %s -> %s [%s];\n", id(e.From), id(e.To), attrs)
}

// hide writes an edge that serves the layout alone.
func (d *dot) hide(from, to, attrs string) {
	fmt.Fprintf(d, "  %s -> %s [%sstyle=invis];\n", id(from), id(to), attrs)
}

// sameRank puts nodes at the same height.
func (d *dot) sameRank(a, b string) { fmt.Fprintf(d, "  { rank=same; %s; %s; }\n", id(a), id(b)) }

// dotText is a title over lines of small print.
func dotText(title string, lines ...string) string {
	s := "<b>" + dotEscape(title) + "</b>"
	if len(lines) > 0 {
		s += "<br/>" + small + dotLines(lines) + "</font>"
	}
	return s
}

func dotLines(lines []string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = dotEscape(l)
	}
	return strings.Join(escaped, "<br/>")
}
