// Package prepare makes a picture an image that a network takes.
package prepare

import (
	"io"

	"github.com/pkg/errors"

	"tapenet/graph"
	"tapenet/mnist"
	"tapenet/mnist/scan"
	"tapenet/mnist/scan/picture"
)

// Way is how a picture becomes an image.
type Way string

const (
	Digit Way = "digit" // one digit on paper, found and made as MNIST's were
	Plain Way = "plain" // the whole picture, scaled, as dataset makes them
	Crop  Way = "crop"  // its middle, as dataset -crop makes them
)

// Image reads a PNG, JPEG or GIF picture and returns an image of the shape (C, H, W);
// Digit only of (1, 28, 28). The error says in words what was found instead of a picture,
// or that C is not 1 or 3.
func (w Way) Image(r io.ReadSeeker, shape graph.Shape) ([]uint8, error) {
	if w == Digit {
		return scan.Image(r)
	}
	channels, rows, cols := shape[0], shape[1], shape[2]
	if channels != 1 && channels != 3 {
		return nil, errors.Errorf("the network takes images of %d channels, want 1 or 3 for a picture", channels)
	}
	pixels, err := picture.Format{Width: cols, Height: rows, Colour: channels == 3, Crop: w == Crop}.Read(r)
	if err != nil {
		return nil, err
	}
	image := make([]uint8, len(pixels))
	for i, v := range pixels { // (H, W, C) becomes (C, H, W)
		image[i%channels*rows*cols+i/channels] = v
	}
	return image, nil
}

// TakesDigits reports whether a network may be one of MNIST's digits: it takes
// (1, 28, 28) and has 10 classes.
func TakesDigits(net *graph.Network) bool {
	in := net.In
	return len(in) == 3 && in[0] == 1 && in[1] == mnist.Rows && in[2] == mnist.Cols && net.Out().Size() == mnist.Classes
}
