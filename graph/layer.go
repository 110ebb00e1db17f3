package graph

import "fmt"

// Kind names what a layer does, in Gorgonia's words.
type Kind string

// The ops a layer can have.
const (
	KindConv2d    Kind = "Conv2d"
	KindRectify   Kind = "Rectify"
	KindMaxPool2D Kind = "MaxPool2D"
	KindFlatten   Kind = "Flatten"
	KindDense     Kind = "Dense"
	KindSoftMax   Kind = "SoftMax"
)

// Layer is one entry of a Sequential. The zero Layer is not valid; use the
// constructors.
type Layer struct {
	Kind    Kind
	Filters int // Conv2d: output channels F
	Kernel  int // Conv2d: side K of a filter
	Pool    int // MaxPool2D: side P of a window, and its stride
	Units   int // Dense: outputs M
}

// Conv2d is a convolution with a bias: filters F of side K, stride 1, no
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

// SoftMax turns each row of logits into probabilities. A network that is to be
// trained ends with it.
//
//	x (N, M)   result (N, M), rows sum to 1
var SoftMax = Layer{Kind: KindSoftMax}

// String is the layer as it is written in a Sequential: Conv2d(16, 5).
func (l Layer) String() string {
	switch l.Kind {
	case KindConv2d:
		return fmt.Sprintf("Conv2d(%d, %d)", l.Filters, l.Kernel)
	case KindMaxPool2D:
		return fmt.Sprintf("MaxPool2D(%d)", l.Pool)
	case KindDense:
		return fmt.Sprintf("Dense(%d)", l.Units)
	}
	return string(l.Kind)
}
