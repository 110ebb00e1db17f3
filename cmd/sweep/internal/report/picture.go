package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tapenet/cmd/internal/stats"
	"tapenet/graph/draw/ink"
)

// The size of a picture and of the frame of its points, in pixels.
const (
	pictureWidth, pictureHeight          = 340.0, 245.0
	frameLeft, frameTop                  = 62.0, 48.0
	frameWidth, frameHeight, frameInside = 256.0, 160.0, 20.0
	mostValues                           = 6 // labels that have room below the frame
)

// chartCSS is the style of the pictures and the page, all of it below one class.
var chartCSS = themed() + `.tapenet-chart text{font:12px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums;fill:var(--ink)}
.tapenet-chart .title{font-size:13px;font-weight:600}
.tapenet-chart .muted{fill:var(--muted)}
.tapenet-chart .mid{text-anchor:middle}
.tapenet-chart .end{text-anchor:end}
.tapenet-chart .card{fill:var(--card);stroke:var(--hairline)}
.tapenet-chart .rule{stroke:var(--hairline)}
.tapenet-chart .point{fill:var(--negative);fill-opacity:.55}
.tapenet-chart .mean{stroke:var(--positive);stroke-width:2;fill:none}
`

func themed() string {
	var light, dark strings.Builder
	for _, c := range []struct {
		role string
		ink.Colour
	}{{"card", ink.Card}, {"ink", ink.Text}, {"muted", ink.Muted}, {"hairline", ink.Hairline}, {"negative", ink.Blue}, {"positive", ink.Orange}} {
		fmt.Fprintf(&light, "--%s:%s;", c.role, c.Light)
		fmt.Fprintf(&dark, "--%s:%s;", c.role, c.Dark)
	}
	return fmt.Sprintf(".tapenet-chart{%s}\n@media (prefers-color-scheme:dark){.tapenet-chart{%s}}\n", light.String(), dark.String())
}

// picture draws the accuracy of all configurations by one parameter, as one SVG that
// takes its style from the page: a point for each configuration, and a line through
// the means of the values if they are few. Numbers lie on a logarithmic axis.
func (p parameter) picture(all []config) string {
	all = slices.DeleteFunc(slices.Clone(all), func(c config) bool { return c.accuracy.Of == "" })
	values := p.values(all)
	x := p.axis(all, values)
	lo, hi := 100.0, 0.0
	for _, c := range all {
		lo, hi = min(lo, c.accuracy.Mean), max(hi, c.accuracy.Mean)
	}
	if hi-lo < 0.01 {
		lo, hi = lo-0.01, hi+0.01
	}
	y := func(percent float64) float64 {
		return frameTop + frameInside + (frameHeight-2*frameInside)*(hi-percent)/(hi-lo)
	}
	var b strings.Builder
	add := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	add(`<svg xmlns="http://www.w3.org/2000/svg" class="tapenet-chart" role="img" width="%[1]v" height="%[2]v" viewBox="0 0 %[1]v %[2]v">`, pictureWidth, pictureHeight)
	add(`<title>Accuracy by %s</title>`, ink.Escape(p.name))
	add(`<desc>%s</desc>`, ink.Escape(p.describe(all, values)))
	add(`<rect class="card" x=".5" y=".5" width="%v" height="%v" rx="10"/>`, pictureWidth-1, pictureHeight-1)
	add(`<text x="20" y="28" class="title">%s</text>`, ink.Escape(p.name))
	add(`<text x="%v" y="28" class="muted end">accuracy (%%)</text>`, pictureWidth-20)
	for _, v := range []float64{lo, (lo + hi) / 2, hi} {
		add(`<line class="rule" x1="%v" y1="%.5g" x2="%v" y2="%.5g"/>`, frameLeft, y(v), frameLeft+frameWidth, y(v))
		add(`<text x="%v" y="%.5g" class="muted end">%.2f</text>`, frameLeft-6, y(v)+4, v)
	}
	shown := values
	if len(values) > mostValues {
		shown = []string{values[0], values[len(values)-1]}
	}
	for _, v := range shown {
		add(`<text x="%.5g" y="%v" class="mid">%s</text>`, x(v), frameTop+frameHeight+20, ink.Escape(v))
	}
	for _, c := range all {
		add(`<circle class="point" cx="%.5g" cy="%.5g" r="4"/>`, x(p.of(c.Settings)), y(c.accuracy.Mean))
	}
	if len(values) <= mostValues {
		var path strings.Builder
		for i, v := range values {
			fmt.Fprintf(&path, "%c%.5g %.5g", "ML"[min(i, 1)], x(v), y(p.mean(all, v)))
		}
		add(`<path class="mean" d="%s"/>`, path.String())
	}
	add(`</svg>`)
	return b.String()
}

// axis returns where each value is, in pixels.
func (p parameter) axis(all []config, values []string) func(value string) float64 {
	const left, width = frameLeft + frameInside, frameWidth - 2*frameInside
	if !p.number || len(values) <= mostValues { // side by side
		return func(value string) float64 {
			return left + width*float64(slices.Index(values, value))/float64(max(1, len(values)-1))
		}
	}
	at := map[string]float64{}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, c := range all {
		v := math.Log(p.value(c.Settings))
		at[p.of(c.Settings)] = v
		lo, hi = min(lo, v), max(hi, v)
	}
	return func(value string) float64 { return left + width*(at[value]-lo)/(hi-lo) }
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
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%s %.2f %%", v, p.mean(all, v))
	}
	return "Mean accuracy: " + strings.Join(words, ", ") + "."
}
