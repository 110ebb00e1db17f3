package svg

import (
	"fmt"
	"strings"

	"tapenet/graph/draw/ink"
)

// Paint is a rule of a style sheet that gives a property one colour.
type Paint struct {
	selector, property string
	ink.Colour
}

// Fill returns a rule that fills areas and letters.
func Fill(selector string, c ink.Colour) Paint { return Paint{selector, "fill", c} }

// Stroke returns a rule that colours lines.
func Stroke(selector string, c ink.Colour) Paint { return Paint{selector, "stroke", c} }

// CSS is the style that every picture carries, all of it below the class
// tapenet-chart of the picture's root. Its colours are literal: programs that know
// no variables would draw black boxes.
var CSS = `.tapenet-chart{max-width:100%;height:auto}
.tapenet-chart text{font:13px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums}
.tapenet-chart .small{font-size:12px}
.tapenet-chart .title{font-weight:600}
.tapenet-chart .mid{text-anchor:middle}
.tapenet-chart .end{text-anchor:end}
` + Themed(
	Fill("text", ink.Text), Fill(".muted", ink.Muted), Fill(".card", ink.Card), Stroke(".card", ink.Hairline),
	Fill(".zero", ink.Zero), Stroke(".rule", ink.Hairline),
)

// Themed returns a style sheet with the paints: in light, and in dark where the
// reader wants that.
func Themed(paints ...Paint) string {
	var light, dark strings.Builder
	for _, p := range paints {
		fmt.Fprintf(&light, ".tapenet-chart %s{%s:%s}\n", p.selector, p.property, p.Light)
		fmt.Fprintf(&dark, ".tapenet-chart %s{%s:%s}\n", p.selector, p.property, p.Dark)
	}
	return fmt.Sprintf("%s@media (prefers-color-scheme:dark){\n%s}\n", light.String(), dark.String())
}

// Page is the style sheet of a page that shows pictures: their colours as the
// variables --page, --card, --ink, --muted, --hairline and --link. Paper has the light
// ones.
var Page = func() string {
	of := func(in func(ink.Colour) string) string {
		return fmt.Sprintf(":root{--page:%s;--card:%s;--ink:%s;--muted:%s;--hairline:%s;--link:%s}",
			in(ink.Well), in(ink.Card), in(ink.Text), in(ink.Muted), in(ink.Hairline), in(ink.Blue))
	}
	return of(ink.InLight) + "\n@media screen and (prefers-color-scheme:dark){" + of(ink.InDark) + "}\n"
}()
