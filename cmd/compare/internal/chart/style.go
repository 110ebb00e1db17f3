package chart

import (
	"fmt"
	"strings"
)

// colour is one role's colour on a light and on a dark card, #rrggbb.
type colour struct{ role, light, dark string }

// The colours of all pictures. c1 to c4 are the configurations: of Okabe and
// Ito's colours for all eyes, those that differ most; in the dark, lighter.
var colours = []colour{
	{"card", "#ffffff", "#171b21"},
	{"ink", "#1c2430", "#e6e9ee"},
	{"muted", "#5b6675", "#a3adba"},
	{"hairline", "#dfe3e8", "#2a3038"},
	{"negative", "#0072b2", "#56b4e9"},
	{"zero", "#f1f3f5", "#20252c"},
	{"positive", "#d55e00", "#f0884a"},
	{"c1", "#1c2430", "#e6e9ee"},
	{"c2", "#cc79a7", "#cc79a7"},
	{"c3", "#0072b2", "#56b4e9"},
	{"c4", "#d55e00", "#f0884a"},
}

func find(role string) colour {
	for _, c := range colours {
		if c.role == role {
			return c
		}
	}
	panic("no colour " + role)
}

// CSS is the style that every picture carries, all of it below the class
// tapenet-chart of the picture's root.
var CSS = themed(".tapenet-chart{%s}", func(c colour, value string) string {
	return fmt.Sprintf("--%s:%s;", c.role, value)
}, colours) + `.tapenet-chart{max-width:100%;height:auto}
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

// themed is a style sheet for light, and for dark where that is asked for: the
// rules of the colours, put into the frame.
func themed(frame string, rule func(c colour, value string) string, colours []colour) string {
	var light, dark strings.Builder
	for _, c := range colours {
		light.WriteString(rule(c, c.light))
		dark.WriteString(rule(c, c.dark))
	}
	return fmt.Sprintf(frame+"\n@media (prefers-color-scheme:dark){"+frame+"}\n", light.String(), dark.String())
}
