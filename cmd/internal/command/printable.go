package command

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Printable is text as a terminal may get it, in one line. Text that comes from
// a file, a path or another program goes through it before it is printed, since
// control characters could move the cursor, rename the window or forge a line.
// Letters, marks, numbers, punctuation, symbols and spaces of any script stay.
// The rest, such as control characters, line breaks, marks that change the
// direction of writing, and bytes that are no UTF-8, is shown as Go escapes:
// \x1b, \n, \u202e, \xff. Printable text is left as it is, backslashes too.
func Printable(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		char := text[:size]
		if invalid := r == utf8.RuneError && size == 1; invalid || !strconv.IsGraphic(r) {
			quoted := strconv.QuoteToGraphic(char)
			char = quoted[1 : len(quoted)-1]
		}
		b.WriteString(char)
		text = text[size:]
	}
	return b.String()
}
