package chart

import (
	"bytes"
	"fmt"

	"tapenet/graph/draw/ink"
)

// margin is the space inside a card, in pixels as all lengths here.
const margin = 20

// svg is a picture as it is being written. Coordinates have five digits: a
// hundredth of a pixel.
type svg struct{ bytes.Buffer }

// begin starts a card with its title and, muted beside it, a note. desc says in
// words what the picture shows, for readers who can't see it; css is the style
// that the picture needs beside CSS.
func (s *svg) begin(width, height float64, title, note, desc, css string) {
	s.addf(`<svg xmlns="http://www.w3.org/2000/svg" class="tapenet-chart" role="img" width="%.5g" height="%[2]v" viewBox="0 0 %[1]v %[2]v">`+"\n",
		width, height)
	s.addf("<title>%s</title>\n<desc>%s</desc>\n<style>\n%s</style>\n", ink.Escape(title+": "+note), ink.Escape(desc), CSS+css)
	s.addf(`<rect class="card" x=".5" y=".5" width="%v" height="%v" rx="10"/>`+"\n", width-1, height-1)
	s.addf(`<text x="%d" y="31"><tspan class="title">%s</tspan><tspan class="muted" dx="10">%s</tspan></text>`+"\n",
		margin, ink.Escape(title), ink.Escape(note))
}

// text writes a line of text. y is its baseline; class says how it is aligned to
// x.
func (s *svg) text(x, y float64, class, text string) {
	s.addf(`<text x="%.5g" y="%.5g" class="%s">%s</text>`+"\n", x, y, class, ink.Escape(text))
}

func (s *svg) addf(format string, args ...any) { fmt.Fprintf(s, format, args...) }

// end finishes the picture.
func (s *svg) end() []byte {
	s.addf("</svg>\n")
	return s.Bytes()
}
