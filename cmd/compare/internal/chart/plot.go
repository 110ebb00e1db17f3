package chart

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"tapenet/cmd/compare/internal/result"
)

// plot says what curves show: after each epoch of a run, a metric (y) over how
// far the training was (x).
type plot struct {
	title        string
	training     bool // shows the metric in training too, not in validation alone
	x            func(r result.Run, epoch int) float64
	y            func(m result.Metrics) float64
	xAxis, yAxis func(values []float64) axis
	xText, yText func(value float64) string // a value in words, with its unit
}

// curve is what is drawn of a configuration. After each epoch: the mean over
// its runs, and in validation the extremes.
type curve struct {
	group
	x, train, val, low, high []float64
}

// write draws the runs of all configurations.
func (p plot) write(w io.Writer, runs []result.Run) error {
	groups, err := groupByConfig(runs)
	if err != nil {
		return err
	}
	var curves []curve
	var xs, ys []float64
	for _, g := range groups {
		c, err := p.curve(g)
		if err != nil {
			return err
		}
		curves = append(curves, c)
		xs = append(xs, c.x...)
		ys = slices.Concat(ys, c.train, c.low, c.high)
	}
	f := frame{x: p.xAxis(xs), y: p.yAxis(ys)}
	f.begin(frameWidth, frameHeight, p.title, p.note(curves), p.describe(curves), curveCSS)
	f.axes()
	if p.training {
		f.key()
	}
	// The shortest is on top: with the same seed, a longer training of the same
	// network begins as a shorter one.
	layers := slices.Clone(curves)
	slices.SortStableFunc(layers, func(a, b curve) int { return cmp.Compare(len(b.x), len(a.x)) })
	for _, c := range layers {
		f.curve(c)
	}
	f.labels(p, curves)
	return f.end(w)
}

func (p plot) curve(g group) (curve, error) {
	n, err := g.epochs()
	c := curve{group: g}
	for e := 1; e <= n && err == nil; e++ {
		val := g.each(func(r result.Run) float64 { return p.y(r.Epochs[e-1].Val) })
		c.x = append(c.x, mean(g.each(func(r result.Run) float64 { return p.x(r, e) })))
		c.val = append(c.val, mean(val))
		c.low = append(c.low, slices.Min(val))
		c.high = append(c.high, slices.Max(val))
		if p.training {
			c.train = append(c.train, mean(g.each(func(r result.Run) float64 { return p.y(r.Epochs[e-1].Train) })))
		}
	}
	return c, err
}

// each is one number of each run.
func (g group) each(number func(r result.Run) float64) []float64 {
	var values []float64
	for _, r := range g.runs {
		values = append(values, number(r))
	}
	return values
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// note says what the lines are means of.
func (p plot) note(curves []curve) string {
	least, most := len(curves[0].runs), len(curves[0].runs)
	for _, c := range curves {
		least, most = min(least, len(c.runs)), max(most, len(c.runs))
	}
	note := meanOf(most)
	if len(curves) > 1 {
		note += " each"
	}
	if least < most {
		note = fmt.Sprintf("mean of %d to %d runs each", least, most)
	}
	if !p.training {
		note = "in validation, " + note
	}
	if most > 1 {
		note += ", band: lowest to highest"
	}
	return note
}

// describe says how each curve ends.
func (p plot) describe(curves []curve) string {
	var ends []string
	for _, c := range curves {
		end := fmt.Sprintf("%s: %s in validation", c, p.end(c))
		if p.training {
			end += ", " + p.yText(c.train[len(c.train)-1]) + " in training"
		}
		ends = append(ends, end)
	}
	return strings.Join(ends, "; ") + "."
}

// end is the end of a curve in words.
func (p plot) end(c curve) string {
	last := len(c.x) - 1
	return p.yText(c.val[last]) + " after " + p.xText(c.x[last])
}
