package chart

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

// themes returns the colours that a picture of all kinds has, by role, in light
// and in dark.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	themes := map[string]map[string]string{"light": {}, "dark": {}}
	for theme, part := range map[string]string{"light": before(CSS), "dark": after(CSS)} {
		for _, m := range regexp.MustCompile(`--(\w+):(#[0-9a-f]{6});`).FindAllStringSubmatch(part, -1) {
			themes[theme][m[1]] = m[2]
		}
	}
	for theme, part := range map[string]string{"light": before(rampCSS), "dark": after(rampCSS)} {
		for _, m := range regexp.MustCompile(`\.([np]\d+)\{fill:(#[0-9a-f]{6})\}`).FindAllStringSubmatch(part, -1) {
			themes[theme][m[1]] = m[2]
		}
		if n := len(themes[theme]); n != len(colours)+2*levels+1 {
			t.Fatalf("%d colours in %s, want %d", n, theme, len(colours)+2*levels+1)
		}
	}
	return themes
}

const darkRule = "@media (prefers-color-scheme:dark)"

func before(css string) string { light, _, _ := strings.Cut(css, darkRule); return light }
func after(css string) string  { _, dark, _ := strings.Cut(css, darkRule); return dark }

// luminance and contrast are those of WCAG 2.
func luminance(rrggbb string) float64 {
	c := linear(rrggbb)
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

func contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// Lines must have a contrast of 3 with the card, text of 4.5 with all that is
// under it.
func TestContrast(t *testing.T) {
	for theme, c := range themes(t) {
		for _, role := range []string{"c1", "c2", "c3", "c4", "negative", "positive"} {
			if got := contrast(c[role], c["card"]); got < 3 {
				t.Errorf("%s: %s on the card has contrast %.2f, want 3", theme, role, got)
			}
		}
		pairs := [][2]string{{"ink", "card"}, {"muted", "card"}}
		for level := range darkest + 1 {
			pairs = append(pairs, [2]string{"ink", fmt.Sprint("p", level)})
		}
		for _, p := range pairs {
			if got := contrast(c[p[0]], c[p[1]]); got < 4.5 {
				t.Errorf("%s: %s on %s has contrast %.2f, want 4.5", theme, p[0], p[1], got)
			}
		}
	}
}

// eyes are how colours look to eyes without one kind of cone: matrices on
// linear RGB of Machado, Oliveira and Fernandes (2009), severity 1.
var eyes = map[string]matrix{
	"normal":       {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// cielab is a colour of linear RGB in CIE 1976 L*a*b*, white D65.
func cielab(rgb vector) vector {
	xyz := matrix{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}.
		times(rgb.each(func(v float64) float64 { return min(max(v, 0), 1) }))
	f := func(v float64) float64 {
		if v > 216./24389 {
			return math.Cbrt(v)
		}
		return (24389./27*v + 16) / 116
	}
	x, y, z := f(xyz[0]/0.9505), f(xyz[1]), f(xyz[2]/1.089)
	return vector{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// difference is ΔE*ab of two colours for some eyes.
func difference(a, b string, eye matrix) float64 {
	p, q := cielab(eye.times(linear(a))), cielab(eye.times(linear(b)))
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// Each pair of configurations must differ by ΔE 20 for all eyes: about nine
// times what is just seen side by side. The two ends of the ramp, by 75.
func TestColoursDifferForAllEyes(t *testing.T) {
	for theme, c := range themes(t) {
		for eye, m := range eyes {
			for i := 1; i <= len(markers); i++ {
				for j := 1; j < i; j++ {
					a, b := fmt.Sprint("c", i), fmt.Sprint("c", j)
					if got := difference(c[a], c[b], m); got < 20 {
						t.Errorf("%s, %s: ΔE of %s and %s is %.1f", theme, eye, a, b, got)
					}
				}
			}
			if got := difference(c["negative"], c["positive"], m); got < 75 {
				t.Errorf("%s, %s: ΔE of the ends of the ramp is %.1f", theme, eye, got)
			}
		}
	}
}

// Without any colour, the shapes of the points tell configurations apart.
func TestMarkersDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range markers {
		seen[m] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d shapes for 4 configurations", len(seen))
	}
}

// The ramp starts at zero's colour, ends at those of the sign, and moves away
// from zero at each step.
func TestRamp(t *testing.T) {
	for theme, c := range themes(t) {
		for class, role := range map[string]string{"p0": "zero", ramp(-1): "negative", ramp(1): "positive"} {
			if c[class] != c[role] {
				t.Errorf("%s: %s is %s, want that of %s, %s", theme, class, c[class], role, c[role])
			}
		}
		for _, sign := range []float64{-1, 1} {
			last := 0.0
			for i := 1; i <= levels; i++ {
				d := difference(c[ramp(sign*float64(i)/levels)], c["zero"], eyes["normal"])
				if d <= last {
					t.Errorf("%s: step %v is ΔE %.1f from zero, the one before %.1f", theme, sign*float64(i), d, last)
				}
				last = d
			}
		}
	}
	for v, want := range map[float64]string{0: "p0", 0.5: "p8", -0.5: "n8", 0.01: "p0", -0.01: "p0"} {
		if got := ramp(v); got != want {
			t.Errorf("ramp(%v) is %s, want %s", v, got, want)
		}
	}
}

// The pairs of sRGB and OKLab are those of its author's page.
func TestOKLab(t *testing.T) {
	for rrggbb, want := range map[string]vector{
		"#ffffff": {1, 0, 0}, "#000000": {0, 0, 0},
		"#ff0000": {0.6280, 0.2249, 0.1258}, "#0000ff": {0.4520, -0.0325, -0.3115},
	} {
		got := oklab(rrggbb)
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-4 {
				t.Errorf("%s: got %.4f, want %.4f", rrggbb, got, want)
				break
			}
		}
	}
	for _, c := range colours {
		for _, colour := range []string{c.light, c.dark} {
			if got := hex(oklab(colour)); got != colour {
				t.Errorf("%s came back as %s", colour, got)
			}
		}
	}
}
