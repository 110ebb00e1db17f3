// Package picture reads PNG, JPEG and GIF files as small images: of one size, the
// items of a data set ([Format]), or as they are but smaller ([ReadSmall]).
package picture

import (
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"strings"
	"sync"

	"github.com/pkg/errors"

	"tapenet/mnist/idx/sniff"
)

// Format is what pictures become: Width x Height bytes, or three times as many in
// colour, as (Height, Width, 3). A picture keeps its shape and is as large as fits,
// in the middle; what it does not cover is black. With Crop it covers everything,
// and what does not fit is cut off on both sides alike.
//
// Grey is the luma of ITU-R 601, 0.299 R + 0.587 G + 0.114 B, of the values as the
// file has them (sRGB, as Pillow's convert("L") does). What is transparent shows
// white. Values of 16 bits are rounded to 8. Of an animation the first frame counts.
type Format struct {
	Width, Height int
	Colour, Crop  bool
}

// Channels is 3 in colour, else 1.
func (f Format) Channels() int {
	if f.Colour {
		return 3
	}
	return 1
}

// Size is the number of bytes of an image.
func (f Format) Size() int { return f.Width * f.Height * f.Channels() }

// MaxPixels is how large a picture may be. All pictures that are decoded at a time
// have at most that many pixels together, of up to 15 bytes (a progressive JPEG).
const MaxPixels = 100_000_000

// Read reads a picture and returns it in the format. A JPEG is turned as the camera
// was held (EXIF). The error says in words what was found instead of a picture.
func (f Format) Read(r io.ReadSeeker) (out []byte, err error) {
	err = decode(r, MaxPixels, 0, func(img image.Image, width, height int, o orientation) {
		out = f.convert(img, width, height, o)
	})
	return out, err
}

// decode decodes a picture of 1 to most pixels and calls use with it, its size and
// how it is to be turned. If maxBytes is not 0, decoding takes at most that much
// memory. The error says in words what was found instead of such a picture.
func decode(r io.ReadSeeker, most int, maxBytes int64, use func(img image.Image, width, height int, o orientation)) error {
	size, name, err := image.DecodeConfig(r)
	if err != nil {
		return describe(r, name, err)
	}
	pixels := int64(size.Width) * int64(size.Height)
	if pixels < 1 || pixels > int64(most) {
		return errors.Errorf("got a %s of %dx%d pixels, want 1 to %d in all", strings.ToUpper(name), size.Width, size.Height, most)
	}
	if err := rewind(r); err != nil {
		return err
	}
	s := segments{orientation: upright}
	switch name {
	case "jpeg":
		s = readSegments(r)
	case "png":
		s.cost = pngCost(r, size.ColorModel)
	}
	if cost := pixels * int64(s.cost); maxBytes > 0 && cost > maxBytes {
		return errors.Errorf("got a %s of %dx%d pixels that takes %d MB of memory, want at most %d MB", strings.ToUpper(name), size.Width, size.Height, cost/1e6, maxBytes/1e6)
	}
	length, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.WithStack(err)
	}
	// Deflate makes at most 1032 bytes of one, which have 8 pixels each; a block of 64
	// takes at least a bit. A short file gets no memory for what only its header has.
	perByte := map[string]int64{"png": 1032 * 8, "jpeg": 64 * 8}[name]
	if perByte > 0 && pixels > perByte*length {
		return errors.Errorf("got a %s of %d bytes, too few for its %dx%d pixels", strings.ToUpper(name), length, size.Width, size.Height)
	}
	if err := rewind(r); err != nil {
		return err
	}
	defer decoding.enter(int(pixels))()
	img, _, err := image.Decode(r)
	if err != nil {
		return describe(r, name, err)
	}
	use(img, size.Width, size.Height, s.orientation)
	return nil
}

// pngCost is the bytes that decoding a PNG takes for each pixel, at most.
func pngCost(r io.Reader, m color.Model) int {
	cost := 4
	switch m {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		cost = 8
	}
	const interlaced = 28 // where the file says whether it is
	header := make([]byte, interlaced+1)
	if _, err := io.ReadFull(r, header); err == nil && header[interlaced] != 0 {
		cost *= 2 // each pass is an image of its own
	}
	return cost
}

// convert makes a picture of width x height pixels, to be turned by o, an image.
func (f Format) convert(img image.Image, width, height int, o orientation) []byte {
	w, h := f.Width, f.Height
	if o.swaps() {
		w, h = h, w
	}
	var x, y axis
	if f.Crop {
		x, y = cover(width, height, w, h)
	} else {
		x, y = contain(width, height, w, h)
	}
	small := average(reader(img, width, f.Colour), width, f.Channels(), x, y, rounded)
	small, w, h = turn(o, small, x.n, y.n, f.Channels())
	return f.centre(small, w, h)
}

// centre puts a picture of w x h pixels in the middle of a black image.
func (f Format) centre(small []byte, w, h int) []byte {
	if w == f.Width && h == f.Height {
		return small
	}
	out := make([]byte, f.Size())
	c := f.Channels()
	for y := range h {
		at := ((f.Height-h)/2+y)*f.Width + (f.Width-w)/2
		copy(out[at*c:], small[y*w*c:(y+1)*w*c])
	}
	return out
}

// reader returns a function that reads a row of img, grey or in colour, as far as
// width. The frame of a GIF may cover less.
func reader(img image.Image, width int, colour bool) func(y int, row []byte) {
	switch img := img.(type) {
	case *image.Gray:
		if !colour {
			return func(y int, row []byte) { copy(row, img.Pix[y*img.Stride:]) }
		}
	case *image.YCbCr:
		if !colour { // Y is the luma
			return func(y int, row []byte) { copy(row, img.Y[y*img.YStride:]) }
		}
	}
	src, bounds := img.(image.RGBA64Image), img.Bounds() // those of all three decoders are
	return func(y int, row []byte) {
		for x := range width {
			r, g, b := uint32(255), uint32(255), uint32(255)
			if (image.Point{X: x, Y: y}).In(bounds) {
				p := src.RGBA64At(x, y) // multiplied by alpha
				white := 0xffff - uint32(p.A)
				r, g, b = (uint32(p.R)+white+128)/257, (uint32(p.G)+white+128)/257, (uint32(p.B)+white+128)/257
			}
			if colour {
				row[3*x], row[3*x+1], row[3*x+2] = byte(r), byte(g), byte(b)
			} else {
				row[x] = byte((19595*r + 38470*g + 7471*b + 1<<15) >> 16) // 0.299, 0.587 and 0.114 of 65536
			}
		}
	}
}

func rewind(r io.Seeker) error {
	_, err := r.Seek(0, io.SeekStart)
	return errors.WithStack(err)
}

// decoding keeps the pictures that are decoded at a time to MaxPixels.
var decoding = gate{free: MaxPixels, changed: sync.NewCond(&sync.Mutex{})}

type gate struct {
	free    int
	changed *sync.Cond // has the lock of free
}

// enter waits until n pixels are free and takes them; leave gives them back.
func (g *gate) enter(n int) (leave func()) {
	g.add(-n)
	return func() { g.add(n) }
}

func (g *gate) add(n int) {
	g.changed.L.Lock()
	defer g.changed.L.Unlock()
	for g.free+n < 0 {
		g.changed.Wait()
	}
	g.free += n
	g.changed.Broadcast()
}

// describe says in words what a file is that is no picture, or why a picture of a
// named format could not be read.
func describe(r io.ReadSeeker, format string, err error) error {
	format = strings.ToUpper(format)
	switch {
	case format != "" && (errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "short Huffman data")):
		return errors.Errorf("got a %s that is cut short", format)
	case format != "" && !strings.Contains(strings.ToUpper(err.Error()), format):
		return errors.Wrap(err, format)
	case !errors.Is(err, image.ErrFormat):
		return errors.WithStack(err)
	}
	if err := rewind(r); err != nil {
		return err
	}
	err = sniff.Unexpected(r, "PNG, JPEG or GIF")
	if strings.HasPrefix(err.Error(), "got a picture") {
		err = errors.Errorf("%v: export it as JPEG, or convert it, such as with ImageMagick: magick photo photo.png", err)
	}
	return err
}
