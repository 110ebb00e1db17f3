package ink

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bold and Plain are about what a letter takes in the widest of the fonts that
// pictures ask for, DejaVu Sans, in em: the size of the letters.
const (
	Bold  = 0.68
	Plain = 0.60
)

// Width is about what a text takes whose letters are this wide, rather more than
// less. The product is rounded: some processors would else fuse it with a sum, and
// draw another picture.
func Width(text string, letter float64) float64 {
	return float64(letter * float64(utf8.RuneCountInString(text)))
}

// Escape makes any string plain text of XML.
func Escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a Builder takes all
	return b.String()
}

// Thousands is n with a comma every three digits: 231,926. n is not negative.
func Thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
