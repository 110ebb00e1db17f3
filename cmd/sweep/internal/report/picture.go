package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/internal/stats"
	"tapenet/cmd/internal/svg"
	"tapenet/graph/draw/ink"
)

// mostValues are as many values as a picture shows each for itself.
const mostValues = 6

// pictureCSS is the style of a picture beside svg's.
var pictureCSS = svg.Themed(svg.Fill(".point", ink.Blue), svg.Stroke(".mean", ink.Orange)) +
	`.tapenet-chart .point{fill-opacity:.55}
.tapenet-chart .mean{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
`

// picture draws the accuracy of all configurations by one parameter: a point for
// each, and a line through the means of the values if they are few. One of which all
// runs failed is left out.
func (p parameter) picture(all []config) []byte {
	all = slices.DeleteFunc(slices.Clone(all), func(c config) bool { return c.accuracy.Of == "" })
	values := p.values(all)
	few := len(values) <= mostValues
	note := plural(len(all), "configuration") + ", a point each"
	if few {
		note += ", line: mean"
	}
	f := svg.NarrowFrame(svg.Axis{}, accuracyAxis(all))
	x := p.place(all, values)
	f.X = p.axis(values, x, f.Right-f.Left)
	title := "Accuracy by " + p.name
	lines, room := svg.Heading(svg.NarrowWidth, title, note)
	f.Top, f.Bottom = f.Top+room, f.Bottom+room
	f.Begin(svg.NarrowWidth, f.Bottom+60, title, lines, p.describe(all, values), pictureCSS)
	f.Axes()
	for _, c := range all {
		at := f.At(x[p.of(c.Settings)], c.accuracy.Mean)
		f.Addf(`<circle class="point" cx="%.5g" cy="%.5g" r="4"/>`+"\n", at.X, at.Y)
	}
	if few {
		var means []svg.Point
		for _, v := range values {
			means = append(means, f.At(x[v], p.mean(all, v)))
		}
		f.Addf(`<path class="mean" d="%s"/>`+"\n", svg.Path(means))
	}
	return f.End()
}

// accuracyAxis returns an axis that has the accuracies of all configurations, with
// some room above and below.
func accuracyAxis(all []config) svg.Axis {
	lo, hi := 100.0, 0.0
	for _, c := range all {
		lo, hi = min(lo, c.accuracy.Mean), max(hi, c.accuracy.Mean)
	}
	if lo > hi { // none
		lo, hi = hi, lo
	}
	room := max(0.1, (hi-lo)/8)
	a := svg.Linear("accuracy (%)", max(0, lo-room), min(100, hi+room), 0, nil)
	digits := 0 // of each tick after the point
	for step := a.Ticks[1] - a.Ticks[0]; step < 0.99; step *= 10 {
		digits++
	}
	a.Label = func(v float64) string { return strconv.FormatFloat(v, 'f', digits, 64) }
	return a
}

// place returns where on the axis each value is: side by side if they are few or no
// numbers, else at their logarithms.
func (p parameter) place(all []config, values []string) map[string]float64 {
	at := map[string]float64{}
	for i, v := range values {
		at[v] = float64(i)
	}
	if p.number && len(values) > mostValues {
		for _, c := range all {
			at[p.of(c.Settings)] = math.Log(p.value(c.Settings))
		}
	}
	return at
}

// axis returns the axis of the values, which rise from place to place, with half a
// step before the first and after the last. All are written if they are few and have
// room on this width, else the first and the last.
func (p parameter) axis(values []string, at map[string]float64, width float64) svg.Axis {
	a := svg.Axis{Name: p.name, Lo: -0.5, Hi: 0.5, Height: func(place float64) float64 { return place }}
	n := len(values)
	if n > 1 {
		first, last := at[values[0]], at[values[n-1]]
		room := (last - first) / float64(2*(min(n, mostValues)-1))
		a.Lo, a.Hi = first-room, last+room
	}
	if p.number && n > mostValues {
		a.Name += ", log scale"
	}
	_, widest := svg.Fit(values, width, svg.SmallLetter)
	if n > mostValues || widest > width/float64(n) {
		values = []string{values[0], values[n-1]}
	}
	names := map[float64]string{}
	for _, v := range values {
		a.Ticks = append(a.Ticks, at[v])
		names[at[v]] = v
	}
	a.Label = func(place float64) string { return names[place] }
	return a
}

// mean returns the mean accuracy of the configurations with a value.
func (p parameter) mean(all []config, value string) float64 {
	var s stats.Sample
	for _, c := range all {
		if p.of(c.Settings) == value {
			s = append(s, c.accuracy.Mean)
		}
	}
	return s.Mean()
}

// describe says in words what a picture shows, for those who don't see it.
func (p parameter) describe(all []config, values []string) string {
	if len(values) > mostValues {
		return fmt.Sprintf("The accuracy of %s, of which %s is between %s and %s.", plural(len(all), "configuration"), p.name, values[0], values[len(values)-1])
	}
	if len(all) == 0 {
		return "No training could go on."
	}
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%s %.2f %%", v, p.mean(all, v))
	}
	return "Mean accuracy: " + strings.Join(words, ", ") + "."
}
