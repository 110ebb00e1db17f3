package draw_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// fonts are the widths of letters that testdata/advances.py recorded, in em, by
// style, font and letter.
type fonts map[string]map[string]map[string]float64

func readFonts(t *testing.T) (f fonts) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", "advances.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// fallback is the width of a letter that a font does not have: a browser takes
// it from another.
func (f fonts) fallback(letter rune) (widest float64) {
	for _, style := range f {
		for _, letters := range style {
			widest = max(widest, letters[string(letter)])
		}
	}
	return widest
}

// lettering is how wide the texts of one picture may be.
type lettering struct {
	t     *testing.T
	fonts fonts
	sizes map[string]float64 // in pixels, by selector of the picture's style sheet
}

var fontSize = regexp.MustCompile(`(?m)^\.graph (\S+)\{[^}]*\b(?:font|font-size):(?:\d00 )?(\d+)px`)

func newLettering(t *testing.T, root *element) lettering {
	t.Helper()
	l := lettering{t, readFonts(t), map[string]float64{}}
	for _, e := range root.children {
		if e.name != "style" {
			continue
		}
		for _, m := range fontSize.FindAllStringSubmatch(e.text, -1) {
			size, err := strconv.ParseFloat(m[2], 64)
			if err != nil {
				t.Fatal(err)
			}
			l.sizes[m[1]] = size
		}
	}
	return l
}

// width is what the letters of an element, without its children, take in the
// widest font of those recorded.
func (l lettering) width(e *element) (widest float64) {
	style, selector := "bold", "text"
	switch {
	case e.has("small") && e.has("heading"):
		style, selector = "plain", ".small.heading"
	case e.has("heading"):
		selector = ".heading"
	case e.has("small"):
		style, selector = "plain", ".small"
	case e.has("flow"):
		style, selector = "mono", ".flow"
	}
	size := l.sizes[selector]
	if size == 0 {
		l.t.Fatalf("the style sheet has no size of letters for %q", selector)
	}
	for _, letters := range l.fonts[style] {
		w := 0.
		for _, r := range e.text {
			em, ok := letters[string(r)]
			if !ok {
				em = l.fonts.fallback(r)
			}
			if em == 0 {
				l.t.Fatalf("%q: no font has %c: add it to testdata/advances.py", e.text, r)
			}
			w += em * size
		}
		widest = max(widest, w)
	}
	return widest
}

// area is what a text needs.
func (l lettering) area(e *element) area {
	w := l.width(e)
	for _, span := range e.children {
		w += span.number("dx") + l.width(span)
	}
	x, y := e.number("x"), e.number("y")
	a := area{x - w/2, y - 10, x + w/2, y + 3} // letters from ascender to descender
	switch {
	case e.has("beside") || e.has("heading") || e.has("frame-title") && !e.has("end"):
		a.left, a.right = x, x+w
	case e.has("end"):
		a.left, a.right = x-w, x
	}
	return a
}
