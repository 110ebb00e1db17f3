package chart

import (
	"bytes"
	"image/color"
	"image/png"
	"maps"
	"os/exec"
	"testing"

	"tapenet/graph/draw/ink"
)

// TestRsvg: a program that knows no variables of CSS draws the pictures too, on
// white and on black.
func TestRsvg(t *testing.T) {
	rsvg, err := exec.LookPath("rsvg-convert")
	if err != nil {
		t.Skip("no rsvg-convert (Debian's librsvg2-bin)")
	}
	set := testSet(t)
	runs := synthetic(2, set.Labels)
	all := pictures(runs, set.Labels, set.Pixels)
	maps.Copy(all, narrow(runs, set.Labels, set.Pixels))
	for what, draw := range all {
		for _, background := range []string{"white", "black"} {
			c := exec.Command(rsvg, "--background-color", background)
			c.Stdin = bytes.NewReader(draw)
			out, err := c.Output()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			picture, err := png.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			colours := map[color.Color]int{}
			size := picture.Bounds().Size()
			for y := range size.Y {
				for x := range size.X {
					colours[picture.At(x, y)]++
				}
			}
			r, g, b, _ := picture.At(size.X/2, size.Y-4).RGBA() // below all that is drawn
			got := color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
			if want := (color.RGBA{255, 255, 255, 255}); got != want || ink.Card.Light != "#ffffff" {
				t.Errorf("%s on %s: the card is %v, want %v", what, background, got, want)
			}
			if len(colours) < 10 {
				t.Errorf("%s on %s: %d colours, want at least 10", what, background, len(colours))
			}
		}
	}
}
