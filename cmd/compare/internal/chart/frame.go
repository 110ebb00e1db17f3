package chart

import (
	"cmp"
	"fmt"
	"slices"

	"tapenet/cmd/internal/svg"
	"tapenet/graph/draw/ink"
)

// frame is a picture of curves over its two axes.
type frame struct {
	svg.Frame
	size Size
	high float64 // of the picture
}

// frameWidth is the width of a wide picture of curves.
const frameWidth = 880

// labelHeight is from a label of a curve to the next.
const labelHeight = 34

// newFrame returns a frame of a size that nothing is drawn in yet.
func newFrame(size Size, x, y svg.Axis) *frame {
	if size == Narrow {
		return &frame{Frame: svg.NarrowFrame(x, y), size: size}
	}
	return &frame{Frame: svg.Frame{X: x, Y: y, Left: 72, Right: 672, Top: 84, Bottom: 396}, size: size, high: 460}
}

// start starts the picture. Its labels are to the right of the frame, in a narrow
// one below.
func (f *frame) start(title, note, desc string, key bool, labels int) {
	width := float64(frameWidth)
	if f.size == Narrow {
		width = svg.NarrowWidth
	}
	lines, room := svg.Heading(width, title, note)
	if f.size == Narrow && key {
		room += 22 // the key has a line of its own
	}
	f.Top, f.Bottom = f.Top+room, f.Bottom+room
	if f.high += room; f.size == Narrow {
		f.high = f.Bottom + 60 + float64(labelHeight*labels) + 6
	}
	f.Begin(width, f.high, title, lines, desc, curveCSS)
}

// curveCSS has, for each configuration, a class for its lines (s) and for its
// areas (f).
var curveCSS = svg.Themed(
	svg.Stroke(".s1", hues[0]), svg.Fill(".f1", hues[0]), svg.Stroke(".s2", hues[1]), svg.Fill(".f2", hues[1]),
	svg.Stroke(".s3", hues[2]), svg.Fill(".f3", hues[2]), svg.Stroke(".s4", hues[3]), svg.Fill(".f4", hues[3]),
	svg.Fill(".hollow", ink.Card), svg.Stroke(".neutral", ink.Muted), svg.Stroke(".ring", ink.Card),
) + `.tapenet-chart .line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.tapenet-chart .train{fill:none;stroke-width:1.25;stroke-dasharray:5 3}
.tapenet-chart .hollow{stroke-width:1.25}
.tapenet-chart .lead{fill:none;stroke-width:1;stroke-dasharray:1 4}
.tapenet-chart .band{fill-opacity:.14}
.tapenet-chart .ring{stroke-width:2}
`

// hues are the colours of the configurations, those of ink's that differ most.
var hues = [4]ink.Colour{ink.Text, ink.Pink, ink.Blue, ink.Orange}

func (f *frame) points(xs, ys []float64) []svg.Point {
	points := make([]svg.Point, len(ys))
	for i := range points {
		points[i] = f.At(xs[i], ys[i])
	}
	return points
}

// key says which lines are of the validation and which of the training.
func (f *frame) key() {
	x, y := f.Right-210, f.Top-26
	if f.size == Narrow {
		x, y = svg.Margin, f.Top-48
	}
	for _, style := range []struct{ class, name string }{{"line", "validation"}, {"train", "training"}} {
		f.Addf(`<path class="%s neutral" d="M%.5g %.5gh24"/>`, style.class, x, y)
		f.Text(x+32, y+4, "small muted", style.name)
		x += 120
	}
}

// curve draws all of a configuration but its label.
func (f *frame) curve(c curve) {
	f.Addf(`<g class="curve s%d">`+"\n<title>%s</title>\n", c.K, ink.Escape(name(c.Config)))
	if len(c.Runs) > 1 {
		low := f.points(c.x, c.low)
		slices.Reverse(low)
		f.Addf(`<path class="band f%d" stroke="none" d="%sz"/>`+"\n", c.K, svg.Path(append(f.points(c.x, c.high), low...)))
	}
	if train := f.points(c.x, c.train); len(train) > 0 {
		f.Addf(`<path class="train" d="%s"/>`+"\n", svg.Path(train))
		f.Addf(`<path class="hollow" d="%s"/>`+"\n", marker(c.K, train[len(train)-1]))
	}
	val := f.points(c.x, c.val)
	f.Addf(`<path class="line" d="%s"/>`+"\n", svg.Path(val))
	f.Addf(`<path class="f%d" stroke="none" d="`, c.K)
	for _, p := range val {
		f.Addf("%s", marker(c.K, p))
	}
	f.Addf(`"/>` + "\n</g>\n")
}

// stop marks where on a longer curve a configuration ends that is the start of it.
func (f *frame) stop(c curve) {
	last := len(c.x) - 1
	f.Addf(`<g class="curve stop s%d">`+"\n<title>%s</title>\n", c.K, ink.Escape(name(c.Config)))
	if c.train != nil {
		f.Addf(`<path class="hollow" d="%s"/>`+"\n", marker(c.K, f.At(c.x[last], c.train[last])))
	}
	f.Addf(`<path class="f%d ring" d="%s"/>`+"\n</g>\n", c.K, marker(c.K, f.At(c.x[last], c.val[last])))
}

// labels names the curves to the right of the frame, as near to the height at
// which each ends in validation as there is room, or below a narrow one.
func (f *frame) labels(curves []curve) {
	const nameAt, textAt = 14, 29 // baselines, from the top of a label
	end := func(c curve) svg.Point { return f.At(c.x[len(c.x)-1], c.val[len(c.val)-1]) }
	curves = slices.SortedStableFunc(slices.Values(curves), func(a, b curve) int { return cmp.Compare(end(a).Y, end(b).Y) })
	var ends []float64
	for _, c := range curves {
		ends = append(ends, end(c).Y)
	}
	left, mids := f.Right+16, arrange(ends, labelHeight, f.Top, f.Bottom-labelHeight/2)
	for i, c := range curves {
		top := mids[i] - labelHeight/2
		if f.size == Narrow {
			left, top = svg.Margin+6, f.Bottom+56+float64(labelHeight*i)
		}
		mark := svg.Point{X: left, Y: top + nameAt - 4}
		f.Addf(`<g class="s%d">`, c.K)
		if from := end(c); f.size == Wide {
			f.Addf(`<path class="lead" d="%s"/>`, svg.Path([]svg.Point{from, {X: f.Right, Y: from.Y}, mark}))
		}
		f.Addf(`<path class="f%d" stroke="none" d="%s"/></g>`+"\n", c.K, marker(c.K, mark))
		f.Text(left+12, top+nameAt, "small label", name(c.Config))
		f.Text(left+12, top+textAt, "small muted label", c.end)
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

func marker(k int, p svg.Point) string { return fmt.Sprintf("M%.5g %.5g%s", p.X, p.Y, markers[k-1]) }
