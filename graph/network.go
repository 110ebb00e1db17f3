package graph

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/pkg/errors"
)

// Shape is the shape of one image without the batch axis: (C, H, W) or (D).
type Shape []int

// Size is the number of values, or math.MaxInt if there are more.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		if d > 0 && n > math.MaxInt/d {
			return math.MaxInt
		}
		n *= d
	}
	return n
}

// String is the shape as pictures show it: 16×12×12.
func (s Shape) String() string { return s.Join("×") }

// Join is the numbers of the shape with sep between them.
func (s Shape) Join(sep string) string {
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = fmt.Sprint(d)
	}
	return strings.Join(parts, sep)
}

// Network is a Sequential that fits its input: every layer has a name, its
// shapes and its parameters. Build makes it.
type Network struct {
	In     Shape        // of one image
	Layers []NamedLayer // at least one
	Params []Param      // in the order of the layers, weight before bias
}

// NamedLayer is a layer in its place in a network.
type NamedLayer struct {
	Layer
	Name    string // unique: conv1, relu1, pool1, flatten1, dense1, softmax1, …
	Index   int    // in Network.Layers
	In, Out Shape  // of one image
	Params  []Param

	// Image is the shape (C, H, W) of the Image whose values In holds: In itself
	// or, after Flatten, what was flattened. It is nil once Dense has mixed them.
	Image Shape
}

// NumParams is how many values the parameters of the layer have together.
func (l NamedLayer) NumParams() int {
	n := 0
	for _, p := range l.Params {
		n += p.Size
	}
	return n
}

// imageOut is the image of the layer after l.
func (l *NamedLayer) imageOut() Shape {
	switch {
	case len(l.Out) == 3:
		return l.Out
	case l.Kind == KindDense:
		return nil
	}
	return l.Image
}

// Param describes a trainable tensor and its place in the vector of all
// parameters.
type Param struct {
	Name         string // conv1.weight, conv1.bias, …
	Shape        Shape  // PyTorch's: (F, C, K, K), (M, D), (F) or (M)
	FanIn        int    // inputs that reach one output; 0 for a bias
	FanOut       int    // outputs that one input reaches; 0 for a bias
	Offset, Size int    // values [Offset, Offset+Size) of the vector
}

// Of is the parameter's part of a vector of all parameters (no copy).
func (p Param) Of(weights []float32) []float32 {
	return weights[p.Offset : p.Offset+p.Size : p.Offset+p.Size]
}

// NumParams is the length of the vector of all parameters.
func (net *Network) NumParams() int {
	n := 0
	for _, l := range net.Layers {
		n += l.NumParams()
	}
	return n
}

// Out is the shape of the last layer's result for one image.
func (net *Network) Out() Shape { return net.Layers[len(net.Layers)-1].Out }

// Sequential is the list of layers that the network was built from.
func (net *Network) Sequential() Sequential {
	list := make(Sequential, len(net.Layers))
	for i, l := range net.Layers {
		list[i] = l.Layer
	}
	return list
}

// maxSize bounds the values of one image between two layers, and the parameters
// of a layer: a wrong number is an error then, not an allocation.
const maxSize = 1 << 28

// LayerError is an error of Parse or Build about one layer of a list. errors.As
// finds it.
type LayerError struct {
	Layer int   // its number in the list, from 1
	Err   error // names the layer, and says what is wrong with it
}

func (e *LayerError) Error() string { return e.Err.Error() }

func (e *LayerError) Unwrap() error { return e.Err }

// Build gives every layer its name, shapes and parameters for images of shape
// in, (C, H, W) or (D). A layer that does not fit is a LayerError, and so is one
// with more than 2^28 results for an image or parameters.
func (s Sequential) Build(in ...int) (*Network, error) {
	net := &Network{In: slices.Clone(in)}
	if (len(in) != 1 && len(in) != 3) || slices.Min(in) < 1 || net.In.Size() > maxSize {
		return nil, errors.Errorf("input: got shape (%s), want (C, H, W) or (D), all at least 1", net.In.Join(", "))
	}
	if len(s) == 0 {
		return nil, errors.New("a network needs at least one layer")
	}
	count := map[Kind]int{}
	x, image, offset := net.In, Shape(nil), 0
	if len(x) == 3 {
		image = x
	}
	for i, layer := range s {
		count[layer.Kind]++
		l := NamedLayer{Layer: layer, Name: fmt.Sprint(prefixes[layer.Kind], count[layer.Kind]), Index: i, In: x, Image: image}
		if err := l.fit(); err != nil {
			return nil, &LayerError{Layer: i + 1, Err: errors.WithMessagef(err, "layer %d, %v", i+1, layer)}
		}
		for j := range l.Params {
			p := &l.Params[j]
			p.Size, p.Offset = p.Shape.Size(), offset
			offset += p.Size
		}
		net.Params = append(net.Params, l.Params...)
		net.Layers = append(net.Layers, l)
		x, image = l.Out, l.imageOut()
	}
	return net, nil
}

// errTooLarge is about a layer that no memory would hold.
var errTooLarge = errors.Errorf("too large: want at most %d values", maxSize)

// fit sets l.Out and l.Params, given l.Layer and l.In.
func (l *NamedLayer) fit() error {
	x := l.In
	for _, n := range l.numbers() {
		if *n < 1 {
			return errors.Errorf("got %d, want at least 1", *n)
		}
		if *n > maxSize {
			return errTooLarge
		}
	}
	switch {
	case l.hasWindow() && len(x) != 3:
		return errors.Errorf("want images (C, H, W), got (%s)", x.Join(", "))
	case (l.Kind == KindDense || l.Kind == KindSoftMax) && len(x) != 1:
		return errors.Errorf("want rows (D), got (%s): put Flatten before it", x.Join(", "))
	case !l.hasWindow() && (l.Padding != 0 || l.Step != 0 || l.SamePadding):
		return errors.Errorf("only %s and %s have a padding and a stride", KindConv2d, KindMaxPool2D)
	case max(l.Padding, l.Step) > maxSize:
		return errTooLarge
	}
	switch l.Kind {
	case KindConv2d:
		high, wide, err := l.fitWindow()
		if err != nil {
			return err
		}
		l.Out = Shape{l.Filters, high, wide}
		l.Params = weightAndBias(l.Name, Shape{l.Filters, x[0], l.Kernel, l.Kernel})
	case KindMaxPool2D:
		high, wide, err := l.fitWindow()
		if err != nil {
			return err
		}
		l.Out = Shape{x[0], high, wide}
	case KindFlatten:
		l.Out = Shape{x.Size()}
	case KindDense:
		l.Out = Shape{l.Units}
		l.Params = weightAndBias(l.Name, Shape{l.Units, x[0]})
	case KindDropout:
		if !(l.Rate >= 0 && l.Rate < 1) {
			return errors.Errorf("got a rate of %v, want 0 to less than 1", l.Rate)
		}
		l.Out = x
	case KindSoftMax, KindRectify:
		l.Out = x
	default:
		return errors.Errorf("unknown kind of layer %q", l.Kind)
	}
	if l.Out.Size() > maxSize || len(l.Params) > 0 && l.Params[0].Shape.Size() > maxSize {
		return errTooLarge
	}
	return nil
}

// weightAndBias are the parameters of a layer whose weight has the given shape,
// outputs first. The fans are Keras's: kernel area times channels.
func weightAndBias(layer string, weight Shape) []Param {
	area := weight[2:].Size()
	return []Param{
		{Name: layer + ".weight", Shape: weight, FanIn: weight[1] * area, FanOut: weight[0] * area},
		{Name: layer + ".bias", Shape: Shape{weight[0]}},
	}
}
