package chart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
)

// tol is how far off a point may be, in pixels: it was rounded once, as were
// the two ticks that say where it belongs.
const tol = 0.02

// ruler reads an axis by its first and last tick.
type ruler struct {
	step                   func(v float64) float64 // equal steps of it are equally long
	first, last, from, end float64                 // the ticks: step(value), and pixel
}

func (r ruler) pixel(v float64) float64 {
	return r.from + (r.end-r.from)*(r.step(v)-r.first)/(r.last-r.first)
}

// readAxis reads axis x or y of a picture; unit is 0.01 where ticks are in
// percent.
func readAxis(t *testing.T, root element, axis string, unit float64, step func(float64) float64) ruler {
	t.Helper()
	var values, pixels []float64
	for _, tick := range root.all("g", axis+"tick") {
		v, err := strconv.ParseFloat(tick.words(), 64)
		if err != nil {
			t.Fatal(err)
		}
		p := tick.all("path", "rule")[0].absolute()[0]
		values = append(values, v*unit)
		pixels = append(pixels, map[string]float64{"x": p.X, "y": p.Y}[axis])
	}
	n := len(values)
	if n < 2 {
		t.Fatalf("%d ticks on %s, want at least 2", n, axis)
	}
	r := ruler{step, step(values[0]), step(values[n-1]), pixels[0], pixels[n-1]}
	for i, v := range values {
		if got, want := pixels[i], r.pixel(v); math.Abs(got-want) > tol {
			t.Errorf("%s: the tick of %v is at %v, want %v", axis, v, got, want)
		}
	}
	return r
}

func nines(accuracy float64) float64 { return -math.Log10(1 - min(accuracy, 0.99995)) }

func same(v float64) float64 { return v }

// Each point must be where the ticks say that its value is.
func TestPointsAreWhereTheAxesSay(t *testing.T) {
	valAccuracy := func(r result.Run, e int) float64 { return r.Epochs[e].Val.Accuracy }
	trainAccuracy := func(r result.Run, e int) float64 { return r.Epochs[e].Train.Accuracy }
	valLoss := func(r result.Run, e int) float64 { return r.Epochs[e].Val.Loss }
	trainLoss := func(r result.Run, e int) float64 { return r.Epochs[e].Train.Loss }
	log := func(loss float64) float64 { return math.Log(max(loss, 1e-5)) }
	epoch := func(r result.Run, e int) float64 { return float64(e + 1) }
	seconds := func(r result.Run, e int) (s float64) {
		for _, epoch := range r.Epochs[:e+1] {
			s += epoch.Seconds
		}
		return s
	}
	for what, p := range map[string]struct {
		unit          float64
		step          func(float64) float64
		x, val, train func(result.Run, int) float64
	}{
		"accuracy": {0.01, nines, epoch, valAccuracy, trainAccuracy},
		"loss":     {1, log, epoch, valLoss, trainLoss},
		"time":     {0.01, nines, seconds, valAccuracy, nil},
	} {
		for name, runs := range cases(t) {
			t.Run(name+"/"+what, func(t *testing.T) {
				root := curves(runs)[what].parse(t)
				x, y := readAxis(t, root, "x", 1, same), readAxis(t, root, "y", p.unit, p.step)
				curves := root.all("g", "curve")
				groups := groups(runs)
				for _, c := range groups {
					of := c.Runs
					meanOf := func(of []result.Run, number func(result.Run, int) float64, e int) float64 {
						s := 0.0
						for _, r := range of {
							s += number(r, e)
						}
						return s / float64(len(of))
					}
					mean := func(number func(result.Run, int) float64, e int) float64 { return meanOf(of, number, e) }
					stop := slices.ContainsFunc(groups, func(o result.Group) bool { // a longer one with the same start
						if len(o.Runs[0].Epochs) <= len(of[0].Epochs) {
							return false
						}
						for e := range of[0].Epochs {
							for _, number := range []func(result.Run, int) float64{p.x, p.val, p.train} {
								if number != nil && meanOf(o.Runs, number, e) != mean(number, e) {
									return false
								}
							}
						}
						return true
					})
					var g element
					for _, g = range curves {
						if g.has("s" + strconv.Itoa(c.K)) {
							break
						}
					}
					if g.has("stop") != stop {
						t.Errorf("%v: drawn as a stop: %v, want %v", c, !stop, stop)
					}
					for class, number := range map[string]func(result.Run, int) float64{"line": p.val, "train": p.train} {
						if number == nil {
							continue
						}
						if stop { // its markers alone
							class := map[string]string{"line": "ring", "train": "hollow"}[class]
							last := len(of[0].Epochs) - 1
							got, want := g.all("path", class)[0].absolute()[0], svg.Point{X: x.pixel(mean(p.x, last)), Y: y.pixel(mean(number, last))}
							if math.Abs(got.X-want.X) > tol || math.Abs(got.Y-want.Y) > tol || len(g.all("path", "line")) > 0 {
								t.Errorf("%v: stop at %v, want %v and no line", c, got, want)
							}
							continue
						}
						points := g.all("path", class)[0].absolute()
						if len(points) != len(of[0].Epochs) {
							t.Fatalf("%v: %d points for %d epochs", c, len(points), len(of[0].Epochs))
						}
						for e, got := range points {
							want := svg.Point{X: x.pixel(mean(p.x, e)), Y: y.pixel(mean(number, e))}
							if math.Abs(got.X-want.X) > tol || math.Abs(got.Y-want.Y) > tol {
								t.Errorf("%v, epoch %d: %s at %v, want %v", c, e+1, class, got, want)
							}
						}
					}
				}
				if len(curves) != len(groups) {
					t.Errorf("%d curves of %d configurations", len(curves), len(groups))
				}
			})
		}
	}
}

// The band must go from the lowest to the highest run, and be there only if
// there are several.
func TestBand(t *testing.T) {
	runs := synthetic(3, nil)
	root := curves(runs)["accuracy"].parse(t)
	y := readAxis(t, root, "y", 0.01, nines)
	band := root.all("path", "f1")[0].absolute()
	for e := range 10 {
		a, b, c := runs[0].Epochs[e].Val.Accuracy, runs[1].Epochs[e].Val.Accuracy, runs[2].Epochs[e].Val.Accuracy
		high, low := band[e].Y, band[len(band)-1-e].Y
		if want := y.pixel(max(a, b, c)); math.Abs(high-want) > tol {
			t.Errorf("epoch %d: the band starts at %v, want %v", e+1, high, want)
		}
		if want := y.pixel(min(a, b, c)); math.Abs(low-want) > tol {
			t.Errorf("epoch %d: the band ends at %v, want %v", e+1, low, want)
		}
	}
	if n := len(curves(runs[:1])["accuracy"].parse(t).all("path", "band")); n != 0 {
		t.Errorf("%d bands of one run", n)
	}
}

// TestStartOf: a curve is a stop of a longer one only if all its points are the
// start of that one.
func TestStartOf(t *testing.T) {
	long := func() curve {
		return curve{x: []float64{1, 2, 3}, val: []float64{4, 5, 6}, train: []float64{7, 8, 9}, low: []float64{3, 4, 5}, high: []float64{5, 6, 7}}
	}
	short := func(change func(c *curve)) curve {
		c := long()
		for _, s := range []*[]float64{&c.x, &c.val, &c.train, &c.low, &c.high} {
			*s = (*s)[:2]
		}
		change(&c)
		return c
	}
	for name, test := range map[string]struct {
		short curve
		want  bool
	}{
		"a start":         {short(func(*curve) {}), true},
		"another time":    {short(func(c *curve) { c.x[1] = 0 }), false},
		"another value":   {short(func(c *curve) { c.val[1] = 0 }), false},
		"in training":     {short(func(c *curve) { c.train[0] = 0 }), false},
		"another lowest":  {short(func(c *curve) { c.low[1] = 0 }), false},
		"another highest": {short(func(c *curve) { c.high[1] = 0 }), false},
		"itself":          {long(), false},
	} {
		if got := test.short.startOf(long()); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// No leader line may touch a text or leave the way from its curve to its label.
func TestLeadersAvoidTexts(t *testing.T) {
	for name, runs := range cases(t) {
		for what, draw := range curves(runs) {
			root := draw.parse(t)
			for _, lead := range root.all("path", "lead") {
				points := lead.absolute()
				for i, to := range points[1:] {
					from := points[i]
					for part := 0.0; part <= 1; part += 1. / 64 {
						x, y := from.X+(to.X-from.X)*part, from.Y+(to.Y-from.Y)*part
						for _, text := range root.all("text", "") {
							if text.box().overlaps(box{x - .5, y - .5, x + .5, y + .5}) {
								t.Errorf("%s, %s: a leader crosses %q", name, what, text.words())
							}
						}
					}
				}
			}
		}
	}
}

// Each axis must say what it shows, and in what.
func TestAxesHaveNamesAndUnits(t *testing.T) {
	set := testSet(t)
	all := pictures(synthetic(2, set.Labels), set.Labels, set.Pixels)
	for what, want := range map[string][2]string{
		"accuracy":  {"training (epochs)", "accuracy (%), log scale of the error"},
		"loss":      {"training (epochs)", "cross-entropy (nats), log scale"},
		"time":      {"training time (s)", "accuracy (%), log scale of the error"},
		"confusion": {"guess (digit)", "truth (digit)"},
	} {
		root := all[what].parse(t)
		x, y := root.all("text", "xname"), root.all("text", "yname")
		if len(x) != 1 || len(y) != 1 || x[0].words() != want[0] || y[0].words() != want[1] {
			t.Errorf("%s: axes %v and %v, want %q", what, x, y, want)
		}
	}
}

// Each line must be named to the right of the frame, in the order of the ends,
// with the value that it ends at.
func TestLabelsNameTheLines(t *testing.T) {
	runs := synthetic(3, nil)
	mean := func(runs []result.Run, number func(r result.Run) float64) float64 {
		return (number(runs[0]) + number(runs[1]) + number(runs[2])) / 3
	}
	last := func(r result.Run) result.Metrics { return r.Epochs[len(r.Epochs)-1].Val }
	for what, ends := range map[string]func(r []result.Run) string{
		"accuracy": func(r []result.Run) string {
			return fmt.Sprintf("%.2f %% after %d epochs", 100*mean(r, func(r result.Run) float64 { return last(r).Accuracy }), len(r[0].Epochs))
		},
		"loss": func(r []result.Run) string {
			return fmt.Sprintf("%.4f after %d epochs", mean(r, func(r result.Run) float64 { return last(r).Loss }), len(r[0].Epochs))
		},
		"time": func(r []result.Run) string { return fmt.Sprintf(" %% after %.1f s", mean(r, result.Run.Seconds)) },
	} {
		root := curves(runs)[what].parse(t)
		labels := root.all("text", "label")
		if len(labels) != 2*len(result.Configs) {
			t.Fatalf("%s: %d lines of labels", what, len(labels))
		}
		width, bottom, last := root.number("width"), 0.0, math.Inf(1)
		for i, label := range labels {
			b := label.box()
			if b.left < newFrame(Wide, svg.Axis{}, svg.Axis{}).Right || b.right > width || b.top < bottom {
				t.Errorf("%s: %q is at %v, want it to the right of the frame and below %v", what, label.words(), b, bottom)
			}
			bottom = b.bottom
			if i%2 == 1 {
				continue
			}
			k := int(label.words()[0] - '0')
			name, value := label.words(), labels[i+1].words()
			var end float64
			if _, err := fmt.Sscan(value, &end); err != nil || end > last {
				t.Errorf("%s: label %q is below %v, error %v", what, value, last, err)
			}
			last = end
			g := groups(runs)[k-1]
			if want := strconv.Itoa(k) + " " + g.String(); name != want {
				t.Errorf("%s: label %q, want %q", what, name, want)
			}
			if want := ends(g.Runs); !strings.HasSuffix(value, want) {
				t.Errorf("%s: label %q, want %q", what, value, want)
			}
			if !strings.Contains(root.all("desc", "")[0].words(), name+": "+value) {
				t.Errorf("%s: the description lacks %q", what, value)
			}
		}
	}
}

// TestArrange: labels are in the order of the heights, apart, inside, and at their
// height if all have room there.
func TestArrange(t *testing.T) {
	const apart, top, bottom = 30, 10, 10 + 5*30
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		heights := make([]float64, 1+rng.IntN(5))
		for i := range heights {
			heights[i] = top - 50 + rng.Float64()*(bottom-top+100)
		}
		slices.Sort(heights)
		room := true
		for i, h := range heights {
			room = room && h >= top && h <= bottom && (i == 0 || h-heights[i-1] >= apart)
		}
		got := arrange(heights, apart, top, bottom)
		for i, y := range got {
			if y < top-1e-9 || y > bottom+1e-9 || i > 0 && y-got[i-1] < apart-1e-9 {
				t.Errorf("%v: got %v, want them %v apart and from %v to %v", heights, got, apart, top, bottom)
			}
			if room && y != heights[i] {
				t.Errorf("%v has room, got %v", heights, got)
			}
		}
	}
	for _, test := range []struct{ heights, want []float64 }{
		{[]float64{80, 80}, []float64{65, 95}},
		{[]float64{50, 60, 140}, []float64{40, 70, 140}},
		{[]float64{0, 5}, []float64{10, 40}},
		{[]float64{150, 155, 200}, []float64{100, 130, 160}},
	} {
		if got := arrange(test.heights, apart, top, bottom); !slices.Equal(got, test.want) {
			t.Errorf("%v: got %v, want %v", test.heights, got, test.want)
		}
	}
}
