package chart

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
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
		pixels = append(pixels, map[string]float64{"x": p.x, "y": p.y}[axis])
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
	seconds := func(r result.Run, e int) float64 {
		s := 0.0
		for i := 0; i <= e; i++ {
			s += r.Epochs[i].Seconds
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
				root := pictures(runs, nil, nil)[what].parse(t)
				x, y := readAxis(t, root, "x", 1, same), readAxis(t, root, "y", p.unit, p.step)
				curves := root.all("g", "curve")
				drawn := 0
				for _, c := range result.Configs {
					of := result.Of(runs, c.K)
					if len(of) == 0 {
						continue
					}
					drawn++
					mean := func(number func(result.Run, int) float64, e int) float64 {
						s := 0.0
						for _, r := range of {
							s += number(r, e)
						}
						return s / float64(len(of))
					}
					var g element
					for _, g = range curves {
						if g.has("s" + strconv.Itoa(c.K)) {
							break
						}
					}
					for class, number := range map[string]func(result.Run, int) float64{"line": p.val, "train": p.train} {
						if number == nil {
							continue
						}
						points := g.all("path", class)[0].absolute()
						if len(points) != len(of[0].Epochs) {
							t.Fatalf("%v: %d points for %d epochs", c, len(points), len(of[0].Epochs))
						}
						for e, got := range points {
							want := point{x.pixel(mean(p.x, e)), y.pixel(mean(number, e))}
							if math.Abs(got.x-want.x) > tol || math.Abs(got.y-want.y) > tol {
								t.Errorf("%v, epoch %d: %s at %v, want %v", c, e+1, class, got, want)
							}
						}
					}
				}
				if len(curves) != drawn {
					t.Errorf("%d curves of %d configurations", len(curves), drawn)
				}
			})
		}
	}
}

// The band must go from the lowest to the highest run, and be there only if
// there are several.
func TestBand(t *testing.T) {
	runs := synthetic(3, nil)
	root := drawing(pictures(runs, nil, nil)["accuracy"]).parse(t)
	y := readAxis(t, root, "y", 0.01, nines)
	band := root.all("path", "f1")[0].absolute()
	for e := range 10 {
		a, b, c := runs[0].Epochs[e].Val.Accuracy, runs[1].Epochs[e].Val.Accuracy, runs[2].Epochs[e].Val.Accuracy
		high, low := band[e].y, band[len(band)-1-e].y
		if want := y.pixel(max(a, b, c)); math.Abs(high-want) > tol {
			t.Errorf("epoch %d: the band begins at %v, want %v", e+1, high, want)
		}
		if want := y.pixel(min(a, b, c)); math.Abs(low-want) > tol {
			t.Errorf("epoch %d: the band ends at %v, want %v", e+1, low, want)
		}
	}
	if n := len(pictures(runs[:1], nil, nil)["accuracy"].parse(t).all("path", "band")); n != 0 {
		t.Errorf("%d bands of one run", n)
	}
}

// Each axis must say what it shows, and in what.
func TestAxesHaveNamesAndUnits(t *testing.T) {
	set := testSet(t)
	all := pictures(synthetic(2, set.Labels), set.Labels, set.Pixels)
	for what, want := range map[string][2]string{
		"accuracy":  {"training (epochs)", "accuracy (%)"},
		"loss":      {"training (epochs)", "cross-entropy (nats)"},
		"time":      {"training time (s)", "accuracy (%)"},
		"confusion": {"guess (digit)", "truth (digit)"},
	} {
		root := all[what].parse(t)
		x, y := root.all("text", "xname"), root.all("text", "yname")
		if len(x) != 1 || len(y) != 1 || x[0].words() != want[0] || y[0].words() != want[1] {
			t.Errorf("%s: axes %v and %v, want %q", what, x, y, want)
		}
	}
}

// Each line must be named where it ends, with the value that it ends at.
func TestLabelsNameTheLines(t *testing.T) {
	runs := synthetic(3, nil)
	for what, ends := range map[string]func(r []result.Run) string{
		"accuracy": func(r []result.Run) string {
			last := len(r[0].Epochs) - 1
			mean := (r[0].Epochs[last].Val.Accuracy + r[1].Epochs[last].Val.Accuracy + r[2].Epochs[last].Val.Accuracy) / 3
			return strconv.FormatFloat(100*mean, 'f', 2, 64) + " % after " + strconv.Itoa(last+1) + " epochs"
		},
		"loss": func(r []result.Run) string {
			last := len(r[0].Epochs) - 1
			mean := (r[0].Epochs[last].Val.Loss + r[1].Epochs[last].Val.Loss + r[2].Epochs[last].Val.Loss) / 3
			return strconv.FormatFloat(mean, 'f', 4, 64) + " after " + strconv.Itoa(last+1) + " epochs"
		},
		"time": func(r []result.Run) string {
			return " % after " + strconv.FormatFloat((r[0].Seconds()+r[1].Seconds()+r[2].Seconds())/3, 'f', 1, 64) + " s"
		},
	} {
		root := pictures(runs, nil, nil)[what].parse(t)
		labels := root.all("text", "label")
		if len(labels) != 2*len(result.Configs) {
			t.Fatalf("%s: %d lines of labels", what, len(labels))
		}
		for i, c := range result.Configs {
			name, value := labels[2*i].words(), labels[2*i+1].words()
			if want := strconv.Itoa(c.K) + " " + c.String(); name != want {
				t.Errorf("%s: label %q, want %q", what, name, want)
			}
			if want := ends(result.Of(runs, c.K)); !strings.HasSuffix(value, want) {
				t.Errorf("%s: label %q, want %q", what, value, want)
			}
			if !strings.Contains(root.all("desc", "")[0].words(), value) {
				t.Errorf("%s: the description lacks %q", what, value)
			}
		}
		for _, label := range labels {
			for _, style := range []string{"line", "train"} {
				for _, path := range root.all("path", style) {
					if label.box().crosses(path.absolute()) {
						t.Errorf("%s: a line crosses %q", what, label.words())
					}
				}
			}
		}
	}
}
