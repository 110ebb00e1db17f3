package graph

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/scanner"

	"github.com/pkg/errors"
)

// maxLayers bounds what Parse makes of a text.
const maxLayers = 1000

// Parse reads a list of 1 to 1000 layers as String writes it; the methods of a layer
// may be in any order, and blanks and line breaks wherever Go allows them. A
// LayerError says the line, the column and the layer that cannot be read. Whether
// the layers fit together, Build says.
func Parse(text string) (Sequential, error) {
	var p parser
	p.Init(strings.NewReader(text))
	p.Mode = scanner.ScanIdents | scanner.ScanInts | scanner.ScanFloats
	p.Error = func(*scanner.Scanner, string) {} // the next token is wrong then
	for {
		if len(p.list) == maxLayers {
			return nil, errors.Errorf("got more than %d layers", maxLayers)
		}
		p.Scan()
		end, err := p.layer()
		if err != nil {
			return nil, &LayerError{Layer: len(p.list) + 1, Err: err}
		}
		if end {
			return p.list, nil
		}
	}
}

// parser reads a list of layers.
type parser struct {
	scanner.Scanner
	list Sequential // of the layers that are read
}

// layer reads a layer from the current token on, and what is after it: a comma or
// the end.
func (p *parser) layer() (end bool, err error) {
	l := Layer{Kind: Kind(p.TokenText())}
	if prefixes[l.Kind] == "" {
		return false, p.unexpected(fmt.Sprintf("one of %v", slices.Sorted(maps.Keys(prefixes))))
	}
	if err := p.arguments(&l); err != nil {
		return false, err
	}
	next := p.Scan()
	for ; l.hasWindow() && next == '.'; next = p.Scan() {
		if err := p.method(&l); err != nil {
			return false, err
		}
	}
	if next != ',' && next != scanner.EOF {
		return false, p.unexpected("',' or the end")
	}
	p.list = append(p.list, l)
	return next == scanner.EOF, nil
}

// arguments reads what is in the brackets of the layer's constructor, if it has any.
func (p *parser) arguments(l *Layer) error {
	if l.Kind == KindDropout {
		if err := p.token('('); err != nil {
			return err
		}
		token := p.Scan()
		var err error
		if l.Rate, err = strconv.ParseFloat(p.TokenText(), 64); err != nil || token == scanner.Ident {
			return p.unexpected("a number")
		}
		return p.token(')')
	}
	numbers := l.numbers()
	for i, n := range numbers {
		before := ','
		if i == 0 {
			before = '('
		}
		err := p.token(before)
		if err == nil {
			*n, err = p.whole()
		}
		if err != nil {
			return err
		}
	}
	if numbers == nil {
		return nil
	}
	return p.token(')')
}

// method reads a method of Layer after its dot, and calls it.
func (p *parser) method(l *Layer) error {
	p.Scan()
	var change func(n int) Layer
	switch p.TokenText() {
	case "Pad":
		change = l.Pad
	case "Stride":
		change = l.Stride
	case "Same":
		*l = l.Same()
	default:
		return p.unexpected("Pad, Same or Stride")
	}
	if err := p.token('('); err != nil {
		return err
	}
	if change != nil {
		n, err := p.whole()
		if err != nil {
			return err
		}
		*l = change(n)
	}
	return p.token(')')
}

// token reads a token of one character.
func (p *parser) token(want rune) error {
	if p.Scan() != want {
		return p.unexpected(strconv.QuoteRune(want))
	}
	return nil
}

// whole reads a number that is not negative, in decimal.
func (p *parser) whole() (int, error) {
	p.Scan()
	n, err := strconv.Atoi(p.TokenText())
	if err != nil || strconv.Itoa(n) != p.TokenText() {
		return 0, p.unexpected("a whole number")
	}
	return n, nil
}

// unexpected is an error about the current token.
func (p *parser) unexpected(want string) error {
	got := fmt.Sprintf("%.40q", p.TokenText())
	if p.TokenText() == "" {
		got = "the end"
	}
	return errors.Errorf("%d:%d: layer %d: got %s, want %s", p.Line, p.Column, len(p.list)+1, got, want)
}
