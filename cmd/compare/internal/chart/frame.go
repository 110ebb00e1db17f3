package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tapenet/graph/draw/ink"
)

// frame is a picture of curves over its two axes.
type frame struct {
	svg
	x, y                           axis
	size                           Size
	left, right, top, bottom, high float64 // the frame, and how high the picture is
}

// frameWidth is the width of a wide picture of curves.
const frameWidth = 880

// labelHeight is from a label of a curve to the next.
const labelHeight = 34

// newFrame returns a frame of a size that nothing is drawn in yet.
func newFrame(size Size, x, y axis) *frame {
	if size == Narrow {
		return &frame{x: x, y: y, size: size, left: 62, right: narrowWidth - margin - 4, top: 84, bottom: 84 + 220}
	}
	return &frame{x: x, y: y, size: size, left: 72, right: 672, top: 84, bottom: 396, high: 460}
}

// start starts the picture. Its labels are to the right of the frame, in a narrow
// one below.
func (f *frame) start(title, note, desc string, key bool, labels int) {
	width := float64(frameWidth)
	if f.size == Narrow {
		width = narrowWidth
	}
	lines, room := heading(width, title, note)
	if f.size == Narrow && key {
		room += 22 // the key has a line of its own
	}
	f.top, f.bottom = f.top+room, f.bottom+room
	if f.high += room; f.size == Narrow {
		f.high = f.bottom + 60 + float64(labelHeight*labels) + 6
	}
	f.begin(width, f.high, title, lines, desc, curveCSS)
}

// curveCSS has, for each configuration, a class for its lines (s) and for its
// areas (f).
var curveCSS = themed([]paint{
	{".s1", "stroke", hues[0]}, {".f1", "fill", hues[0]}, {".s2", "stroke", hues[1]}, {".f2", "fill", hues[1]},
	{".s3", "stroke", hues[2]}, {".f3", "fill", hues[2]}, {".s4", "stroke", hues[3]}, {".f4", "fill", hues[3]},
	{".hollow", "fill", ink.Card}, {".neutral", "stroke", ink.Muted}, {".ring", "stroke", ink.Card},
}) + `.tapenet-chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.tapenet-chart .train{fill:none;stroke-width:1.25;stroke-dasharray:5 3}
.tapenet-chart .hollow{stroke-width:1.25}
.tapenet-chart .lead{fill:none;stroke-width:1;stroke-dasharray:1 4}
.tapenet-chart .band{fill-opacity:.14}
.tapenet-chart .ring{stroke-width:2}
`

// hues are the colours of the configurations, those of ink's that differ most.
var hues = [4]ink.Colour{ink.Text, ink.Pink, ink.Blue, ink.Orange}

type point struct{ x, y float64 }

func (f *frame) at(x, y float64) point {
	return point{f.left + float64((f.right-f.left)*f.x.at(x)), f.bottom - float64((f.bottom-f.top)*f.y.at(y))}
}

func (f *frame) points(xs, ys []float64) []point {
	points := make([]point, len(ys))
	for i := range points {
		points[i] = f.at(xs[i], ys[i])
	}
	return points
}

func (f *frame) axes() {
	f.text(margin, f.top-22, "small muted yname", f.y.name)
	for _, v := range f.y.ticks {
		y := f.at(f.x.lo, v).y
		f.addf(`<g class="ytick"><path class="rule" d="M%.5g %.5gH%.5g"/>`, f.left, y, f.right)
		f.text(f.left-10, y+4, "small muted end", f.y.label(v))
		f.addf("</g>\n")
	}
	for _, v := range f.x.ticks {
		x := f.at(v, f.y.lo).x
		f.addf(`<g class="xtick"><path class="rule" d="M%.5g %.5gv5"/>`, x, f.bottom)
		f.text(x, f.bottom+20, "small muted mid", f.x.label(v))
		f.addf("</g>\n")
	}
	f.text((f.left+f.right)/2, f.bottom+42, "small muted mid xname", f.x.name)
}

// key says which lines are of the validation and which of the training.
func (f *frame) key() {
	x, y := f.right-210, f.top-26
	if f.size == Narrow {
		x, y = margin, f.top-48
	}
	for _, style := range []struct{ class, name string }{{"line", "validation"}, {"train", "training"}} {
		f.addf(`<path class="%s neutral" d="M%.5g %.5gh24"/>`, style.class, x, y)
		f.text(x+32, y+4, "small muted", style.name)
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

// stop marks where on a longer curve a configuration ends that is the start of it.
func (f *frame) stop(c curve) {
	last := len(c.x) - 1
	f.addf(`<g class="curve stop s%d">`+"\n<title>%s</title>\n", c.K, ink.Escape(name(c.Config)))
	if c.train != nil {
		f.addf(`<path class="hollow" d="%s"/>`+"\n", marker(c.K, f.at(c.x[last], c.train[last])))
	}
	f.addf(`<path class="f%d ring" d="%s"/>`+"\n</g>\n", c.K, marker(c.K, f.at(c.x[last], c.val[last])))
}

// labels names the curves to the right of the frame, as near to the height at
// which each ends in validation as there is room, or below a narrow one.
func (f *frame) labels(curves []curve) {
	const nameAt, textAt = 14, 29 // baselines, from the top of a label
	end := func(c curve) point { return f.at(c.x[len(c.x)-1], c.val[len(c.val)-1]) }
	curves = slices.SortedStableFunc(slices.Values(curves), func(a, b curve) int { return cmp.Compare(end(a).y, end(b).y) })
	var ends []float64
	for _, c := range curves {
		ends = append(ends, end(c).y)
	}
	left, mids := f.right+16, arrange(ends, labelHeight, f.top, f.bottom-labelHeight/2)
	for i, c := range curves {
		top := mids[i] - labelHeight/2
		if f.size == Narrow {
			left, top = margin+6, f.bottom+56+float64(labelHeight*i)
		}
		mark := point{left, top + nameAt - 4}
		f.addf(`<g class="s%d">`, c.K)
		if from := end(c); f.size == Wide {
			f.addf(`<path class="lead" d="%s"/>`, path([]point{from, {f.right, from.y}, mark}))
		}
		f.addf(`<path class="f%d" stroke="none" d="%s"/></g>`+"\n", c.K, marker(c.K, mark))
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
