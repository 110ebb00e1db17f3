package figure

import (
	"encoding/xml"
	"strings"
	"unicode/utf8"
)

// The sizes of letters.
const (
	titleSize = 13
	smallSize = 11
)

// margins are the points to the left and right of a box's text: twice 0.14
// inches and the lines.
const margins = 22

// oneOp is what an op of several layers says of itself.
const oneOp = "one op"

// boldWidth and plainWidth are about what a title and small print take in the
// widest of the fonts asked for, DejaVu Sans: 0.68 em a letter in bold, else
// 0.60 em. A viewer may have another font than what lays the text out; what is
// wider than thought, the margins take. The products are rounded, here and where boxes are
// placed: some processors would else fuse them with a sum, and draw another
// picture.
func boldWidth(s string) float64 {
	return float64(0.68 * titleSize * float64(utf8.RuneCountInString(s)))
}

func plainWidth(s string) float64 {
	return float64(0.60 * smallSize * float64(utf8.RuneCountInString(s)))
}

// textWidth is that of a title over lines of small print.
func textWidth(title string, lines ...string) float64 {
	w := boldWidth(title)
	for _, l := range lines {
		w = max(w, plainWidth(l))
	}
	return w
}

// dotEscape makes any string plain text of an HTML-like label of DOT, where \G and
// the like stand for names.
func dotEscape(s string) string { return strings.ReplaceAll(escape(s), `\`, `\\`) }

// escape makes any string plain text of XML.
func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}

// id makes a name one that DOT need not quote.
func id(name string) string { return strings.ReplaceAll(name, ".", "_") }
