package chart

import (
	"fmt"
	"strings"

	"tapenet/graph/draw/ink"
)

// colour is the colour of one role.
type colour struct {
	role string
	ink.Colour
}

// The colours of all pictures. c1 to c4 are the configurations, in those of ink's
// colours that differ most.
var colours = []colour{
	{"card", ink.Card}, {"ink", ink.Text}, {"muted", ink.Muted}, {"hairline", ink.Hairline},
	{"negative", ink.Blue}, {"zero", ink.Zero}, {"positive", ink.Orange},
	{"c1", ink.Text}, {"c2", ink.Pink}, {"c3", ink.Blue}, {"c4", ink.Orange},
}

// CSS is the style that every picture carries, all of it below the class
// tapenet-chart of the picture's root.
var CSS = themed(".tapenet-chart{%s}", "--%s:%s;", colours) + `.tapenet-chart{max-width:100%;height:auto}
.tapenet-chart text{font:13px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums;fill:var(--ink)}
.tapenet-chart .small{font-size:12px}
.tapenet-chart .muted{fill:var(--muted)}
.tapenet-chart .title{font-weight:600}
.tapenet-chart .mid{text-anchor:middle}
.tapenet-chart .end{text-anchor:end}
.tapenet-chart .card{fill:var(--card);stroke:var(--hairline)}
.tapenet-chart .zero{fill:var(--zero)}
.tapenet-chart .rule{stroke:var(--hairline)}
`

// themed is a style sheet for light, and for dark where the reader wants that: a
// rule for each colour, made of its role and its value, all put into the frame.
func themed(frame, rule string, colours []colour) string {
	var light, dark strings.Builder
	for _, c := range colours {
		fmt.Fprintf(&light, rule, c.role, c.Light)
		fmt.Fprintf(&dark, rule, c.role, c.Dark)
	}
	return fmt.Sprintf(frame+"\n@media (prefers-color-scheme:dark){"+frame+"}\n", light.String(), dark.String())
}
