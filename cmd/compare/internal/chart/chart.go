// Package chart draws the pictures of the comparison: curves of the trainings,
// what a network got wrong, and its filters.
//
// Each function returns one SVG that needs nothing beside it: no font, no
// script, no other file. It has colours for light and dark, of which the reader's
// system takes its own. It can be in a page, also several times in the same
// page: it has no ids, and all its styles are below one class. Equal runs in
// equal order give equal bytes. Runs must pass result's Check.
//
// The curves are not drawn by gonum/plot, which would lose the dark colours, the
// descriptions for those who don't see them and the labels at the ends, and add
// 9 modules and 9 MB; nor by go-echarts, whose pages are blank offline.
package chart

import (
	"bytes"
	"fmt"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/graph"
	"tapenet/graph/draw/ink"
)

// Size is how wide a picture is.
type Size int

const (
	Wide   Size = iota // for a page or a screen
	Narrow             // for a phone, or half a printed page: what is said in fewer columns
)

// narrowWidth is as wide as a narrow picture should be. A confusion matrix may
// need more.
const narrowWidth = 360

// Set is the test images of a comparison.
type Set struct {
	Images []uint8     // (N, C, H, W)
	Shape  graph.Shape // (C, H, W) of an image; C is 1 or 3
	Labels []uint8     // (N), their classes
	Names  []string    // of all classes
	Digits bool        // the classes are MNIST's
}

// a names a class in a sentence: a 7, or its name, cut short if it is long.
func (s Set) a(class int) string {
	if s.Digits {
		return "a " + s.Names[class]
	}
	return Shorten(s.Names[class], mostLetters)
}

// mostLetters are as many as a description shows of a name.
const mostLetters = 32

// Shorten returns a text that is at most as wide as this number of letters, with …
// for what it leaves out of the middle: names often differ at their ends.
func Shorten(text string, letters int) string {
	if lettersOf(text) <= letters {
		return text
	}
	all := []rune(text)
	head, tail := len(all), len(all)
	for room := (letters - 1) / 3; tail > 0 && lettersOf(string(all[tail-1:])) <= room; tail-- {
	}
	for head > 0 && lettersOf(string(all[:head])+string(all[tail:])) >= letters {
		head--
	}
	return string(all[:head]) + "…" + string(all[tail:])
}

// lettersOf is how many letters are as wide as a text. Chinese characters, and
// all signs after them, are as wide as two.
func lettersOf(text string) int {
	n := 0
	for _, r := range text {
		if r >= 0x2e80 {
			n++
		}
		n++
	}
	return n
}

// The widths of a letter of text and of small text.
const letter, smallLetter = 13 * ink.Plain, 12 * ink.Plain

// width is the width of a text whose letters are this wide.
func width(text string, letter float64) float64 {
	return float64(float64(lettersOf(text)) * letter) // rounded: no processor fuses it with a sum
}

// fit shortens texts to a width, and returns that of the widest.
func fit(texts []string, most, letter float64) (short []string, widest float64) {
	for _, t := range texts {
		t = Shorten(t, int(most/letter))
		short = append(short, t)
		widest = max(widest, width(t, letter))
	}
	return short, widest
}

// margin is the space inside a card, in pixels as all lengths here.
const margin = 20

// svg is a picture as it is being written. Coordinates have five digits: a
// hundredth of a pixel.
type svg struct{ bytes.Buffer }

// begin starts a card with its title and, muted beside it or below, a note; note
// is what heading returned. desc says in words what the picture shows, for readers
// who can't see it; css is the style that the picture needs beside CSS.
func (s *svg) begin(width, height float64, title string, note []string, desc, css string) {
	s.addf(`<svg xmlns="http://www.w3.org/2000/svg" class="tapenet-chart" role="img" width="%.5g" height="%[2]v" viewBox="0 0 %[1]v %[2]v">`+"\n",
		width, height)
	s.addf("<title>%s</title>\n<desc>%s</desc>\n<style>\n%s</style>\n", ink.Escape(title+": "+strings.Join(note, " ")), ink.Escape(desc), CSS+css)
	s.addf(`<rect class="card" x=".5" y=".5" width="%v" height="%v" rx="10"/>`+"\n", width-1, height-1)
	beside := ""
	if len(note) == 1 {
		beside = fmt.Sprintf(`<tspan class="muted" dx="10">%s</tspan>`, ink.Escape(note[0]))
	}
	s.addf(`<text x="%d" y="31"><tspan class="title">%s</tspan>%s</text>`+"\n", margin, ink.Escape(title), beside)
	if len(note) > 1 {
		for i, line := range note {
			s.text(margin, 49+float64(noteHeight*i), "small muted", line)
		}
	}
}

// noteHeight is from a line of a note to the next.
const noteHeight = 16

// heading cuts a note into the lines that a card of this width has: one, if it has
// room beside the title, else two or more below. room is how much lower they make
// all that follows.
func heading(cardWidth float64, title, note string) (lines []string, room float64) {
	if width(title+note, letter)+2*margin+20 <= cardWidth {
		return []string{note}, 0
	}
	line := ""
	for word := range strings.FieldsSeq(note) {
		if line != "" && width(line+" "+word, smallLetter) > cardWidth-2*margin {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	if lines = append(lines, line); len(lines) == 1 {
		lines = append(lines, "") // below the title all the same
	}
	return lines, float64(noteHeight * len(lines))
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

// name is a configuration with its number: 2 TwoLayer, batch 200.
func name(c result.Config) string { return fmt.Sprint(c.K, " ", c) }

// meanOf says what numbers of n runs are.
func meanOf(n int) string {
	if n == 1 {
		return "one run"
	}
	return fmt.Sprintf("mean of %d runs", n)
}
