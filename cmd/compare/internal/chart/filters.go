package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/compare/internal/result"
)

// Filters draws the kernels of the first convolution of g's first run, all on
// the same scale: as far as the greatest weight of any of them, to either side.
// Of colour images the channels are below each other: red, green, blue.
func Filters(g result.Group) []byte {
	const (
		cols  = 8
		tile  = 60
		below = tile + 4 // from a channel to the next
		pitch = 80
		top   = 72
	)
	run := g.Runs[0]
	kernels, side := run.Filters.Kernels, run.Filters.Side
	weights := slices.Concat(kernels...)
	least, most := float64(slices.Min(weights)), float64(slices.Max(weights))
	scale := max(math.Abs(least), math.Abs(most))
	area := side * side
	channels := len(kernels[0]) / area
	lineHeight := 90 + (channels-1)*below
	height := float64(top + (len(kernels)+cols-1)/cols*lineHeight + 36)
	desc, names := fmt.Sprintf("%dx%[1]d", side), []string{""}
	if channels > 1 {
		desc, names = fmt.Sprintf("%dx%s", channels, desc), []string{"R", "G", "B"}
	}
	var s svg
	s.begin(2*margin+cols*pitch, height, "Filters of the first layer", fmt.Sprintf("%s, seed %d", name(g.Config), run.Seed),
		fmt.Sprintf("%d filters of %s weights from %s to %s.", len(kernels), desc, signed(least), signed(most)), rampCSS)
	for i, kernel := range kernels {
		x, y := float64(margin+i%cols*pitch+(pitch-tile)/2), float64(top+i/cols*lineHeight)
		s.text(x, y-6, "small muted", strconv.Itoa(i+1))
		for c, weights := range slices.Collect(slices.Chunk(kernel, area)) {
			if i%cols == 0 && channels > 1 {
				s.text(margin, y+float64(c*below)+tile/2+4, "small muted", names[c])
			}
			s.weights(weights, side, scale, x, y+float64(c*below), tile)
		}
	}
	s.scale(scale, margin+(pitch-tile)/2, height-44)
	return s.end()
}

// weights draws a channel of a kernel as a square with sides of size pixels.
func (s *svg) weights(kernel []float32, side int, scale, x, y, size float64) {
	s.addf(`<g class="filter" shape-rendering="crispEdges" transform="translate(%.5g %.5g)scale(%.5g)">`, x, y, size/float64(side))
	for i, v := range kernel {
		t := 0.0
		if scale > 0 {
			t = float64(v) / scale
		}
		s.addf(`<path class="%s" d="M%d %dh1v1h-1z"/>`, ramp(t), i%side, i/side)
	}
	s.addf("</g>\n")
}

// scale draws the ramp with the numbers of its ends.
func (s *svg) scale(most, x, y float64) {
	const step, height = 8, 12
	s.addf(`<g class="scale" shape-rendering="crispEdges">` + "\n")
	for i := -levels; i <= levels; i++ {
		s.addf(`<rect class="%s" x="%.5g" y="%.5g" width="%d" height="%d"/>`, ramp(float64(i)/levels), x+float64(i+levels)*step, y, step, height)
	}
	s.addf("</g>\n")
	for _, end := range []float64{-1, 0, 1} {
		s.text(x+(levels*(end+1)+.5)*step, y+height+16, "small muted mid", signed(end*most))
	}
	s.text(x+(2*levels+1)*step+36, y+height-1, "small muted", "weight (no unit), one scale for all filters")
}

// signed writes a weight with its sign, a real minus; zero has none.
func signed(v float64) string {
	if v == 0 {
		return "0"
	}
	return strings.Replace(fmt.Sprintf("%+.3f", v), "-", "−", 1)
}
