package graph

import (
	"fmt"
	"strconv"
	"strings"
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
	KindDropout   Kind = "Dropout"
	KindSoftMax   Kind = "SoftMax"
)

// prefixes start the names of layers in a network, as PyTorch's users name them.
var prefixes = map[Kind]string{
	KindConv2d: "conv", KindRectify: "relu", KindMaxPool2D: "pool",
	KindFlatten: "flatten", KindDense: "dense", KindDropout: "dropout", KindSoftMax: "softmax",
}

// Layer is one entry of a Sequential. The zero Layer is not valid: use the
// constructors and values below. Pad, Stride and Same change a Conv2d or a
// MaxPool2D: Conv2d(16, 5).Pad(2).Stride(2).
type Layer struct {
	Kind    Kind
	Filters int     // Conv2d: output channels F
	Kernel  int     // Conv2d: side K of a filter
	Pool    int     // MaxPool2D: side P of a window
	Units   int     // Dense: outputs M
	Rate    float64 // Dropout: the part of the values that it sets to 0, from 0 to less than 1

	Padding     int  // Conv2d, MaxPool2D: see Pad
	Step        int  // Conv2d, MaxPool2D: see Stride; 0 is 1 for Conv2d, P for MaxPool2D
	SamePadding bool // Conv2d, MaxPool2D: see Same
}

// Conv2d is a convolution with a bias: F filters of side K, stride 1, no padding.
// Pad, Same and Stride change that.
//
//	x (N, C, H, W)   weight (F, C, K, K)   bias (F)   result (N, F, H-K+1, W-K+1)
func Conv2d(filters, kernel int) Layer {
	return Layer{Kind: KindConv2d, Filters: filters, Kernel: kernel}
}

// Rectify is max(x, 0) of every element; its gradient at 0 is 0.
var Rectify = Layer{Kind: KindRectify}

// MaxPool2D is the largest value of each window of P x P pixels, side by side;
// rows and columns that fill no window are dropped. Of equal values the first
// in row order wins, and it alone receives the gradient. Pad, Same and Stride change
// where the windows lie.
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

// Dropout sets a part of the values to 0 while a network is trained, each with
// probability rate, 0 <= rate < 1, and divides the others by 1 - rate, as Keras's
// Dropout does. In mode Forward it does nothing. Mask says which values.
//
//	x (N, ...)   result (N, ...)
func Dropout(rate float64) Layer { return Layer{Kind: KindDropout, Rate: rate} }

// SoftMax turns each row of logits into probabilities. A network must end with
// it to be trained.
//
//	x (N, M)   result (N, M), rows sum to 1
var SoftMax = Layer{Kind: KindSoftMax}

// numbers are the arguments of the layer's constructor, but for a Dropout's.
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

// String is the layer as it is written in a Sequential: Conv2d(16, 5).Pad(2). It
// leaves out what is the default.
func (l Layer) String() string {
	var parts []string
	for _, n := range l.numbers() {
		parts = append(parts, strconv.Itoa(*n))
	}
	if l.Kind == KindDropout {
		parts = []string{strconv.FormatFloat(l.Rate, 'g', -1, 64)}
	}
	text := string(l.Kind)
	if parts != nil {
		text += "(" + strings.Join(parts, ", ") + ")"
	}
	if l.Padding != 0 {
		text += fmt.Sprintf(".Pad(%d)", l.Padding)
	}
	if l.SamePadding {
		text += ".Same()"
	}
	if l.Step != 0 {
		text += fmt.Sprintf(".Stride(%d)", l.Step)
	}
	return text
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
