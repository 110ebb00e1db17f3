package svg

import (
	"fmt"
	"strings"
)

// Frame is a card with a frame over two axes.
type Frame struct {
	Card
	X, Y                     Axis
	Left, Right, Top, Bottom float64
}

// NarrowFrame returns the frame of a card that is NarrowWidth wide, with room for a
// title and the name of y above it.
func NarrowFrame(x, y Axis) Frame {
	return Frame{X: x, Y: y, Left: 62, Right: NarrowWidth - Margin - 4, Top: 84, Bottom: 84 + 220}
}

// Point is a place in a picture.
type Point struct{ X, Y float64 }

// At returns where a value of x and a value of y are.
func (f *Frame) At(x, y float64) Point {
	return Point{f.Left + float64((f.Right-f.Left)*f.X.At(x)), f.Bottom - float64((f.Bottom-f.Top)*f.Y.At(y))}
}

// Axes draws both axes with their names: the ticks of x below the frame, those of y as
// lines across it.
func (f *Frame) Axes() {
	f.Text(Margin, f.Top-22, "small muted yname", f.Y.Name)
	for _, v := range f.Y.Ticks {
		y := f.At(f.X.Lo, v).Y
		f.Addf(`<g class="ytick"><path class="rule" d="M%.5g %.5gH%.5g"/>`, f.Left, y, f.Right)
		f.Text(f.Left-10, y+4, "small muted end", f.Y.Label(v))
		f.Addf("</g>\n")
	}
	for _, v := range f.X.Ticks {
		x := f.At(v, f.Y.Lo).X
		f.Addf(`<g class="xtick"><path class="rule" d="M%.5g %.5gv5"/>`, x, f.Bottom)
		f.Text(x, f.Bottom+20, "small muted mid", f.X.Label(v))
		f.Addf("</g>\n")
	}
	f.Text((f.Left+f.Right)/2, f.Bottom+42, "small muted mid xname", f.X.Name)
}

// Path returns a line through the points.
func Path(points []Point) string {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%.5g %.5g", "ML"[min(i, 1)], p.X, p.Y)
	}
	return d.String()
}
