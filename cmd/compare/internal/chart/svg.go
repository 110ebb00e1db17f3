package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// margin is the space inside a card, in pixels as all lengths here.
const margin = 20

// svg is a picture as it is being written. Coordinates have five digits: a
// hundredth of a pixel.
type svg struct{ bytes.Buffer }

// begin starts a card with its title and, muted beside it, a note. desc says
// in words what the picture shows, for who can't see it; css is what the
// picture needs beside CSS.
func (s *svg) begin(width, height float64, title, note, desc, css string) {
	s.addf(`<svg xmlns="http://www.w3.org/2000/svg" class="tapenet-chart" role="img" width="%.5g" height="%[2]v" viewBox="0 0 %[1]v %[2]v">`+"\n",
		width, height)
	s.addf("<title>%s</title>\n<desc>%s</desc>\n<style>\n%s</style>\n", escape(title+": "+note), escape(desc), CSS+css)
	s.addf(`<rect class="card" x=".5" y=".5" width="%v" height="%v" rx="10"/>`+"\n", width-1, height-1)
	s.addf(`<text x="%d" y="31"><tspan class="title">%s</tspan><tspan class="muted" dx="10">%s</tspan></text>`+"\n",
		margin, escape(title), escape(note))
}

// text writes a line of text; y is its baseline, class says how it is aligned
// to x.
func (s *svg) text(x, y float64, class, text string) {
	s.addf(`<text x="%.5g" y="%.5g" class="%s">%s</text>`+"\n", x, y, class, escape(text))
}

func (s *svg) addf(format string, args ...any) { fmt.Fprintf(s, format, args...) }

// end finishes the picture.
func (s *svg) end() []byte {
	s.addf("</svg>\n")
	return s.Bytes()
}

// textWidth is about how wide a line of text is, rather more than less: fonts
// differ.
func textWidth(text string, size float64) float64 {
	const em = 0.6 // of a letter, the mean of a wide sans-serif
	return em * size * float64(len([]rune(text)))
}

func escape(text string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(text)) // writing to memory can't fail
	return b.String()
}
