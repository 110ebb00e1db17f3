package figure

import (
	"fmt"
	"strings"

	"tapenet/graph/draw/ink"
)

// headingSize is the size of the letters of a picture's title.
const headingSize = 18

// style is the style sheet of a picture, with the colours of both schemes. All
// rules are for what is inside the class graph, so a page can hold a picture.
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
	for _, r := range roles {
		if r.heavy {
			fmt.Fprintf(&b, ".graph .%s{stroke-width:2px}\n", r.class)
		}
	}
	for _, f := range flows {
		dashes := ""
		if f.dashed {
			dashes = ";stroke-dasharray:5 4"
		}
		fmt.Fprintf(&b, ".graph .%s{stroke-width:%gpx;marker-end:url(#to-%[1]s)%[3]s}\n", f.class, f.width, dashes)
	}
	b.WriteString(colours(ink.InLight))
	b.WriteString("@media (prefers-color-scheme:dark){\n")
	b.WriteString(colours(ink.InDark))
	b.WriteString("}\n")
	return b.String()
}

// colours are the rules for the colours of a scheme.
func colours(in func(ink.Colour) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `.graph text{fill:%s}
.graph .small,.graph .flow,.graph .frame-title{fill:%s}
.graph .flow{stroke:%s}
.graph .up{fill:%s}
.graph .card{fill:%[3]s}
.graph .frame{fill:%[5]s;stroke:%s}
.graph .frame-title{stroke:%[5]s}
`, in(ink.Text), in(ink.Muted), in(ink.Card), in(GradFlow.line), in(ink.Well), in(ink.Hairline))
	for _, r := range roles {
		fmt.Fprintf(&b, ".graph .%s{fill:%s;stroke:%s}\n", r.class, in(r.fill), in(r.line))
	}
	for _, f := range flows {
		fmt.Fprintf(&b, ".graph .%s{stroke:%s}.graph .tip-%[1]s{fill:%[2]s}\n", f.class, in(f.line))
	}
	return b.String()
}

// tips are the heads of the arrows. Their points are where the edges end.
func tips() string {
	var b strings.Builder
	for _, f := range flows {
		fmt.Fprintf(&b, `<marker id="to-%s" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-%[1]s" d="M0 1L8 4L0 7z"/></marker>`+"\n", f.class)
	}
	return b.String()
}
