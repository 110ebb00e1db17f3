// Package ink is what all pictures of this module have in common, whoever draws
// them: their colours, and how text is escaped, measured and written.
package ink

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Colour is one colour in the light and in the dark scheme, each #rrggbb.
type Colour struct{ Light, Dark string }

// What a picture lies on, and what is written on it.
var (
	Card     = Colour{"#ffffff", "#171b21"}
	Well     = Colour{"#f7f8fa", "#101318"} // a frame on the card
	Hairline = Colour{"#dfe3e8", "#2a3038"}
	Text     = Colour{"#1c2430", "#e6e9ee"}
	Muted    = Colour{"#5b6675", "#a3adba"} // small print
	Line     = Colour{"#8a94a3", "#727d8b"}
	Faint    = Colour{"#aab3c0", "#5b6675"} // a line that stays behind the others
	Zero     = Colour{"#f1f3f5", "#20252c"} // between Blue and Orange
)

// The colours that tell things apart. Blue, Orange and Pink are Okabe and Ito's,
// for all eyes. In the dark, all but Pink are lighter.
var (
	Blue   = Colour{"#0072b2", "#56b4e9"}
	Orange = Colour{"#d55e00", "#f0884a"}
	Pink   = Colour{"#cc79a7", "#cc79a7"}
	Amber  = Colour{"#b98900", "#e0b040"}
	Teal   = Colour{"#00805d", "#3dbd8d"}
	Purple = Colour{"#7b3294", "#c08be6"}
	Green  = Colour{"#1b7837", "#4fd18b"}
)

// InLight and InDark return the colour in one scheme.
func InLight(c Colour) string { return c.Light }
func InDark(c Colour) string  { return c.Dark }

// Bold and Plain are the mean widths of a letter in the widest of the fonts that
// pictures ask for, DejaVu Sans, in em: multiples of the size of the letters.
const (
	Bold  = 0.68
	Plain = 0.60
)

// Width estimates the width of a text whose letters are this wide, rather more
// than less. The product is rounded: otherwise some processors would fuse it with
// a sum, and draw another picture.
func Width(text string, letter float64) float64 {
	return float64(letter * float64(utf8.RuneCountInString(text)))
}

// Escape turns any string into XML text that shows it.
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
