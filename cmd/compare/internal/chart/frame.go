package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tapenet/graph/draw/ink"
)

// The size of a picture of curves, and where its frame is. The labels are to the
// right of the frame.
const (
	frameWidth, frameHeight = 880, 460
	frameLeft, frameRight   = 72, 672
	frameTop, frameBottom   = 84, 396
)

// curveCSS has, for each configuration, a class for its lines (s) and for its
// areas (f). The line of the longest training is wider: with the same seed, that
// of a shorter one lies on it.
const curveCSS = `.tapenet-chart .s1{stroke:var(--c1)}
.tapenet-chart .f1{fill:var(--c1)}
.tapenet-chart .s2{stroke:var(--c2)}
.tapenet-chart .f2{fill:var(--c2)}
.tapenet-chart .s3{stroke:var(--c3)}
.tapenet-chart .f3{fill:var(--c3)}
.tapenet-chart .s4{stroke:var(--c4)}
.tapenet-chart .f4{fill:var(--c4)}
.tapenet-chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.tapenet-chart .train{fill:none;stroke-width:1.25;stroke-dasharray:5 3}
.tapenet-chart .hollow{fill:var(--card);stroke-width:1.25}
.tapenet-chart .s4 .line{stroke-width:4}
.tapenet-chart .s4 .train{stroke-width:2.25}
.tapenet-chart .lead{fill:none;stroke-width:1;stroke-dasharray:1 4}
.tapenet-chart .band{fill-opacity:.14}
.tapenet-chart .neutral{stroke:var(--muted)}
.tapenet-chart .label{stroke:var(--card);stroke-width:4;stroke-linejoin:round;paint-order:stroke}
`

// frame is a picture of curves over its two axes.
type frame struct {
	svg
	x, y axis
}

type point struct{ x, y float64 }

func (f *frame) at(x, y float64) point {
	return point{frameLeft + (frameRight-frameLeft)*f.x.at(x), frameBottom - (frameBottom-frameTop)*f.y.at(y)}
}

func (f *frame) points(xs, ys []float64) []point {
	points := make([]point, len(ys))
	for i := range points {
		points[i] = f.at(xs[i], ys[i])
	}
	return points
}

func (f *frame) axes() {
	f.text(margin, frameTop-22, "small muted yname", f.y.name)
	for _, v := range f.y.ticks {
		y := f.at(f.x.lo, v).y
		f.addf(`<g class="ytick"><path class="rule" d="M%d %.5gH%d"/>`, frameLeft, y, frameRight)
		f.text(frameLeft-10, y+4, "small muted end", f.y.label(v))
		f.addf("</g>\n")
	}
	for _, v := range f.x.ticks {
		x := f.at(v, f.y.lo).x
		f.addf(`<g class="xtick"><path class="rule" d="M%.5g %dv5"/>`, x, frameBottom)
		f.text(x, frameBottom+20, "small muted mid", f.x.label(v))
		f.addf("</g>\n")
	}
	f.text((frameLeft+frameRight)/2, frameBottom+42, "small muted mid xname", f.x.name)
}

// key says which lines are of the validation and which of the training.
func (f *frame) key() {
	x := float64(frameRight) - 210
	for _, style := range []struct{ class, name string }{{"line", "validation"}, {"train", "training"}} {
		f.addf(`<path class="%s neutral" d="M%.5g %dh24"/>`, style.class, x, frameTop-26)
		f.text(x+32, frameTop-22, "small muted", style.name)
		x += 120
	}
}

// curve draws all of a configuration but its label.
func (f *frame) curve(c curve) {
	f.addf(`<g class="curve s%d">`+"\n<title>%s</title>\n", c.K, ink.Escape(name(c.Config)))
	if len(c.Runs) > 1 {
		low := f.points(c.x, c.low)
		slices.Reverse(low)
		f.addf(`<path class="band f%d" stroke="none" d="%sz"/>`+"\n", c.K, path(append(f.points(c.x, c.high), low...)))
	}
	if train := f.points(c.x, c.train); len(train) > 0 {
		f.addf(`<path class="train" d="%s"/>`+"\n", path(train))
		f.addf(`<path class="hollow" d="%s"/>`+"\n", marker(c.K, train[len(train)-1]))
	}
	val := f.points(c.x, c.val)
	f.addf(`<path class="line" d="%s"/>`+"\n", path(val))
	f.addf(`<path class="f%d" stroke="none" d="`, c.K)
	for _, p := range val {
		f.addf("%s", marker(c.K, p))
	}
	f.addf(`"/>` + "\n</g>\n")
}

// labels names the curves to the right of the frame, as near to the height at
// which each ends in validation as there is room.
func (f *frame) labels(curves []curve) {
	const (
		left, height   = frameRight + 16, 34
		nameAt, textAt = 14, 29 // baselines, from the top of a label
	)
	end := func(c curve) point { return f.at(c.x[len(c.x)-1], c.val[len(c.val)-1]) }
	curves = slices.SortedStableFunc(slices.Values(curves), func(a, b curve) int { return cmp.Compare(end(a).y, end(b).y) })
	var ends []float64
	for _, c := range curves {
		ends = append(ends, end(c).y)
	}
	for i, mid := range arrange(ends, height, frameTop, frameBottom-height/2) {
		c, top := curves[i], mid-height/2
		from, mark := end(c), point{left, top + nameAt - 4}
		f.addf(`<g class="s%d"><path class="lead" d="%s"/><path class="f%[1]d" stroke="none" d="%[3]s"/></g>`+"\n",
			c.K, path([]point{from, {frameRight, from.y}, mark}), marker(c.K, mark))
		f.text(left+12, top+nameAt, "small label", name(c.Config))
		f.text(left+12, top+textAt, "small muted label", c.end)
	}
}

// arrange returns rising heights, moved as little as need be, so that they are this
// far apart and between top and bottom, where there must be room for all.
func arrange(heights []float64, apart, top, bottom float64) []float64 {
	n := len(heights)
	down, up := make([]float64, n), make([]float64, n)
	above, below := top-apart, bottom+apart
	for i := range n {
		above = max(above+apart, min(heights[i], bottom-float64(n-1-i)*apart))
		down[i] = above
	}
	for i := n - 1; i >= 0; i-- {
		below = min(below-apart, max(heights[i], top+float64(i)*apart))
		up[i] = below
	}
	for i := range n { // as far apart as in both
		down[i] = (down[i] + up[i]) / 2
	}
	return down
}

// markers are the shapes that tell the configurations apart without colour,
// relative to a point.
var markers = []string{
	"m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
	"m-3-3h6v6h-6z",
	"m0-4.2l4 7h-8z",
	"m0-4.5l4.5 4.5l-4.5 4.5l-4.5-4.5z",
}

func marker(k int, p point) string { return fmt.Sprintf("M%.5g %.5g%s", p.x, p.y, markers[k-1]) }

// path is a line through the points.
func path(points []point) string {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%.5g %.5g", "ML"[min(i, 1)], p.x, p.y)
	}
	return d.String()
}
