package figure

import (
	"strings"

	"tapenet/graph/draw/ink"
)

// The sizes of letters.
const (
	titleSize = 13
	smallSize = 11
)

// margins are the points to the left and right of a box's text together: twice
// 0.14 inches and the lines. They also have room for a text that comes out wider
// than expected, in a viewer's own font.
const margins = 22

// oneOp is what an op of several layers says of itself.
const oneOp = "one op"

// boldWidth and plainWidth estimate what a title and small print take, in pixels.
func boldWidth(s string) float64  { return ink.Width(s, ink.Bold*titleSize) }
func plainWidth(s string) float64 { return ink.Width(s, ink.Plain*smallSize) }

// textWidth is that of a title over lines of small print.
func textWidth(title string, lines ...string) float64 {
	w := boldWidth(title)
	for _, l := range lines {
		w = max(w, plainWidth(l))
	}
	return w
}

// dotEscape turns any string into text that shows it in an HTML-like label of DOT,
// where \G and the like stand for names.
func dotEscape(s string) string { return strings.ReplaceAll(ink.Escape(s), `\`, `\\`) }

// id makes a name one that DOT need not quote.
func id(name string) string { return strings.ReplaceAll(name, ".", "_") }
