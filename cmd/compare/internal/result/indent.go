package result

import "bytes"

// lineDepth is how deep nested JSON is still broken into lines: deep enough for
// a line an epoch and a line a mistake.
const lineDepth = 4

// indent breaks compact JSON into lines.
func indent(text []byte) []byte {
	var out bytes.Buffer
	depth := 0
	line := func(inside int) {
		if inside <= lineDepth {
			out.WriteByte('\n')
			out.Write(bytes.Repeat([]byte{'\t'}, depth))
		}
	}
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			out.WriteByte(c)
			i++
			out.WriteByte(text[i])
			continue
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '}' || c == ']':
			depth--
			if text[i-1] != '{' && text[i-1] != '[' {
				line(depth + 1)
			}
		}
		out.WriteByte(c)
		switch {
		case quoted:
		case c == '{' || c == '[':
			depth++
			if text[i+1] != '}' && text[i+1] != ']' {
				line(depth)
			}
		case c == ',' && depth > lineDepth:
			out.WriteByte(' ')
		case c == ',':
			line(depth)
		case c == ':':
			out.WriteByte(' ')
		}
	}
	out.WriteByte('\n')
	return out.Bytes()
}
