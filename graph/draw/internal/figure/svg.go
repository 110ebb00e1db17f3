package figure

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"

	"tapenet/graph/draw/ink"
)

// layout is where a figure's parts are, in pixels from its left upper corner.
type layout struct {
	w, h   int
	at     map[string]rect // boxes by name
	frames []placed
	routes []route // of the edges, in their order
}

type rect struct{ x, y, w, h int }

func (r rect) midX() int   { return r.x + r.w/2 }
func (r rect) midY() int   { return r.y + r.h/2 }
func (r rect) right() int  { return r.x + r.w }
func (r rect) bottom() int { return r.y + r.h }

// placed is a frame in its place. Its title is in the outer upper corner.
type placed struct {
	Frame
	side int
	rect
}

// route is the way of an edge: a path as SVG has it, and the place of its
// label, which is to the right of it or in its middle.
type route struct {
	path           string
	labelX, labelY int
	beside         bool
}

// The space around a picture, and the height of its title's lines.
const (
	border      = 20
	headingLine = 24
	subtitle    = 16
)

// heading is the height of the title and the subtitle.
func (f *Figure) heading() int {
	return 32 + headingLine*len(titleLines(f.Title)) + subtitle*len(titleLines(f.Subtitle))
}

// SVG is the figure as an SVG file that needs nothing else. It follows the
// viewer's light or dark scheme.
func (f *Figure) SVG() []byte {
	l := f.grid
	if len(f.Bands) > 0 {
		l = f.stack
	}
	return l().svg(f)
}

func (l *layout) svg(f *Figure) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d">
<title>%[3]s</title>
<desc>%[4]s</desc>
<style>%[5]s</style>
<defs>%[6]s</defs>
<rect class="card" width="100%%" height="100%%"/>
`, l.w, l.h, ink.Escape(f.Title), ink.Escape(f.Subtitle), style(), tips())
	for i, line := range titleLines(f.Title) {
		fmt.Fprintf(&b, `<text class="heading" x="%d" y="%d">%s</text>`+"\n", border, 34+i*headingLine, ink.Escape(line))
	}
	lines := titleLines(f.Subtitle)
	for i, line := range lines {
		fmt.Fprintf(&b, `<text class="small heading" x="%d" y="%d">%s</text>`+"\n", border, f.heading()-19-subtitle*(len(lines)-1-i), ink.Escape(line))
	}
	for _, fr := range l.frames {
		fmt.Fprintf(&b, `<g id="cluster_%s"><rect class="frame" x="%d" y="%d" width="%d" height="%d" rx="10"/></g>`+"\n", id(fr.Name), fr.x, fr.y, fr.w, fr.h)
	}
	for i, e := range f.Edges {
		fmt.Fprintf(&b, `<path class="%s" data-from="%s" data-to="%s" d="%s"/>`+"\n", e.Flow.class, id(e.From), id(e.To), l.routes[i].path)
	}
	for i, e := range f.Edges {
		l.routes[i].label(&b, e)
	}
	for _, fr := range l.frames {
		class, x := "frame-title", fr.x+12
		if fr.side == rightSide {
			class, x = "frame-title end", fr.right()-12
		}
		fmt.Fprintf(&b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, fr.y+18, ink.Escape(fr.Title))
	}
	for _, n := range f.nodes() {
		n.svg(&b, l.at[n.Name])
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// label writes the label of an edge, its lines one below the other.
func (r route) label(b *bytes.Buffer, e Edge) {
	class := "flow"
	if r.beside {
		class += " beside"
	}
	if e.Flow == GradFlow {
		class += " up"
	}
	for i, text := range e.Label {
		fmt.Fprintf(b, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, r.labelX, r.labelY-smallLine*(len(e.Label)-1-i), ink.Escape(text))
	}
}

// headingWidth is what the title and the subtitle need. Unlike the texts of
// boxes, a title may have any letters, and those of some languages are wide.
func (f *Figure) headingWidth() int {
	em := func(s string) (w float64) {
		for _, r := range s {
			if utf8.RuneLen(r) > 2 {
				w += 1.1
			} else {
				w += ink.Bold
			}
		}
		return w
	}
	w := 0.
	for _, line := range titleLines(f.Subtitle) {
		w = max(w, plainWidth(line))
	}
	for _, line := range titleLines(f.Title) {
		w = max(w, headingSize*em(line))
	}
	return int(math.Ceil(w))
}
