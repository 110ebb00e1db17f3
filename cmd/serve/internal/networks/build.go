package networks

import (
	"github.com/pkg/errors"

	"tapenet/cmd/serve/internal/answer"
	"tapenet/graph"
	"tapenet/mnist"
)

// The bounds of an edited list. The notebook's networks have 2^18 parameters, 2^19
// products and 2^15 values.
const (
	maxText     = 2000
	maxParams   = 1 << 22
	maxProducts = 1 << 29 // for one image
	maxValues   = 1 << 21 // for one image
)

// Build makes the network of a list of layers for MNIST's images. The errors are of
// type *answer.Error.
func Build(text string) (*graph.Network, error) {
	if len(text) > maxText {
		return nil, answer.Errorf("got a list of %d bytes, want at most %d", len(text), maxText)
	}
	layers, err := graph.Parse(text)
	if err != nil {
		return nil, fault(err)
	}
	net, err := layers.Build(1, mnist.Rows, mnist.Cols)
	if err != nil {
		return nil, fault(err)
	}
	if n := net.NumParams(); n > maxParams {
		return nil, answer.Errorf("got %d parameters, want at most %d", n, maxParams)
	}
	if n := Products(net); n > maxProducts {
		return nil, answer.Errorf("got %d products for an image, want at most %d", n, maxProducts)
	}
	if n := Values(net); n > maxValues {
		return nil, answer.Errorf("got %d values for an image, want at most %d", n, maxValues)
	}
	return net, nil
}

// fault is an error of Parse or Build, with its layer, as one for the client.
func fault(err error) error {
	e := answer.Errorf("%v", err)
	var at *graph.LayerError
	if errors.As(err, &at) {
		e.Layer = at.Layer
	}
	return e
}

// Products is how many products the network computes for one image; a layer without
// any counts one for each of its results.
func Products(net *graph.Network) int {
	n := 0
	for _, l := range net.Layers {
		for _, p := range l.Params {
			n += p.Size / p.Shape[0] * l.Out.Size()
		}
		n += l.Out.Size()
	}
	return n
}

// Values is how many values Gorgonia's ops compute for one image: the results of the
// layers, all windows of each convolution, and images with their padding.
func Values(net *graph.Network) int {
	n := 0
	for _, l := range net.Layers {
		n += l.Out.Size()
		if w := l.Window(); w.Top+w.Bottom+w.Left+w.Right > 0 {
			n += l.In[0] * (w.Top + l.In[1] + w.Bottom) * (w.Left + l.In[2] + w.Right)
		}
		if l.Kind == graph.KindConv2d {
			n += l.In[0] * l.Kernel * l.Kernel * l.Out[1:].Size()
		}
	}
	return n
}
