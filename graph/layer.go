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

// Kind names what a layer does, in Gorgonia's words.
type Kind string

// The kinds of layers.
const (
	KindConv2d    Kind = "Conv2d"
	KindRectify   Kind = "Rectify"
	KindMaxPool2D Kind = "MaxPool2D"
	KindFlatten   Kind = "Flatten"
	KindDense     Kind = "Dense"
	KindSoftMax   Kind = "SoftMax"
)

// prefixes start the names of layers in a network, as PyTorch's users name them.
var prefixes = map[Kind]string{
	KindConv2d: "conv", KindRectify: "relu", KindMaxPool2D: "pool",
	KindFlatten: "flatten", KindDense: "dense", KindSoftMax: "softmax",
}

// Layer is one entry of a Sequential. The zero Layer is not valid: use the
// constructors and values below.
type Layer struct {
	Kind    Kind
	Filters int // Conv2d: output channels F
	Kernel  int // Conv2d: side K of a filter
	Pool    int // MaxPool2D: side P of a window, and its stride
	Units   int // Dense: outputs M
}

// Conv2d is a convolution with a bias: F filters of side K, stride 1, no
// padding.
//
//	x (N, C, H, W)   weight (F, C, K, K)   bias (F)   result (N, F, H-K+1, W-K+1)
func Conv2d(filters, kernel int) Layer {
	return Layer{Kind: KindConv2d, Filters: filters, Kernel: kernel}
}

// Rectify is max(x, 0) of every element; its gradient at 0 is 0.
var Rectify = Layer{Kind: KindRectify}

// MaxPool2D is the largest value of each window of P x P pixels, side by side;
// rows and columns that fill no window are dropped. Of equal values the first
// in row order wins, and it alone receives the gradient.
//
//	x (N, C, H, W)   result (N, C, H/P, W/P)
func MaxPool2D(pool int) Layer { return Layer{Kind: KindMaxPool2D, Pool: pool} }

// Flatten makes each image one row, in channel, row, column order.
//
//	x (N, C, H, W)   result (N, C*H*W)
var Flatten = Layer{Kind: KindFlatten}

// Dense is a fully connected layer with a bias.
//
//	x (N, D)   weight (M, D)   bias (M)   result (N, M)
func Dense(units int) Layer { return Layer{Kind: KindDense, Units: units} }

// SoftMax turns each row of logits into probabilities. A network must end with
// it to be trained.
//
//	x (N, M)   result (N, M), rows sum to 1
var SoftMax = Layer{Kind: KindSoftMax}

// numbers are the arguments of the layer's constructor.
func (l *Layer) numbers() []*int {
	switch l.Kind {
	case KindConv2d:
		return []*int{&l.Filters, &l.Kernel}
	case KindMaxPool2D:
		return []*int{&l.Pool}
	case KindDense:
		return []*int{&l.Units}
	}
	return nil
}

// String is the layer as it is written in a Sequential: Conv2d(16, 5).
func (l Layer) String() string {
	var parts []string
	for _, n := range l.numbers() {
		parts = append(parts, strconv.Itoa(*n))
	}
	if parts == nil {
		return string(l.Kind)
	}
	return fmt.Sprintf("%s(%s)", l.Kind, strings.Join(parts, ", "))
}

// Sequential is a network as a list of layers, each fed by the one before.
type Sequential []Layer

// String is the list as it is written: Conv2d(16, 5), Rectify, MaxPool2D(2).
// Parse reads it.
func (s Sequential) String() string {
	parts := make([]string, len(s))
	for i, l := range s {
		parts[i] = l.String()
	}
	return strings.Join(parts, ", ")
}

// maxLayers bounds what Parse makes of a text.
const maxLayers = 1000

// Parse reads a list of 1 to 1000 layers as String writes it; blanks and line
// breaks may be wherever Go allows them. A LayerError says the line, the column and
// the layer that cannot be read. Whether the layers fit together, Build says.
func Parse(text string) (Sequential, error) {
	var s scanner.Scanner
	s.Init(strings.NewReader(text))
	s.Mode = scanner.ScanIdents | scanner.ScanInts
	s.Error = func(*scanner.Scanner, string) {} // the next token is wrong then
	var list Sequential
	for {
		if len(list) == maxLayers {
			return nil, errors.Errorf("got more than %d layers", maxLayers)
		}
		var l Layer
		s.Scan()
		l.Kind = Kind(s.TokenText())
		if prefixes[l.Kind] == "" {
			return nil, unexpected(&s, len(list), fmt.Sprintf("one of %v", slices.Sorted(maps.Keys(prefixes))))
		}
		before := '(' // each number has one before it
		for _, n := range l.numbers() {
			if s.Scan() != before {
				return nil, unexpected(&s, len(list), strconv.QuoteRune(before))
			}
			s.Scan()
			var err error
			if *n, err = strconv.Atoi(s.TokenText()); err != nil || strconv.Itoa(*n) != s.TokenText() {
				return nil, unexpected(&s, len(list), "a whole number")
			}
			before = ','
		}
		if before == ',' && s.Scan() != ')' {
			return nil, unexpected(&s, len(list), "')'")
		}
		list = append(list, l)
		switch s.Scan() {
		case ',':
		case scanner.EOF:
			return list, nil
		default:
			return nil, unexpected(&s, len(list)-1, "',' or the end")
		}
	}
}

// unexpected is an error about the scanner's token, after the given number of
// whole layers.
func unexpected(s *scanner.Scanner, layers int, want string) error {
	got := fmt.Sprintf("%.40q", s.TokenText())
	if s.TokenText() == "" {
		got = "the end"
	}
	return &LayerError{Layer: layers + 1, Err: errors.Errorf("%d:%d: layer %d: got %s, want %s", s.Line, s.Column, layers+1, got, want)}
}
