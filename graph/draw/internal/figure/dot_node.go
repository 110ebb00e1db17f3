package figure

import (
	"fmt"
	"strings"
)

// node writes a box. Its colours are those of its kind.
func (d *dot) node(n Node) {
	switch {
	case n.Role == Several:
		d.several(n)
	case len(n.Entries) > 0:
		d.table(n)
	default:
		const inch = 72 // points
		fmt.Fprintf(d, "  %s [label=<%s>, width=%.2f];\n", id(n.Name), dotText(n.Title, n.Lines...), (textWidth(n.Title, n.Lines...)+margins)/inch)
	}
}

func (d *dot) table(n Node) {
	fmt.Fprintf(d, `  %s [shape=plain, style="", label=<<table border="1" cellborder="0" cellspacing="0" cellpadding="3" bgcolor=%q color=%q>`,
		id(n.Name), n.Role.fill.Light, n.Role.line.Light)
	for _, e := range n.Entries {
		fmt.Fprintf(d, `<tr><td align="left" balign="left" cellpadding="2" width="%.0f">%s</td></tr>`,
			textWidth(e.Title, e.Lines...)+4, dotText(e.Title, e.Lines...))
	}
	d.WriteString("</table>>];\n")
}

// several writes an op of several layers: a box with a box for each layer.
func (d *dot) several(n Node) {
	fmt.Fprintf(d, `  %s [shape=plain, style="", label=<<table border="1" cellborder="0" cellspacing="5" cellpadding="2" style="rounded" bgcolor=%q color=%q>`,
		id(n.Name), n.Role.fill.Light, n.Role.line.Light)
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
		pair(fmt.Sprintf(`border="1" style="rounded" bgcolor=%q color=%q cellpadding="4" `, e.Role.fill.Light, e.Role.line.Light), e.Title, strings.Join(e.Lines, ", "))
		if e.Below != "" {
			cell(`cellpadding="0" `, small+dotEscape(e.Below)+"</font>", plainWidth(e.Below))
		}
	}
	for _, l := range n.Lines {
		cell("", small+dotEscape(l)+"</font>", plainWidth(l))
	}
	d.WriteString("</table>>];\n")
}

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
