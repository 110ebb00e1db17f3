package ink

import (
	"encoding/xml"
	"fmt"
	"strings"
)

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
