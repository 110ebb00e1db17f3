package figure

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

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

// titleLines are the lines of a text as it is given: a tab is four spaces, and no
// space is lost where XML would take several as one.
func titleLines(s string) []string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "    ").Replace(s)
	return strings.Split(strings.ReplaceAll(s, "  ", "\u00a0\u00a0"), "\n")
}

// dotEscape turns any string into text that shows it in an HTML-like label of DOT,
// where \G and the like stand for names. It is ASCII: a shell that writes another
// encoding does not harm it.
func dotEscape(s string) string {
	var b strings.Builder
	for _, r := range ink.Escape(s) {
		switch {
		case r == '\\':
			b.WriteString(`\\`)
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	return b.String()
}

// dotComment turns any string into one line of ASCII.
func dotComment(s string) string {
	s = strings.NewReplacer(" · ", ", ", "×", "x", "∂", "d", "−", "-", "→", "->").Replace(s)
	quoted := strconv.QuoteToASCII(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// id makes a name one that DOT need not quote.
func id(name string) string { return strings.ReplaceAll(name, ".", "_") }
