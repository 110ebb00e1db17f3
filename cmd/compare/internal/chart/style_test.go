package chart

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"tapenet/cmd/internal/svg"
)

// roles are the colours that pictures use, by a rule that has each.
var roles = map[string]string{
	"card": ".card{fill", "ink": "text{fill", "muted": ".muted{fill", "hairline": ".rule{stroke", "zero": ".zero{fill",
	"negative": ".n16{fill", "positive": ".p16{fill", "c1": ".s1{stroke", "c2": ".s2{stroke", "c3": ".s3{stroke", "c4": ".s4{stroke",
}

// themes returns the colours of pictures of all kinds, by role and by class of the
// ramp, in light and in dark.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	themes := map[string]map[string]string{"light": {}, "dark": {}}
	for _, css := range []string{svg.CSS, rampCSS, curveCSS} {
		for theme, part := range map[string]string{"light": before(css), "dark": after(css)} {
			for _, m := range regexp.MustCompile(`chart ([^{]+\{\w+):(#[0-9a-f]{6})\}`).FindAllStringSubmatch(part, -1) {
				for role, rule := range roles {
					if rule == m[1] {
						themes[theme][role] = m[2]
					}
				}
				if class, ramp := strings.CutSuffix(m[1], "{fill"); ramp && regexp.MustCompile(`^\.[np]\d+$`).MatchString(class) {
					themes[theme][class[1:]] = m[2]
				}
			}
		}
	}
	for theme, colours := range themes {
		if n := len(colours); n != len(roles)+2*levels+1 {
			t.Fatalf("%d colours in %s, want %d", n, theme, len(roles)+2*levels+1)
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
		for level := range (&confusion{}).darkest() + 1 {
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

// The shades are on straight lines in OKLab from zero to the ends, at the
// distances |t|^0.8.
func TestRampIsStraight(t *testing.T) {
	for theme, c := range themes(t) {
		for i := -levels; i <= levels; i++ {
			v := float64(i) / levels
			end := "positive"
			if v < 0 {
				end = "negative"
			}
			if got, want := c[ramp(v)], mix(c["zero"], c[end], math.Pow(math.Abs(v), 0.8)); got != want {
				t.Errorf("%s: %v is %s, want %s", theme, v, got, want)
			}
		}
	}
}

// mix is the colour that lies a part, 0 to 1, of the way between two: on a
// straight line in OKLab, where equal steps look equal.
func mix(from, to string, part float64) string {
	a, b := oklab(from), oklab(to)
	for i := range a {
		a[i] += (b[i] - a[i]) * part
	}
	return hex(a)
}

// The matrices of https://bottosson.github.io/posts/oklab, and their inverses.
var (
	lmsOfRGB = matrix{{0.4122214708, 0.5363325363, 0.0514459929}, {0.2119034982, 0.6806995451, 0.1073969566}, {0.0883024619, 0.2817188376, 0.6299787005}}
	labOfLMS = matrix{{0.2104542553, 0.7936177850, -0.0040720468}, {1.9779984951, -2.4285922050, 0.4505937099}, {0.0259040371, 0.7827717662, -0.8086757660}}
	lmsOfLab = matrix{{1, 0.3963377774, 0.2158037573}, {1, -0.1055613458, -0.0638541728}, {1, -0.0894841775, -1.2914855480}}
	rgbOfLMS = matrix{{4.0767416621, -3.3077115913, 0.2309699292}, {-1.2684380046, 2.6097574011, -0.3413193965}, {-0.0041960863, -0.7034186147, 1.7076147010}}
)

type (
	vector [3]float64
	matrix [3]vector
)

func (m matrix) times(v vector) (r vector) {
	for i, row := range m {
		r[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return r
}

func (v vector) each(f func(float64) float64) vector { return vector{f(v[0]), f(v[1]), f(v[2])} }

func oklab(rrggbb string) vector {
	return labOfLMS.times(lmsOfRGB.times(linear(rrggbb)).each(math.Cbrt))
}

func hex(lab vector) string {
	cube := func(v float64) float64 { return v * v * v }
	var b strings.Builder
	b.WriteByte('#')
	for _, v := range rgbOfLMS.times(lmsOfLab.times(lab).each(cube)) {
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		fmt.Fprintf(&b, "%02x", int(math.Round(255*min(max(v, 0), 1))))
	}
	return b.String()
}

// linear is the light of a colour #rrggbb: red, green and blue, 0 to 1.
func linear(rrggbb string) (v vector) {
	for i := range v {
		n, err := strconv.ParseUint(rrggbb[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err) // a constant of this package
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			v[i] = c / 12.92
		} else {
			v[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return v
}

func TestRamp(t *testing.T) {
	for v, want := range map[float64]string{0: "p0", 1: "p16", -1: "n16", 0.5: "p8", -0.5: "n8", 0.01: "p0", -0.01: "p0"} {
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
	for _, theme := range themes(t) {
		for _, colour := range theme {
			if got := hex(oklab(colour)); got != colour {
				t.Errorf("%s came back as %s", colour, got)
			}
		}
	}
}
