package figure

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

var (
	ruleText = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	property = regexp.MustCompile(`([\w-]+):([^;]+)`)
)

// rules are the properties of each selector in a style sheet, without the class
// that all have in common.
func rules(css string) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, m := range ruleText.FindAllStringSubmatch(css, -1) {
		for _, selector := range strings.Split(m[1], ",") {
			name := strings.TrimPrefix(strings.TrimSpace(selector), ".graph ")
			if all[name] == nil {
				all[name] = map[string]string{}
			}
			for _, p := range property.FindAllStringSubmatch(m[2], -1) {
				all[name][p[1]] = p[2]
			}
		}
	}
	return all
}

// contrast is that of two colours by WCAG 2, from 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(colour string) float64 {
		var rgb [3]int
		if _, err := fmt.Sscanf(colour, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
			t.Fatalf("colour %q: %v", colour, err)
		}
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			c := float64(rgb[i]) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// TestSVGColours: in both schemes every role has its colours, and every text
// enough contrast to what is behind it.
func TestSVGColours(t *testing.T) {
	light, dark, ok := strings.Cut(style(), "@media (prefers-color-scheme:dark){")
	if !ok || light == "" {
		t.Fatalf("want two schemes in %s", style())
	}
	for scheme, rules := range map[string]map[string]map[string]string{"light": rules(light), "dark": rules(dark)} {
		readable := func(text, behind string) {
			if c := contrast(t, rules[text]["fill"], rules[behind]["fill"]); c < 4.5 {
				t.Errorf("%s: text of %s on %s has a contrast of %.1f, want 4.5", scheme, text, behind, c)
			}
		}
		visible := func(line string) {
			const faint = 1.9 // the dashed line of what is kept stays in the background
			if c := contrast(t, rules["."+line]["stroke"], rules[".card"]["fill"]); c < faint {
				t.Errorf("%s: %s on the card has a contrast of %.1f, want %.1f", scheme, line, c, faint)
			}
		}
		for _, on := range []string{".card", ".frame"} {
			for _, text := range []string{".flow", ".up", ".frame-title", ".small", "text"} {
				readable(text, on)
			}
		}
		for _, k := range roles {
			readable("text", "."+k.class)
			readable(".small", "."+k.class)
			visible(k.class)
		}
		for _, k := range flows {
			visible(k.class)
		}
	}
	if a, b := rules(light)[".card"]["fill"], rules(dark)[".card"]["fill"]; contrast(t, a, b) < 10 {
		t.Errorf("the schemes are alike: cards of %s and %s", a, b)
	}
}
