package npz

import (
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/pkg/errors"
)

// header is what a file says before the values of an array.
type header struct {
	descr   string // the type, with < or > before it for the order of bytes, or |
	fortran bool   // the first axis is the fastest, not the last
	shape   []int
	size    int // of the values in bytes
}

const (
	magic      = "\x93NUMPY"
	mostHeader = 1 << 16 // bytes; numpy takes 10,000
	mostAxes   = 64      // numpy's limit
)

// readHeader reads the header of a file of versions 1 to 3, and of size bytes with
// the values.
func readHeader(r io.Reader, size uint64) (header, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil {
		return header{}, errors.Wrap(noEOF(err), "header")
	}
	if string(start[:len(magic)]) != magic {
		return header{}, errors.Errorf("got a file that starts with %q, want a NumPy array", start[:len(magic)])
	}
	version := start[len(magic)]
	if version < 1 || version > 3 {
		return header{}, errors.Errorf("got version %d of NumPy's format, want 1 to 3", version)
	}
	count := make([]byte, 4)
	if version == 1 {
		count = count[:2]
	}
	if _, err := io.ReadFull(r, count); err != nil {
		return header{}, errors.Wrap(noEOF(err), "header")
	}
	n := binary.LittleEndian.Uint32(append(count, 0, 0)[:4])
	if n > mostHeader {
		return header{}, errors.Errorf("header: got %d bytes, want at most %d", n, mostHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, errors.Wrap(noEOF(err), "header")
	}
	h, err := parse(string(text))
	if length := uint64(len(start) + len(count) + len(text)); err == nil && size != length+uint64(h.size) {
		err = errors.Errorf("shape %v of type %s: got %d bytes, want %d", h.shape, h.descr, int64(size)-int64(length), h.size)
	}
	return h, err
}

// parse reads the text of a header, such as
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (60000, 10), }
//
// a dictionary of Python with just these keys, in any order.
func parse(text string) (header, error) {
	p := parser{text}
	h := header{}
	seen := map[string]bool{}
	ok := p.take("{")
	for ok && !p.take("}") {
		var key string
		if key, ok = p.word(); !ok || seen[key] || !p.take(":") {
			ok = false
			break
		}
		seen[key] = true
		switch key {
		case "descr":
			if p.take("[") || p.take("(") {
				return header{}, errors.New("got records of several fields, want plain numbers")
			}
			h.descr, ok = p.word()
		case "fortran_order":
			h.fortran = p.take("True")
			ok = h.fortran || p.take("False")
		case "shape":
			h.shape, ok = p.shape()
		default:
			ok = false
		}
		ok = ok && (p.take(",") || strings.HasPrefix(p.rest(), "}"))
	}
	if !ok || p.rest() != "" || len(seen) != 3 {
		return header{}, errors.Errorf("header: got %.120q, want a dictionary of descr, fortran_order and shape", text)
	}
	if err := checkType(h.descr); err != nil {
		return header{}, err
	}
	h.size = width(h.descr)
	for _, n := range h.shape {
		if n > 0 && h.size > math.MaxInt/n {
			return header{}, errors.Errorf("shape %v: got more than %d bytes", h.shape, math.MaxInt)
		}
		h.size *= n
	}
	return h, nil
}

// refused are the kinds of values that are no numbers, by the letter of the type.
var refused = map[byte]string{
	'O': "Python objects (pickle)", 'U': "text", 'S': "text", 'a': "text", 'V': "raw bytes or records",
	'c': "complex numbers", 'M': "dates", 'm': "time spans",
}

// checkType is an error if values of type descr are not read.
func checkType(descr string) error {
	if len(descr) == 3 && strings.Contains("<>|", descr[:1]) {
		switch descr[1:] {
		case "b1", "i1", "u1":
			return nil
		case "i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8", "f8":
			if descr[0] != '|' {
				return nil
			}
		}
	}
	const want = "want booleans, integers or floats (b1, i1 to i8, u1 to u8, f2 to f8)"
	if len(descr) > 1 && refused[descr[1]] != "" {
		return errors.Errorf("got %s (type %.20q), %s", refused[descr[1]], descr, want)
	}
	return errors.Errorf("got type %.20q, %s", descr, want)
}

// parser takes a header apart. Every method skips the space before what it takes.
type parser struct{ text string }

func (p *parser) rest() string {
	p.text = strings.TrimLeft(p.text, " \t\r\n")
	return p.text
}

// take takes mark, if that is next.
func (p *parser) take(mark string) bool {
	rest, ok := strings.CutPrefix(p.rest(), mark)
	if ok {
		p.text = rest
	}
	return ok
}

// word takes a text in quotes.
func (p *parser) word() (string, bool) {
	for _, quote := range []string{"'", `"`} {
		if p.take(quote) {
			word, rest, ok := strings.Cut(p.text, quote)
			p.text = rest
			return word, ok && !strings.Contains(word, `\`)
		}
	}
	return "", false
}

// shape takes a tuple of lengths.
func (p *parser) shape() ([]int, bool) {
	shape := []int{}
	if !p.take("(") {
		return nil, false
	}
	for !p.take(")") {
		rest := p.rest()
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.Atoi(rest[:digits])
		if err != nil || len(shape) == mostAxes {
			return nil, false
		}
		shape = append(shape, n)
		p.text = rest[digits:]
		p.take("L") // Python 2 writes so
		if !p.take(",") && (len(shape) == 1 || !strings.HasPrefix(p.rest(), ")")) {
			return nil, false
		}
	}
	return shape, true
}

// noEOF is err, but io.ErrUnexpectedEOF for io.EOF: where more must follow, the
// end is an error.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
