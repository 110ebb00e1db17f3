package figure

import (
	"fmt"
	"strings"
)

// headingSize is the size of the letters of a picture's title.
const headingSize = 18

// scheme are the colours of all that is neither a box nor an edge.
type scheme struct{ card, well, hairline, ink, muted, up string }

var (
	lightScheme = scheme{card: "#ffffff", well: "#f7f8fa", hairline: "#dfe3e8", ink: "#1c2430", muted: "#5b6675", up: GradEdge.light}
	darkScheme  = scheme{card: "#171b21", well: "#101318", hairline: "#2a3038", ink: "#e6e9ee", muted: "#a3adba", up: GradEdge.dark}
)

// style is the style sheet of a picture, with the colours of both schemes. All
// rules are for what is inside of class graph, so that a page can hold a
// picture.
func style() string {
	var b strings.Builder
	fmt.Fprintf(&b, `
.graph text{font:600 %dpx system-ui,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif;text-anchor:middle}
.graph .small{font-weight:400;font-size:%dpx}
.graph .flow{font:%[2]dpx ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.graph .flow,.graph .frame-title{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}
.graph .beside,.graph .heading,.graph .frame-title{text-anchor:start}
.graph .end{text-anchor:end}
.graph .heading{font-size:%dpx}
.graph .small.heading{font-size:12px}
.graph rect{stroke-width:1.4px}
.graph path{fill:none}
`, titleSize, smallSize, headingSize)
	for _, k := range kinds {
		if k.heavy {
			fmt.Fprintf(&b, ".graph .%s{stroke-width:2px}\n", k.class)
		}
	}
	for _, k := range edgeKinds {
		dashes := ""
		if k.dashed {
			dashes = ";stroke-dasharray:5 4"
		}
		fmt.Fprintf(&b, ".graph .%s{stroke-width:%gpx;marker-end:url(#to-%[1]s)%[3]s}\n", k.class, k.width, dashes)
	}
	b.WriteString(lightScheme.rules(func(k Kind) paint { return k.light }, func(k EdgeKind) string { return k.light }))
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	b.WriteString(darkScheme.rules(func(k Kind) paint { return k.dark }, func(k EdgeKind) string { return k.dark }))
	b.WriteString("}\n")
	return b.String()
}

// rules are the colours of a scheme.
func (s scheme) rules(of func(Kind) paint, along func(EdgeKind) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `.graph text{fill:%s}
.graph .small,.graph .flow,.graph .frame-title{fill:%s}
.graph .flow{stroke:%s}
.graph .up{fill:%s}
.graph .card{fill:%[3]s}
.graph .frame{fill:%[5]s;stroke:%s}
.graph .frame-title{stroke:%[5]s}
`, s.ink, s.muted, s.card, s.up, s.well, s.hairline)
	for _, k := range kinds {
		p := of(k)
		fmt.Fprintf(&b, ".graph .%s{fill:%s;stroke:%s}\n", k.class, p.fill, p.line)
	}
	for _, k := range edgeKinds {
		fmt.Fprintf(&b, ".graph .%s{stroke:%s}.graph .tip-%[1]s{fill:%[2]s}\n", k.class, along(k))
	}
	return b.String()
}

// tips are the arrows' heads, whose points are where the edges end.
func tips() string {
	var b strings.Builder
	for _, k := range edgeKinds {
		fmt.Fprintf(&b, `<marker id="to-%s" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-%[1]s" d="M0 1L8 4L0 7z"/></marker>`+"\n", k.class)
	}
	return b.String()
}
