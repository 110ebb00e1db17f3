package graph

import (
	"slices"

	G "gorgonia.org/gorgonia"
)

// extension adds to images what the padding of a window has more after an image
// than before it: Gorgonia's Conv2d and our kernels pad both sides alike. The
// padding of a convolution is 0; that of a pool is -Inf, and as it is at the end of
// its windows it wins in none, not even among equals.
type extension struct {
	rows, cols   int // of an image, of cols values in a row
	below, right int // rows, and values in a row, that are added
	fill         float32
}

// extended is x, images of shape image, with the extension for a window, and the
// shape of such an image. Where the padding is even it is x.
func (b *builder) extended(name string, x *G.Node, image Shape, w Window, fill float32, channelsLast, learned bool) (*G.Node, Shape, error) {
	e := extension{image[1], image[2], w.Bottom - w.Top, w.Right - w.Left, fill}
	if e.below+e.right == 0 {
		return x, image, nil
	}
	image = Shape{image[0], image[1] + e.below, image[2] + e.right}
	shape := image
	if channelsLast {
		e.cols, e.right = e.cols*image[0], e.right*image[0]
		shape = Shape{image[1], image[2], image[0]}
	}
	y, _, err := b.mapTo(name+" padding", x, b.rows(shape), learned, mapping{forward: e.forward, backward: e.backward, linear: true})
	return y, image, err
}

func (e extension) forward(x, y []float32) {
	for i := range y {
		y[i] = e.fill
	}
	e.eachRow(x, y, func(x, y []float32) { copy(y, x) })
}

func (e extension) backward(_, dy, dx []float32) {
	e.eachRow(dx, dy, func(dx, dy []float32) { copy(dx, dy) })
}

// eachRow calls f for every row of the images x, and the same values of the
// extended images y.
func (e extension) eachRow(x, y []float32, f func(x, y []float32)) {
	wide := e.cols + e.right
	for image := range slices.Chunk(y, (e.rows+e.below)*wide) {
		for r := range e.rows {
			f(x[:e.cols], image[r*wide:][:e.cols])
			x = x[e.cols:]
		}
	}
}
