// Package svg writes pictures that reports show: a [Card] with a title and texts,
// and a [Frame] with two axes on it.
//
// A picture needs nothing beside it: no font, no script, no other file. It has
// colours for light and dark, of which the reader's system takes its own. It can be
// in a page, also several times in the same page: it has no ids, and all its styles
// are below one class. Lengths are in pixels.
package svg

import (
	"bytes"
	"fmt"
	"strings"

	"tapenet/graph/draw/ink"
)

// Margin is the space inside a card.
const Margin = 20

// NarrowWidth is as wide as a picture is for a phone, or for a part of a page.
const NarrowWidth = 360

// Card is a picture as it is being written. Coordinates have five digits: a
// hundredth of a pixel.
type Card struct{ bytes.Buffer }

// Begin starts a card with its title and, muted beside it or below, a note; note
// is what Heading returned. desc says in words what the picture shows, for readers
// who can't see it; css is the style that the picture needs beside CSS.
func (c *Card) Begin(width, height float64, title string, note []string, desc, css string) {
	c.Addf(`<svg xmlns="http://www.w3.org/2000/svg" class="tapenet-chart" role="img" width="%.5g" height="%[2]v" viewBox="0 0 %[1]v %[2]v">`+"\n",
		width, height)
	c.Addf("<title>%s</title>\n<desc>%s</desc>\n<style>\n%s</style>\n", ink.Escape(title+": "+strings.Join(note, " ")), ink.Escape(desc), CSS+css)
	c.Addf(`<rect class="card" x=".5" y=".5" width="%v" height="%v" rx="10"/>`+"\n", width-1, height-1)
	beside := ""
	if len(note) == 1 {
		beside = fmt.Sprintf(`<tspan class="muted" dx="10">%s</tspan>`, ink.Escape(note[0]))
	}
	c.Addf(`<text x="%d" y="31"><tspan class="title">%s</tspan>%s</text>`+"\n", Margin, ink.Escape(title), beside)
	if len(note) > 1 {
		for i, line := range note {
			c.Text(Margin, 49+float64(NoteHeight*i), "small muted", line)
		}
	}
}

// NoteHeight is from a line of a note to the next.
const NoteHeight = 16

// Heading cuts a note into the lines that a card of this width has: one, if it has
// room beside the title, else two or more below. room is how much lower they make
// all that follows.
func Heading(cardWidth float64, title, note string) (lines []string, room float64) {
	if Width(title+note, Letter)+2*Margin+20 <= cardWidth {
		return []string{note}, 0
	}
	line := ""
	for word := range strings.FieldsSeq(note) {
		if line != "" && Width(line+" "+word, SmallLetter) > cardWidth-2*Margin {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if lines = append(lines, line); len(lines) == 1 {
		lines = append(lines, "") // below the title all the same
	}
	return lines, float64(NoteHeight * len(lines))
}

// Text writes a line of text. y is its baseline; class says how it is aligned to
// x.
func (c *Card) Text(x, y float64, class, text string) {
	c.Addf(`<text x="%.5g" y="%.5g" class="%s">%s</text>`+"\n", x, y, class, ink.Escape(text))
}

// Addf writes a part of the picture in a format of package fmt.
func (c *Card) Addf(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// End finishes the picture, and returns it.
func (c *Card) End() []byte {
	c.Addf("</svg>\n")
	return c.Bytes()
}
