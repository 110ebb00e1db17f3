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

// Strokes returns an image (28, 28) of a digit that a pen has drawn on a square page,
// line after line, each through all its points; one point is a dot. The pen has the
// same width in the image however large the digit is. The error is ErrNoInk if there
// are no points; a point off the page is an error too. The time is proportional to
// the number of points.
func Strokes(lines [][]Point) ([]uint8, error) {
	least, most := Point{1, 1}, Point{}
	points := 0
	for _, line := range lines {
		for _, p := range line {
			if !(p.X >= 0 && p.X <= 1 && p.Y >= 0 && p.Y <= 1) {
				return nil, errors.Errorf("got a point at (%v, %v), want both from 0 to 1", p.X, p.Y)
			}
			least = Point{min(least.X, p.X), min(least.Y, p.Y)}
			most = Point{max(most.X, p.X), max(most.Y, p.Y)}
			points++
		}
	}
	if points == 0 {
		return nil, errors.WithStack(ErrNoInk)
	}
	const smallest = 0.01 // of what is a digit, no dot
	scale := (boxSide - penWidth) / max(most.X-least.X, most.Y-least.Y, smallest)
	place := func(p Point) Point {
		return Point{(p.X-least.X)*scale + penWidth/2, (p.Y-least.Y)*scale + penWidth/2}
	}
	end := place(most)
	w := min(int(math.Ceil(end.X+penWidth/2-1e-9)), boxSide)
	h := min(int(math.Ceil(end.Y+penWidth/2-1e-9)), boxSide)
	box := make([]byte, w*h)
	for _, line := range lines {
		for i, p := range line {
			drawLine(box, w, place(line[max(i-1, 0)]), place(p))
		}
	}
	return centred(box, w, h), nil
}

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
