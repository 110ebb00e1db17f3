package picture

import (
	"image"
	"image/color"
	"io"

	"github.com/pkg/errors"
)

// Small is a picture made smaller. Pixels (Height, Width, 4) are red, green, blue,
// each multiplied by alpha, and alpha, from 0 to 1: the means of what the picture
// has there, with all its bits, in the values that the file has (sRGB).
type Small struct {
	Width, Height int
	Pixels        []float32
}

// The limits of ReadSmall: a photo of 48 megapixels is read, 50 megapixels of 16 bits
// a channel too.
const (
	maxSmallPixels = 50_000_000
	maxSmallBytes  = 400_000_000
)

// ReadSmall reads a picture and makes it smaller, if it is larger, so that its longer
// side has at most side pixels. It turns it as Format.Read does, and has the same
// errors. What the first frame of an animation does not cover is transparent.
func ReadSmall(r io.ReadSeeker, side int) (s Small, err error) {
	if side < 1 {
		return Small{}, errors.Errorf("got a side of %d pixels, want at least 1", side)
	}
	err = decode(r, maxSmallPixels, maxSmallBytes, func(img image.Image, width, height int, o orientation) {
		s = shrink(img, width, height, side)
		s.Pixels, s.Width, s.Height = turn(o, s.Pixels, s.Width, s.Height, 4)
	})
	return s, err
}

func shrink(img image.Image, width, height, side int) Small {
	x, y := stretch(width, width), stretch(height, height)
	if max(width, height) > side {
		x, y = contain(width, height, side, side)
	}
	s := Small{x.n, y.n, make([]float32, 4*x.n*y.n)}
	switch img := img.(type) {
	case *image.Gray:
		grey := plane(img.Pix, img.Stride, width, height, x.n, y.n)
		for i, v := range grey {
			copy(s.Pixels[4*i:], []float32{v, v, v, 1})
		}
	case *image.YCbCr: // without a conversion of each pixel
		luma := plane(img.Y, img.YStride, width, height, x.n, y.n)
		w, h := chromaSize(img.SubsampleRatio, width, height)
		blue := plane(img.Cb, img.CStride, w, h, x.n, y.n)
		red := plane(img.Cr, img.CStride, w, h, x.n, y.n)
		const middle = 128. / 255
		for i, v := range luma {
			b, r := blue[i]-middle, red[i]-middle // JFIF's colours
			copy(s.Pixels[4*i:], []float32{unit(v + 1.402*r), unit(v - 0.344136*b - 0.714136*r), unit(v + 1.772*b), 1})
		}
	default:
		s.Pixels = average(reader16(img, width), width, 4, x, y, fraction(0xffff))
	}
	return s
}

// plane averages a plane of bytes to w x h values from 0 to 1.
func plane(pix []byte, stride, width, height, w, h int) []float32 {
	read := func(y int, row []byte) { copy(row, pix[y*stride:]) }
	return average(read, width, 1, stretch(width, w), stretch(height, h), fraction(255))
}

// fraction returns what makes a mean of values up to most one from 0 to 1.
func fraction(most float64) func(total, area uint64) float32 {
	return func(total, area uint64) float32 { return float32(float64(total) / (float64(area) * most)) }
}

func unit(x float32) float32 { return min(max(x, 0), 1) }

// chromaSize is the size of the planes of colour beside a luma of width x height.
func chromaSize(r image.YCbCrSubsampleRatio, width, height int) (w, h int) {
	dx, dy := 1, 1
	switch r {
	case image.YCbCrSubsampleRatio422:
		dx = 2
	case image.YCbCrSubsampleRatio420:
		dx, dy = 2, 2
	case image.YCbCrSubsampleRatio440:
		dy = 2
	case image.YCbCrSubsampleRatio411:
		dx = 4
	case image.YCbCrSubsampleRatio410:
		dx, dy = 4, 2
	}
	return (width + dx - 1) / dx, (height + dy - 1) / dy
}

// reader16 returns a function that reads a row of img, as far as width: red, green
// and blue multiplied by alpha, and alpha.
func reader16(img image.Image, width int) func(y int, row []uint16) {
	at, bounds := img.(image.RGBA64Image).RGBA64At, img.Bounds() // those of all three decoders have it
	if p, ok := img.(*image.Paletted); ok {
		var colours [256]color.RGBA64
		for i, c := range p.Palette {
			r, g, b, a := c.RGBA()
			colours[i] = color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
		}
		at = func(x, y int) color.RGBA64 { return colours[p.Pix[p.PixOffset(x, y)]] }
	}
	return func(y int, row []uint16) {
		clear(row)
		if y < bounds.Min.Y || y >= bounds.Max.Y {
			return
		}
		for x := max(bounds.Min.X, 0); x < min(bounds.Max.X, width); x++ {
			c := at(x, y)
			copy(row[4*x:], []uint16{c.R, c.G, c.B, c.A})
		}
	}
}

// Resize returns a grey picture of width x height pixels as one of w x h, each pixel
// the mean of its area, rounded to the nearest.
func Resize(pixels []byte, width, height, w, h int) []byte {
	read := func(y int, row []byte) { copy(row, pixels[y*width:]) }
	return average(read, width, 1, stretch(width, w), stretch(height, h), rounded)
}
