package scan

import (
	"image"
	"math"

	"tapenet/mnist/scan/picture"
)

// The size of MNIST's images, and of the box in them that their digits fit.
const (
	side    = 28
	boxSide = 20
)

// fit makes an image of a digit as MNIST's were made: the digit, its longer side 20
// pixels, averaged by area, with its centre of mass at pixel (14, 14).
func fit(d digit) []uint8 {
	box, _ := d.shape.box()
	ink := d.ink.cut(box)
	const fine = 160 // enough to find the box to an eighth of a pixel
	if n := ink.side(); n < fine {
		ink = ink.enlarged((fine + n - 1) / n)
		ink = ink.cut(ink.solid())
	}
	pixels := make([]byte, len(ink.v))
	for i, v := range ink.v {
		pixels[i] = byte(math.Round(255 * float64(v)))
	}
	scale := float64(boxSide) / float64(ink.side())
	w := max(1, int(math.Round(float64(ink.w)*scale)))
	h := max(1, int(math.Round(float64(ink.h)*scale)))
	out, _, _ := centred(picture.Resize(pixels, ink.w, ink.h, w, h), w, h)
	return out
}

// cut is the part of p in a box.
func (p plane) cut(box image.Rectangle) plane {
	out := newPlane(box.Dx(), box.Dy())
	for y := range out.h {
		copy(out.v[y*out.w:][:out.w], p.v[(box.Min.Y+y)*p.w+box.Min.X:])
	}
	return out
}

// solid is the box of the values over a half, or of those over half the greatest
// if there are none.
func (p plane) solid() image.Rectangle {
	m := mask{p.w, p.h, make([]bool, len(p.v))}
	var most float32
	for _, v := range p.v {
		most = max(most, v)
	}
	threshold := float32(0.5)
	if most <= threshold {
		threshold = most / 2
	}
	for i, v := range p.v {
		m.in[i] = v > threshold
	}
	box, _ := m.box()
	return box
}

// enlarged is p with a rim of one pixel of 0, k times as large, linear between the
// middles of its pixels.
func (p plane) enlarged(k int) plane {
	at := func(x, y int) float32 {
		if x < 0 || y < 0 || x >= p.w || y >= p.h {
			return 0
		}
		return p.v[y*p.w+x]
	}
	out := newPlane((p.w+2)*k, (p.h+2)*k)
	for y := range out.h {
		v := (float64(y)+0.5)/float64(k) - 1.5
		y0 := int(math.Floor(v))
		fy := float32(v - float64(y0))
		for x := range out.w {
			u := (float64(x)+0.5)/float64(k) - 1.5
			x0 := int(math.Floor(u))
			fx := float32(u - float64(x0))
			top := at(x0, y0)*(1-fx) + at(x0+1, y0)*fx
			bottom := at(x0, y0+1)*(1-fx) + at(x0+1, y0+1)*fx
			out.v[y*out.w+x] = top*(1-fy) + bottom*fy
		}
	}
	return out
}

// centred puts a box of w x h pixels into an image, its centre of mass at pixel
// (14, 14) as near as whole pixels allow. The box is at column x, row y.
func centred(box []byte, w, h int) (out []uint8, x, y int) {
	var mass, mx, my float64
	for i, v := range box {
		mass += float64(v)
		mx += float64(v) * float64(i%w)
		my += float64(v) * float64(i/w)
	}
	place := func(moment float64, n int) int {
		at := 0
		if mass > 0 {
			at = int(math.Round(side/2 - moment/mass))
		}
		return min(max(at, 0), side-n)
	}
	x, y = place(mx, w), place(my, h)
	out = make([]uint8, side*side)
	for row := range h {
		copy(out[(y+row)*side+x:], box[row*w:(row+1)*w])
	}
	return out, x, y
}
