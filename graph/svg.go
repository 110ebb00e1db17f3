package graph

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"
)

// layout is where a figure's parts are, in pixels from its left upper corner.
type layout struct {
	w, h   int
	at     map[string]rect // boxes by name
	frames []frame
	routes []route // of the edges, in their order
}

type rect struct{ x, y, w, h int }

func (r rect) midX() int   { return r.x + r.w/2 }
func (r rect) midY() int   { return r.y + r.h/2 }
func (r rect) right() int  { return r.x + r.w }
func (r rect) bottom() int { return r.y + r.h }

// frame is a box around others. Its title is in the corner far from the other
// side.
type frame struct {
	rect
	side      int
	id, title string
}

// route is the way of an edge: a path as SVG has it, and the place of its
// label, which is to the right of it or in its middle.
type route struct {
	path           string
	labelX, labelY int
	beside         bool
}

// The space around a picture and the height of its heading.
const (
	border  = 20
	heading = 72
)

// svg is the figure as an SVG file.
func (f *figure) svg() []byte {
	l := f.grid
	if len(f.bands) > 0 {
		l = f.stack
	}
	return l().svg(f)
}

func (l *layout) svg(f *figure) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d">
<title>%[3]s</title>
<desc>%[4]s</desc>
<style>%[5]s</style>
<defs>%[6]s</defs>
<rect class="card" width="100%%" height="100%%"/>
<text class="heading" x="%[7]d" y="34">%[3]s</text>
<text class="small heading" x="%[7]d" y="53">%[4]s</text>
`, l.w, l.h, escape(f.title), escape(f.subtitle), style(), tips(), border)
	for _, fr := range l.frames {
		fmt.Fprintf(&b, `<g id="%s"><rect class="frame" x="%d" y="%d" width="%d" height="%d" rx="10"/></g>`+"\n", fr.id, fr.x, fr.y, fr.w, fr.h)
	}
	for i, e := range f.edges {
		fmt.Fprintf(&b, `<path class="%s" data-from="%s" data-to="%s" d="%s"/>`+"\n", e.kind.class, id(e.from), id(e.to), l.routes[i].path)
	}
	for i, e := range f.edges {
		l.routes[i].label(&b, e)
	}
	for _, fr := range l.frames {
		class, x := "frame-title", fr.x+12
		if fr.side == rightSide {
			class, x = "frame-title end", fr.right()-12
		}
		fmt.Fprintf(&b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, fr.y+18, escape(fr.title))
	}
	for _, n := range f.nodes() {
		n.svg(&b, l.at[n.name])
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// nodes are all boxes, from the top.
func (f *figure) nodes() (nodes []node) {
	for _, row := range f.rows {
		for _, n := range row {
			if n.name != "" {
				nodes = append(nodes, n)
			}
		}
	}
	for _, b := range f.bands {
		for _, side := range b.sides {
			nodes = append(nodes, side...)
		}
	}
	return nodes
}

// label writes the label of an edge, its lines one over the other.
func (r route) label(b *bytes.Buffer, e edge) {
	class := "flow"
	if r.beside {
		class += " beside"
	}
	if e.kind == edgeGrad {
		class += " up"
	}
	for i, text := range e.label {
		fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, r.labelX, r.labelY-smallLine*(len(e.label)-1-i), escape(text))
	}
}

// headingWidth is what the title and the subtitle need. Others than the boxes'
// texts, they may have any letters, and those of some languages are wide.
func (f *figure) headingWidth() int {
	em := func(s string) (w float64) {
		for _, r := range s {
			if utf8.RuneLen(r) > 2 {
				w += 1.1
			} else {
				w += 0.68
			}
		}
		return w
	}
	return int(math.Ceil(max(headingSize*em(f.title), plainWidth(f.subtitle))))
}
