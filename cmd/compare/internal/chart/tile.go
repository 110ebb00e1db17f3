package chart

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"tapenet/cmd/internal/svg"
	"tapenet/graph/draw/ink"
)

// Along a side, an image is drawn with at most mostPixels of its own, on at most
// tileSide of the picture's.
const mostPixels, tileSide = 64, 72

// tile is how the images of a set are drawn.
type tile struct {
	Set
	rows, cols    int // of what is drawn
	shrink        int // pixels of the image, along a side, for one of those
	grow          int // pixels of the picture for one of those
	width, height int // in the picture
	ink           bool
}

// tile returns how the images are drawn: each of their pixels as a square of a
// whole number of pixels of the picture, or the mean of a square of theirs as one.
// Where most is 0, that is paper, and the rest is drawn as ink; photos are drawn as
// they are.
func (s Set) tile() tile {
	rows, cols := s.Shape[1], s.Shape[2]
	t := tile{Set: s, shrink: (max(rows, cols) + mostPixels - 1) / mostPixels}
	t.rows, t.cols = (rows+t.shrink-1)/t.shrink, (cols+t.shrink-1)/t.shrink
	t.grow = tileSide / max(t.rows, t.cols)
	t.width, t.height = t.grow*t.cols, t.grow*t.rows
	t.ink = s.Shape[0] == 1 && 2*bytes.Count(s.Images, []byte{0}) >= len(s.Images)
	return t
}

// pixels returns the pixels of an image as they are drawn, channel by channel.
func (t tile) pixels(i int) []uint8 {
	pixels := t.Images[i*t.Shape.Size():][:t.Shape.Size()]
	if t.shrink == 1 {
		return pixels
	}
	var small []uint8
	height, width := t.Shape[1], t.Shape[2]
	for c := range t.Shape[0] {
		for row := range t.rows {
			for col := range t.cols {
				sum, n := 0, 0
				for y := row * t.shrink; y < min((row+1)*t.shrink, height); y++ {
					for x := col * t.shrink; x < min((col+1)*t.shrink, width); x++ {
						sum += int(pixels[(c*height+y)*width+x])
						n++
					}
				}
				small = append(small, uint8((sum+n/2)/n))
			}
		}
	}
	return small
}

// draw draws an image at x and y.
func (t tile) draw(c *svg.Card, i int, x float64, y int) {
	pixels := t.pixels(i)
	if !t.ink {
		c.Addf(`<image class="photo" x="%.5g" y="%d" width="%d" height="%d" href="data:image/png;base64,%s"/>`+"\n",
			x, y, t.width, t.height, base64.StdEncoding.EncodeToString(t.png(pixels)))
		return
	}
	c.Addf(`<rect class="zero" x="%.5g" y="%d" width="%d" height="%d" rx="3"/>`, x, y, t.width, t.height)
	c.Addf(`<g class="pixels" transform="translate(%.5g %d)scale(%d)translate(0 .5)">`, x, y, t.grow)
	drawInk(c, pixels, t.cols)
	c.Addf("</g>\n")
}

// png returns pixels, channel by channel, as a PNG.
func (t tile) png(pixels []uint8) []byte {
	frame := image.Rect(0, 0, t.cols, t.rows)
	var picture image.Image = &image.Gray{Pix: pixels, Stride: t.cols, Rect: frame}
	if t.Shape[0] == 3 {
		rgb, area := image.NewNRGBA(frame), t.rows*t.cols
		for i := range area {
			rgb.SetNRGBA(i%t.cols, i/t.cols, color.NRGBA{pixels[i], pixels[area+i], pixels[2*area+i], 255})
		}
		picture = rgb
	}
	var file bytes.Buffer
	png.Encode(&file, picture) // a Buffer takes all
	return file.Bytes()
}

// greys are the steps of a pixel from paper to ink.
const greys = 8

// css is the style of an image.
func (t tile) css() string {
	if !t.ink {
		return ".tapenet-chart .photo{image-rendering:pixelated}\n"
	}
	return inkCSS()
}

// inkCSS is the style of what drawInk draws.
func inkCSS() string {
	var css strings.Builder
	css.WriteString(".tapenet-chart .pixels{shape-rendering:crispEdges}\n" + svg.Themed(svg.Stroke(".pixels", ink.Text)))
	for g := 1; g <= greys; g++ {
		fmt.Fprintf(&css, ".tapenet-chart .g%d{stroke-opacity:%.5g}\n", g, float64(g)/greys)
	}
	return css.String()
}

// drawInk draws an image as runs of pixels of the same grey, one path for each grey.
// Ink is the ink of the picture, dark on light or light on dark.
func drawInk(c *svg.Card, image []uint8, cols int) {
	var paths [greys + 1]strings.Builder
	grey := func(i int) int { return (int(image[i])*greys + 127) / 255 }
	for i := 0; i < len(image); {
		row, col, n := i/cols, i%cols, 1
		for col+n < cols && grey(i+n) == grey(i) {
			n++
		}
		fmt.Fprintf(&paths[grey(i)], "M%d %dh%d", col, row, n)
		i += n
	}
	for g := 1; g <= greys; g++ {
		if d := paths[g].String(); d != "" {
			c.Addf(`<path class="g%d" d="%s"/>`, g, d)
		}
	}
}
