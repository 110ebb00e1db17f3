package browser

import (
	"fmt"
	"math"
	"testing"

	"tapenet/graph"
	"tapenet/graph/graphtest"
	"tapenet/models/pretrained"
)

// judge computes in float64 what a network makes of one image.
type judge struct {
	*testing.T
	net        *graph.Network
	weights, x []float64
}

func newJudge(t *testing.T, name string, x []float64) *judge {
	t.Helper()
	net, values, err := pretrained.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	weights := make([]float64, len(values))
	for i, v := range values {
		weights[i] = float64(v)
	}
	return &judge{t, net, weights, x}
}

// result is that of the layer of a name: the output of the network that ends there.
func (j *judge) result(name string) []float64 {
	j.Helper()
	for i, l := range j.net.Layers {
		if l.Name == name {
			net, err := j.net.Sequential()[:i+1].Build(j.net.In...)
			if err != nil {
				j.Fatal(err)
			}
			return graphtest.Run(net, j.weights, j.x, []int{-1}).Outputs
		}
	}
	j.Fatalf("got no layer %q", name)
	return nil
}

// parameter is the part of a vector of all parameters that a name has.
func (j *judge) parameter(name string, all []float64) []float64 {
	j.Helper()
	for _, p := range j.net.Params {
		if p.Name == name {
			return all[p.Offset : p.Offset+p.Size]
		}
	}
	j.Fatalf("got no parameter %q", name)
	return nil
}

// rather is the gradient of score a − score b by all parameters. It is a difference of
// two gradients of the loss: -score a + log Σ exp(scores), and the same of b.
func (j *judge) rather(a, b int) []float64 {
	g := graphtest.Run(j.net, j.weights, j.x, []int{b}).Grad
	for i, v := range graphtest.Run(j.net, j.weights, j.x, []int{a}).Grad {
		g[i] -= v
	}
	return g
}

// colour is red, green, blue, 0 to 255.
type colour [3]float64

// The ends of the ramps in the light theme, negative, zero and positive.
var ramps = map[string][3]colour{
	"value": {{0x00, 0x72, 0xb2}, {0xf1, 0xf3, 0xf5}, {0xd5, 0x5e, 0x00}},
	"grad":  {{0x7b, 0x32, 0x94}, {0xf1, 0xf3, 0xf5}, {0x1b, 0x78, 0x37}},
	"ink":   {{0xf1, 0xf3, 0xf5}, {0xf1, 0xf3, 0xf5}, {0x1c, 0x24, 0x30}},
}

// ramp is the colour of t, −1 to 1: between zero and an end by |t|^0.8, in OKLab.
func ramp(kind string, t float64) colour {
	ends := ramps[kind]
	t = min(1, max(-1, t))
	end := ends[2]
	if t < 0 {
		end = ends[0]
	}
	zero, lab := toLab(ends[1]), toLab(end)
	for i := range lab {
		lab[i] = zero[i] + (lab[i]-zero[i])*math.Pow(math.Abs(t), 0.8)
	}
	return fromLab(lab)
}

// toLab is OKLab of a colour of sRGB, https://bottosson.github.io/posts/oklab.
func toLab(c colour) [3]float64 {
	var v [3]float64
	for i := range c {
		if v[i] = c[i] / 255; v[i] <= 0.04045 {
			v[i] /= 12.92
		} else {
			v[i] = math.Pow((v[i]+0.055)/1.055, 2.4)
		}
	}
	l := math.Cbrt(0.4122214708*v[0] + 0.5363325363*v[1] + 0.0514459929*v[2])
	m := math.Cbrt(0.2119034982*v[0] + 0.6806995451*v[1] + 0.1073969566*v[2])
	s := math.Cbrt(0.0883024619*v[0] + 0.2817188376*v[1] + 0.6299787005*v[2])
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func fromLab(v [3]float64) colour {
	l := math.Pow(v[0]+0.3963377774*v[1]+0.2158037573*v[2], 3)
	m := math.Pow(v[0]-0.1055613458*v[1]-0.0638541728*v[2], 3)
	s := math.Pow(v[0]-0.0894841775*v[1]-1.2914855480*v[2], 3)
	c := colour{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
	for i := range c {
		if c[i] = min(1, max(0, c[i])); c[i] <= 0.0031308 {
			c[i] *= 12.92 * 255
		} else {
			c[i] = 255 * (1.055*math.Pow(c[i], 1/2.4) - 0.055)
		}
	}
	return c
}

// alike reports whether two colours differ by at most so much of 255.
func (c colour) alike(d colour, most float64) bool {
	for i := range c {
		if math.Abs(c[i]-d[i]) > most {
			return false
		}
	}
	return true
}

func (c colour) String() string { return fmt.Sprintf("rgb(%.0f, %.0f, %.0f)", c[0], c[1], c[2]) }

// pixels are the colours of a canvas at points, in CSS pixels. One that is not
// painted is (-1, -1, -1).
func (b *tab) pixels(selector string, index int, points [][2]float64) []colour {
	b.Helper()
	var found []colour
	b.eval(&found, `
const canvas = document.querySelectorAll(args[0])[args[1]], ratio = canvas.width / canvas.getBoundingClientRect().width;
const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
copy.drawImage(canvas, 0, 0);
return args[2].map(([x, y]) => {
  const [r, g, b, a] = copy.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data;
  return a === 255 ? [r, g, b] : [-1, -1, -1];
});`, selector, index, points)
	return found
}

// near reports whether two numbers differ by at most so much.
func near(a, b, most float64) bool { return math.Abs(a-b) <= most }
