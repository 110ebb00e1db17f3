package figure

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"tapenet/graph/draw/ink"
)

// The heights of lines, and of the letters' feet in them.
const (
	titleLine = 17
	smallLine = 14
	titleBase = 13
	smallBase = 10
)

// face is what a box shows and how large that makes it.
type face struct {
	w, h  int
	lines []line
}

// line is a line of text: in bold, in small print, or both side by side.
type line struct {
	base        int // of its letters, from the top of the box
	bold, plain string
	role        Role // of the box around it; without a class there is none
	top, h      int  // of that box
}

const (
	wordGap = 8 // pixels between the title of a layer and its small print
	inset   = 8 // from an op to the boxes of its layers
)

// face is how a node looks.
func (n Node) face() face {
	switch {
	case n.Role == Several:
		return n.severalFace()
	case len(n.Entries) > 0:
		return n.tableFace()
	}
	f := face{w: even(textWidth(n.Title, n.Lines...) + margins)}
	y := f.title(7, n.Title)
	for _, l := range n.Lines {
		y = f.small(y, l)
	}
	f.h = y + 6
	return f
}

func (n Node) tableFace() (f face) {
	y := 6
	for _, e := range n.Entries {
		y = f.title(y, e.Title)
		for _, l := range e.Lines {
			y = f.small(y, l)
		}
		y += 4
		f.w = max(f.w, even(textWidth(e.Title, e.Lines...)+margins))
	}
	f.h = y + 2
	return f
}

func (n Node) severalFace() (f face) {
	pair := func(top, base, h int, e Entry) {
		plain := strings.Join(e.Lines, ", ")
		f.lines = append(f.lines, line{base: base, bold: e.Title, plain: plain, role: e.Role, top: top, h: h})
		f.w = max(f.w, even(boldWidth(e.Title)+wordGap+plainWidth(plain)+margins+2*inset))
	}
	pair(0, 7+titleBase, 0, Entry{Title: n.Title, Lines: []string{oneOp}})
	y := 28
	for _, e := range n.Entries {
		pair(y, y+4+titleBase, 26, e)
		y += 26
		if e.Below != "" {
			y = f.small(y+4, e.Below) + 5
		}
	}
	for _, l := range n.Lines {
		y = f.small(y+5, l)
	}
	f.h = y + 8
	for _, l := range f.lines {
		f.w = max(f.w, even(plainWidth(l.plain)+margins+2*inset))
	}
	return f
}

// title and small add a line at y, and return where the next one is.
func (f *face) title(y int, text string) int {
	f.lines = append(f.lines, line{base: y + titleBase, bold: text})
	return y + titleLine
}

func (f *face) small(y int, text string) int {
	f.lines = append(f.lines, line{base: y + smallBase, plain: text})
	return y + smallLine
}

// even rounds a width up, so that its middle is a whole pixel.
func even(w float64) int { return int(math.Ceil(w/2)) * 2 }

// svg writes the box in its place.
func (n Node) svg(b *bytes.Buffer, at rect) {
	fmt.Fprintf(b, `<g id="%s"><title>%s</title>%s`, id(n.Name), ink.Escape(n.Name), outline(n.Role, at))
	for _, l := range n.face().lines {
		if l.role.class != "" {
			b.WriteString(outline(l.role, rect{at.x + inset, at.y + l.top, at.w - 2*inset, l.h}))
		}
		text := ink.Escape(l.bold)
		class := ""
		switch {
		case l.bold == "":
			class, text = ` class="small"`, ink.Escape(l.plain)
		case l.plain != "":
			text += fmt.Sprintf(`<tspan class="small" dx="%d">%s</tspan>`, wordGap, ink.Escape(l.plain))
		}
		fmt.Fprintf(b, `<text%s x="%d" y="%d">%s</text>`, class, at.midX(), at.y+l.base, text)
	}
	b.WriteString("</g>\n")
}

// outline is the rectangle of a box.
func outline(r Role, at rect) string {
	round := ` rx="10"`
	if r.square {
		round = ""
	}
	return fmt.Sprintf(`<rect class="%s" x="%d" y="%d" width="%d" height="%d"%s/>`, r.class, at.x, at.y, at.w, at.h, round)
}
