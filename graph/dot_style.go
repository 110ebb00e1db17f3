package graph

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// dot is a picture in the DOT language while it is written. All pictures share
// its visual language: the kind of a box is its colour and its outline, so
// that parameters, gradients and results are told apart without reading.
type dot struct{ bytes.Buffer }

// kind is what a box stands for.
type kind struct{ fill, line, attrs string }

var (
	kindData      = kind{"#eef2f6", "#5b6675", `, style="filled"`}
	kindParam     = kind{"#fff4d6", "#b98900", `, style="filled"`}
	kindLinear    = kind{"#e3f0fa", "#0072b2", ""}
	kindBend      = kind{"#fdece0", "#d55e00", ""} // activations
	kindShape     = kind{"#f4f4f2", "#8a8f98", ""} // fewer values, or the same in another shape
	kindResult    = kind{"#e2f3ec", "#00805d", ", penwidth=2"}
	kindGrad      = kind{"#f3e9f6", "#7b3294", ""}
	kindParamGrad = kind{"#e9f4ea", "#1b7837", `, style="filled"`}
)

// kinds are the kinds of the layers.
var kinds = map[Op]kind{
	OpConv2d: kindLinear, OpDense: kindLinear,
	OpRectify: kindBend, OpSoftMax: kindBend,
	OpMaxPool2D: kindShape, OpFlatten: kindShape,
}

// The attributes of edges. An edge that points against the reading direction,
// up or to the left, is written from its head to its tail with dir=back: dot
// then ranks and orders both ends as if it pointed along.
const (
	edgeValue     = `weight=20`
	edgeData      = `arrowsize=0.55`
	edgeParam     = `color="#b98900", penwidth=1.1, arrowsize=0.55`
	edgeKeep      = `style=dashed, color="#aab3c0", arrowsize=0.55`
	edgeGrad      = `dir=back, color="#7b3294", fontcolor="#7b3294", penwidth=1.6, weight=20`
	edgeParamGrad = `color="#1b7837", arrowsize=0.55`
	edgeHidden    = `style=invis` // for the layout alone
)

const (
	sans  = `fontname="Helvetica,Arial,DejaVu Sans,sans-serif"`
	mono  = `fontname="Menlo,Consolas,DejaVu Sans Mono,monospace"`
	small = `<font point-size="11" color="#5b6675">`
)

// begin writes the head of a picture. attrs are added to those of the graph.
func (d *dot) begin(name, title, subtitle, attrs string) {
	fmt.Fprintf(d, `digraph %s {
  graph [%s, fontsize=18, fontcolor="#1c2430", labelloc=t, labeljust=l,
    label=<<b>%s</b><br align="left"/><font point-size="12" color="#5b6675">%s</font><br align="left"/>>,
    bgcolor="#ffffff", pad=0.25, splines=spline, newrank=true, outputorder=edgesfirst, %s];
  node [shape=box, style="rounded,filled", %s, fontsize=13, fontcolor="#1c2430", penwidth=1.4, margin="0.14,0.07", height=0.3];
  edge [color="#8a94a3", penwidth=1.3, arrowsize=0.65, %s, fontsize=11, fontcolor="#5b6675"];
`, name, sans, escape(title), escape(subtitle), attrs, sans, mono)
}

func (d *dot) end() { d.WriteString("}\n") }

// box writes a node: a title in bold over lines of small print.
func (d *dot) box(name string, k kind, title string, lines ...string) {
	fmt.Fprintf(d, "  %s [label=<%s>, fillcolor=%q, color=%q, tooltip=%q, width=%.2f%s];\n",
		id(name), text(title, lines), k.fill, k.line, name, (textWidth(title, lines)+margins)/inch, k.attrs)
}

// table writes a node with one row for each title.
func (d *dot) table(name string, k kind, titles, lines []string) {
	fmt.Fprintf(d, `  %s [shape=plain, style="", tooltip=%q, label=<<table border="1" cellborder="0" cellspacing="0" cellpadding="3" bgcolor=%q color=%q>`,
		id(name), name, k.fill, k.line)
	for i, title := range titles {
		var line []string
		if lines != nil {
			line = lines[i : i+1]
		}
		fmt.Fprintf(d, `<tr><td align="left" balign="left" cellpadding="2" width="%.0f">%s</td></tr>`,
			textWidth(title, line)+4, text(title, line))
	}
	d.WriteString("</table>>];\n")
}

// edge writes an edge without a label.
func (d *dot) edge(from, to, attrs string) {
	fmt.Fprintf(d, "  %s -> %s [%s];\n", id(from), id(to), attrs)
}

// flow writes an edge down or up a column, with the shape of what flows. The
// space keeps the shape off the line.
func (d *dot) flow(from, to, shape, attrs string) {
	d.edge(from, to, "label=<&#160;"+escape(shape)+">, "+attrs)
}

// row puts nodes side by side.
func (d *dot) row(names ...string) {
	if len(names) > 1 {
		fmt.Fprintf(d, "  { rank=same; %s; }\n", id(strings.Join(names, "; ")))
	}
}

// id makes the name of a layer or parameter one that DOT need not quote.
func id(name string) string { return strings.ReplaceAll(name, ".", "_") }

func text(title string, lines []string) string {
	s := "<b>" + escape(title) + "</b>"
	for i, l := range lines {
		if i == 0 {
			s += "<br/>" + small + escape(l)
		} else {
			s += "<br/>" + escape(l)
		}
	}
	if len(lines) > 0 {
		s += "</font>"
	}
	return s
}

const (
	inch    = 72 // points
	margins = 22 // points to the left and right of a box's text: twice 0.14 inches and the lines
)

// textWidth is a width in points that the text fits in whatever font a viewer
// has: dot may lay it out with a narrower one. Letters of DejaVu Sans, the
// widest of the fonts asked for, take 0.68 em in bold and else 0.60 em.
func textWidth(title string, lines []string) float64 {
	w := 0.68 * 13 * float64(utf8.RuneCountInString(title))
	for _, l := range lines {
		w = max(w, 0.60*11*float64(utf8.RuneCountInString(l)))
	}
	return w
}

// escape makes any string plain text of an HTML-like label.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}

// thousands is n with separators: 231,926.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
