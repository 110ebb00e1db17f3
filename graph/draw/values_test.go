package draw_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"tapenet/graph"
	"tapenet/graph/draw"
	"tapenet/graph/graphtest"
)

// measured is a network with random weights, images and classes, and what they
// give.
func measured(t *testing.T) (net *graph.Network, weights, images []float32, classes []uint8, v *draw.Values) {
	t.Helper()
	net = build(t, graph.Sequential{
		graph.Conv2d(3, 3), graph.Rectify, graph.MaxPool2D(2), graph.Flatten, graph.Dense(7), graph.Rectify, graph.Dense(4), graph.SoftMax,
	}, 2, 8, 9)
	rng := rand.New(rand.NewPCG(13, 14))
	weights = make([]float32, net.NumParams())
	for i := range weights {
		weights[i] = rng.Float32() - 0.5
	}
	classes = []uint8{2, 0, 3}
	images = make([]float32, len(classes)*net.In.Size())
	for i := range images {
		images[i] = max(0, rng.Float32()-0.5)
	}
	v, err := draw.Measure(net, weights, images, classes)
	if err != nil {
		t.Fatal(err)
	}
	return net, weights, images, classes, v
}

// summaryOf is the definition of a Summary.
func summaryOf[F float32 | float64](values []F) (s draw.Summary) {
	s.Min, s.Max = float64(values[0]), float64(values[0])
	for _, value := range values {
		v, n := float64(value), float64(len(values))
		s.Mean += v / n
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
		if v == 0 {
			s.Zeros += 1 / n
		}
	}
	return s
}

// TestMeasure holds what a network computes against plain loops in float64.
func TestMeasure(t *testing.T) {
	net, weights, images, classes, v := measured(t)
	wide := func(values []float32) (all []float64) {
		for _, v := range values {
			all = append(all, float64(v))
		}
		return all
	}
	var ints []int
	for _, class := range classes {
		ints = append(ints, int(class))
	}
	want := graphtest.Run(net, wide(weights), wide(images), ints)
	check := func(what string, got, want draw.Summary) {
		t.Helper()
		tol := 1e-5 * (1 + max(math.Abs(want.Min), math.Abs(want.Max))) // sums of up to 84 float32 products
		for _, d := range []float64{got.Mean - want.Mean, got.Min - want.Min, got.Max - want.Max, got.Zeros - want.Zeros} {
			if !(math.Abs(d) <= tol) {
				t.Errorf("%s: got %+v, want %+v", what, got, want)
				return
			}
		}
	}
	check("x", v.Results["x"], summaryOf(images))
	check("softmax1", v.Results["softmax1"], summaryOf(want.Outputs))
	for _, p := range net.Params {
		check(p.Name, v.Params[p.Name], summaryOf(p.Of(weights)))
		check("gradient of "+p.Name, v.Gradients[p.Name], summaryOf(want.Grad[p.Offset:p.Offset+p.Size]))
	}
	if got, want := v.Loss, want.Loss/float64(len(classes)); math.Abs(got-want) > 1e-5 {
		t.Errorf("got a loss of %v, want %v", got, want)
	}
	if relu, conv := v.Results["relu1"], v.Results["conv1"]; relu.Min != 0 || relu.Zeros == 0 || conv.Zeros != 0 || relu.Max != conv.Max {
		t.Errorf("got Rectify of %+v: %+v", conv, relu)
	}
}

func TestMeasureErrors(t *testing.T) {
	net, weights, images, classes, _ := measured(t)
	for name, measure := range map[string]func() (*draw.Values, error){
		"want 144 values for each of at least 1":   func() (*draw.Values, error) { return draw.Measure(net, weights, nil, nil) },
		"got 431 values":                           func() (*draw.Values, error) { return draw.Measure(net, weights, images[1:], classes) },
		"image 1: got class 4, want one below 4":   func() (*draw.Values, error) { return draw.Measure(net, weights, images, []uint8{0, 4, 0}) },
		"got 284 values, want one for each of 285": func() (*draw.Values, error) { return draw.Measure(net, weights[1:], images, classes) },
	} {
		if _, err := measure(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got error %v, want %q", err, name)
		}
	}
}

// TestValuesAreDrawn: each drawing has the lines of what it stores, and the fused
// one nothing of what it does not.
func TestValuesAreDrawn(t *testing.T) {
	net, _, _, _, v := measured(t)
	v.Of = "three images"
	set := func(all map[string]draw.Summary, name string, mean float64) {
		all[name] = draw.Summary{Mean: mean, Max: mean}
	}
	set(v.Results, "relu1", 111)
	set(v.Results, "pool1", 222)
	set(v.Params, "conv1.weight", 333)
	set(v.Gradients, "conv1.weight", 444)
	set(v.Gradients, "pool1", 555)
	for drawing, want := range map[draw.Drawing]string{
		draw.Forward:  "111 222 333",
		draw.Fused:    "222 333",
		draw.Training: "222 333 444 555",
		draw.Nodes:    "222 333 444 555",
	} {
		p := draw.Picture{Drawing: drawing, Values: v}
		for format, text := range map[string]string{"DOT": picture(t, net, p), "SVG": svg(t, net, p)} {
			var got []string
			for _, mean := range strings.Fields("111 222 333 444 555") {
				if strings.Contains(text, "mean "+mean+" ") {
					got = append(got, mean)
				}
			}
			if got := strings.Join(got, " "); got != want || !strings.Contains(text, "over three images") {
				t.Errorf("%s %s: got the means %s, want %s, of three images", drawing, format, got, want)
			}
		}
	}
}
