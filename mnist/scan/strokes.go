package scan

import (
	"math"

	"github.com/pkg/errors"
)

// Point is a place on a page: X from 0 at the left to 1 at the right, Y from 0 at the
// top to 1 at the bottom.
type Point struct{ X, Y float64 }

// penWidth is how wide the pen of Strokes is, in pixels of the image: about as wide
// as the pens of MNIST's writers in their boxes of 20 pixels.
const penWidth = 2.8

// Place is where a page lies in an image: (x, y) of the page is at (x*Scale+DX,
// y*Scale+DY) of the image, in pixels from its upper left corner. The pixel of column
// 3 reaches from 3 to 4, its middle is 3.5.
type Place struct{ Scale, DX, DY float64 }

// offPage is how far off the page a point of Strokes may be.
const offPage = 0.5

// Strokes returns an image (28, 28) of a digit that a pen has drawn on a square page,
// line after line, each through all its points, and where the page lies in it; one
// point is a dot. The pen has the same width in the image however large the digit is.
// A pointer may run off the page: points from -0.5 to 1.5 are drawn as the others are.
// The error is ErrNoInk if there are no points; a point further off the page is an
// error too. The time is proportional to the number of points.
func Strokes(lines [][]Point) (image []uint8, page Place, err error) {
	least, most := Point{math.Inf(1), math.Inf(1)}, Point{math.Inf(-1), math.Inf(-1)}
	points := 0
	for _, line := range lines {
		for _, p := range line {
			if !(min(p.X, p.Y) >= -offPage && max(p.X, p.Y) <= 1+offPage) {
				return nil, Place{}, errors.Errorf("got a point at (%v, %v), want both from %v to %v", p.X, p.Y, -offPage, 1+offPage)
			}
			least = Point{min(least.X, p.X), min(least.Y, p.Y)}
			most = Point{max(most.X, p.X), max(most.Y, p.Y)}
			points++
		}
	}
	if points == 0 {
		return nil, Place{}, errors.WithStack(ErrNoInk)
	}
	const smallest = 0.01 // of what is a digit, no dot
	scale := (boxSide - penWidth) / max(most.X-least.X, most.Y-least.Y, smallest)
	inBox := Place{scale, penWidth/2 - least.X*scale, penWidth/2 - least.Y*scale}
	end := inBox.of(most)
	w := min(int(math.Ceil(end.X+penWidth/2-1e-9)), boxSide)
	h := min(int(math.Ceil(end.Y+penWidth/2-1e-9)), boxSide)
	box := make([]byte, w*h)
	for _, line := range lines {
		for i, p := range line {
			drawLine(box, w, inBox.of(line[max(i-1, 0)]), inBox.of(p))
		}
	}
	image, x, y := centred(box, w, h)
	return image, Place{scale, inBox.DX + float64(x), inBox.DY + float64(y)}, nil
}

// of is where a point of the page is in the image.
func (at Place) of(p Point) Point { return Point{p.X*at.Scale + at.DX, p.Y*at.Scale + at.DY} }

// drawLine draws a straight line, with round ends, into a picture of w pixels a row.
// A pixel is as dark as the line covers it, nearly: by the distance of its middle.
func drawLine(pixels []byte, w int, a, b Point) {
	const reach = penWidth/2 + 0.5
	h := len(pixels) / w
	dx, dy := b.X-a.X, b.Y-a.Y
	length := dx*dx + dy*dy
	for y := max(0, int(min(a.Y, b.Y)-reach)); y < min(h, int(max(a.Y, b.Y)+reach)+1); y++ {
		for x := max(0, int(min(a.X, b.X)-reach)); x < min(w, int(max(a.X, b.X)+reach)+1); x++ {
			px, py := float64(x)+0.5-a.X, float64(y)+0.5-a.Y
			t := 0. // where on the line the nearest point is
			if length > 0 {
				t = min(max((px*dx+py*dy)/length, 0), 1)
			}
			ink := min(max(reach-math.Hypot(px-t*dx, py-t*dy), 0), 1)
			pixels[y*w+x] = max(pixels[y*w+x], byte(math.Round(255*ink)))
		}
	}
}
