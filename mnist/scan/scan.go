// Package scan makes images as MNIST's are, 28x28 pixels, 0 paper and 255 ink, of
// what people have: [Image] of a photo or picture of a digit, [Strokes] of the lines
// of a pen.
//
//	image, err := scan.Image(file)
//	…
//	digits, err := predictor.Classes(image)
//
// MNIST's digits were cut out, scaled to fit 20x20 pixels and placed by their centre
// of mass. A network that has seen only those reads others well if they are made in
// the same way, and hardly any as they are.
package scan

import (
	"io"

	"github.com/pkg/errors"

	"tapenet/mnist/scan/picture"
)

// ErrNoInk is the error of a picture with nothing on the paper, or nothing but
// noise.
var ErrNoInk = errors.New("no ink: want a digit that stands out from the paper")

// workSide is the longer side of the picture that the digit is searched in.
const workSide = 640

// Image reads a PNG, JPEG or GIF picture of one digit and returns an image (28, 28)
// of it. Photos are turned as the camera was held, transparent parts are paper, the
// light on the paper and the colours do not matter, nor whether the ink is dark or
// light. Ruled lines and what comes in from the rim are left out.
//
// The error is ErrNoInk if there is no digit. Other files are errors that say what
// they are, and so are pictures of over 50 megapixels or 400 MB.
func Image(r io.ReadSeeker) ([]uint8, error) {
	p, err := picture.ReadSmall(r, workSide)
	if err != nil {
		return nil, err
	}
	d, ok := find(onPaper(p))
	if !ok {
		return nil, errors.WithStack(ErrNoInk)
	}
	return fit(d), nil
}

// onPaper is red, green and blue of a picture. What is transparent is paper: white,
// unless there is little else and that is rather white.
func onPaper(p picture.Small) [3]plane {
	var sum, alpha, solid float64
	for i := 0; i < len(p.Pixels); i += 4 {
		c := p.Pixels[i : i+4]
		sum += float64(c[0] + c[1] + c[2])
		alpha += float64(c[3])
		if c[3] > 0.5 {
			solid++
		}
	}
	paper := float32(1)
	if light := sum >= 0.5*3*alpha; light && solid <= 0.5*float64(p.Width*p.Height) {
		paper = 0
	}
	var rgb [3]plane
	for k := range rgb {
		rgb[k] = newPlane(p.Width, p.Height)
		for i := range rgb[k].v {
			rgb[k].v[i] = p.Pixels[4*i+k] + paper*(1-p.Pixels[4*i+3])
		}
	}
	return rgb
}
