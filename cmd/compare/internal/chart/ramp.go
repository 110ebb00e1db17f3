package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// levels are the steps of the ramp from zero to either of its ends.
const levels = 16

// rampCSS is the colour of each class that ramp returns.
var rampCSS = func() string {
	var steps []colour
	for i := -levels; i <= levels; i++ {
		t := float64(i) / levels
		end, zero := find("positive"), find("zero")
		if t < 0 {
			end = find("negative")
		}
		part := math.Pow(math.Abs(t), 0.8) // small values show
		steps = append(steps, colour{ramp(t), mix(zero.light, end.light, part), mix(zero.dark, end.dark, part)})
	}
	return themed("%s", func(c colour, value string) string {
		return fmt.Sprintf(".tapenet-chart .%s{fill:%s}\n", c.role, value)
	}, steps)
}()

// ramp is the class of a number from -1 to 1: zero is the paper, negative blue,
// positive orange.
func ramp(t float64) string {
	level := int(math.Round(levels * t))
	if level < 0 {
		return fmt.Sprint("n", -level)
	}
	return fmt.Sprint("p", level)
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
