package weights

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/pkg/errors"
)

// A safetensors file is the length of its header in 8 bytes, little-endian, the
// header in JSON, and the data of the tensors one after another.
//
// The reader of the header is our own because github.com/nlpodyssey/safetensors
// reads without bounds. These keep the cost of a hostile header small.
const (
	metadataKey = "__metadata__" // in the header, the words beside the tensors

	longestHeader = 100_000_000 // bytes that the format allows; what claims more is another format
	maxHeader     = 16 << 20    // bytes that we take; the history of 50,000 epochs fits
	maxForeign    = 1000        // tensors beyond the wanted ones, for an error to name
	maxWords      = 1000        // words beside the tensors
	maxDims       = 8           // dimensions of a tensor
)

// header is what a file says before its data.
type header struct {
	meta    map[string]string
	tensors map[string]tensor
	rest    io.Reader // the data
}

// tensor is what a header says of one tensor.
type tensor struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets []int  `json:"data_offsets"` // where its data starts and ends
}

// write writes the header and, before it, its length.
func (h header) write(w io.Writer) error {
	all := map[string]any{metadataKey: h.meta}
	for name, t := range h.tensors {
		all[name] = t
	}
	text, err := json.Marshal(all)
	if err != nil {
		return errors.WithStack(err)
	}
	for len(text)%8 != 0 { // so that the data is aligned
		text = append(text, ' ')
	}
	if len(text) > maxHeader {
		return errors.Errorf("got a header of %d bytes, want at most %d", len(text), maxHeader)
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...))
	return errors.WithStack(err)
}

// readHeader reads the header of a file that should have the wanted number of
// tensors. It stops as soon as a bound is passed.
func readHeader(file io.Reader, wanted int) (header, error) {
	r := bufio.NewReader(file)
	start, err := r.Peek(r.Size())
	if err != nil && err != io.EOF {
		return header{}, errors.WithStack(err)
	}
	var length uint64
	if len(start) > 8 && start[8] == '{' {
		length = binary.LittleEndian.Uint64(start)
	}
	switch {
	case length == 0 || length > longestHeader:
		return header{}, errors.New("not a safetensors file: " + otherFormat(start))
	case length > maxHeader:
		return header{}, errors.Errorf("got a header of %d bytes, want at most %d", length, maxHeader)
	}
	r.Discard(8) // they are in the buffer
	p := parser{json.NewDecoder(io.LimitReader(r, int64(length)))}
	p.UseNumber()
	h := header{tensors: map[string]tensor{}, rest: r}
	err = p.object(func(key string) (err error) {
		if key == metadataKey {
			h.meta, err = p.words()
			return err
		}
		if len(h.tensors) == wanted+maxForeign {
			return errors.Errorf("more than %d tensors", len(h.tensors))
		}
		h.tensors[key], err = p.tensor()
		return err
	})
	if err == nil {
		if _, err = p.Decoder.Token(); err == io.EOF { // blanks may fill the header
			return h, nil
		} else if err == nil {
			err = errors.New("got more than one JSON object")
		}
	}
	return header{}, errors.Wrap(err, "header")
}

// parser reads the parts of a header. It knows what must come next, so that a
// header cannot nest deeper than its parts.
type parser struct{ *json.Decoder }

// Token is the decoder's, except that the end is an error.
func (p parser) Token() (json.Token, error) {
	token, err := p.Decoder.Token()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return token, err
}

// object reads an object: field reads the value of each key.
func (p parser) object(field func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.More() {
		key, err := p.text()
		if err != nil {
			return err
		}
		if seen[key] {
			return errors.Errorf("%s is there twice", quote(key))
		}
		seen[key] = true
		if err := field(key); err != nil {
			return errors.WithMessage(err, quote(key))
		}
	}
	return p.delim('}')
}

// words reads an object of strings.
func (p parser) words() (map[string]string, error) {
	words := map[string]string{}
	return words, p.object(func(key string) (err error) {
		if len(words) == maxWords {
			return errors.Errorf("more than %d words", maxWords)
		}
		words[key], err = p.text()
		return err
	})
}

// tensor reads what a header says of one tensor.
func (p parser) tensor() (t tensor, err error) {
	err = p.object(func(key string) (err error) {
		switch key {
		case "dtype":
			t.DType, err = p.text()
		case "shape":
			t.Shape, err = p.numbers()
		case "data_offsets":
			t.Offsets, err = p.numbers()
			if err == nil && len(t.Offsets) != 2 {
				err = errors.Errorf("got %d numbers, want 2", len(t.Offsets))
			}
		default:
			err = errors.New("want dtype, shape or data_offsets")
		}
		return err
	})
	if err == nil && (t.DType == "" || t.Shape == nil || t.Offsets == nil) {
		err = errors.New("want dtype, shape and data_offsets")
	}
	return t, err
}

// numbers reads a list of at most maxDims whole numbers.
func (p parser) numbers() ([]int, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	list := []int{}
	for p.More() {
		if len(list) == maxDims {
			return nil, errors.Errorf("more than %d numbers", maxDims)
		}
		token, err := p.Token()
		if err != nil {
			return nil, err
		}
		number, _ := token.(json.Number)
		n, err := strconv.ParseUint(number.String(), 10, strconv.IntSize-1)
		if err != nil {
			return nil, errors.Errorf("got %s, want a whole number from 0 to %d", show(token), math.MaxInt)
		}
		list = append(list, int(n))
	}
	return list, p.delim(']')
}

// text reads a string.
func (p parser) text() (string, error) {
	token, err := p.Token()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", errors.Errorf("got %s, want a string", show(token))
	}
	return s, nil
}

// delim reads one of { } [ ].
func (p parser) delim(want json.Delim) error {
	token, err := p.Token()
	if err == nil && token != want {
		err = errors.Errorf("got %s, want %v", show(token), want)
	}
	return err
}

// show is a part of a header as an error shows it.
func show(token json.Token) string {
	switch v := token.(type) {
	case string:
		return quote(v)
	case nil:
		return "null"
	}
	return fmt.Sprintf("%.60v", token)
}

// quote is text from a file as an error shows it: its first 60 characters, on one
// line, without control characters.
func quote(text string) string { return fmt.Sprintf("%.60q", text) }

// list is the first names in alphabetical order, and how many more there are.
func list(names []string) string {
	const most = 10
	slices.Sort(names)
	if len(names) <= most {
		return fmt.Sprintf("%.60q", names)
	}
	return fmt.Sprintf("%.60q and %d more", names[:most], len(names)-most)
}
