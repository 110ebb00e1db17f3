package chart

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
)

// Accuracy draws the accuracy after each epoch, in training and in validation.
// Lines are means over a configuration's runs; a band goes from the lowest to the
// highest in validation. There is at least one group, and each has runs. A group
// whose curve is the start of another's is a marked stop on that one.
func Accuracy(groups []result.Group, size Size) []byte {
	return plot{"Accuracy", true, perEpoch, accuracy, epochAxis, accuracyAxis}.draw(groups, size)
}

// Loss draws the loss after each epoch, as Accuracy does the accuracy.
func Loss(groups []result.Group, size Size) []byte {
	loss := func(m result.Metrics) float64 { return m.Loss }
	return plot{"Loss", true, perEpoch, loss, epochAxis, lossAxis}.draw(groups, size)
}

// Time draws the accuracy in validation after each epoch against the seconds
// that the training took until then. Both are means over a configuration's runs.
func Time(groups []result.Group, size Size) []byte {
	seconds := func(r result.Run, epoch int) float64 { return result.Run{Epochs: r.Epochs[:epoch]}.Seconds() }
	return plot{"Accuracy over time", false, seconds, accuracy, secondsAxis, accuracyAxis}.draw(groups, size)
}

func accuracy(m result.Metrics) float64 { return m.Accuracy }

func perEpoch(_ result.Run, epoch int) float64 { return float64(epoch) }

// plot says what curves show: after each epoch of a run, from 1, a metric (y)
// over how far the training was (x).
type plot struct {
	title        string
	training     bool // shows the metric in training too, not in validation alone
	x            func(r result.Run, epoch int) float64
	y            func(m result.Metrics) float64
	xAxis, yAxis func(values []float64) svg.Axis
}

// curve is what is drawn of a configuration. After each epoch: the mean over
// its runs, and in validation the extremes.
type curve struct {
	result.Group
	x, train, val, low, high []float64
	end                      string // the last of val and x, in words
}

func (p plot) draw(groups []result.Group, size Size) []byte {
	var curves []curve
	var xs, ys []float64
	for _, g := range groups {
		c := p.curve(g)
		curves = append(curves, c)
		xs = append(xs, c.x...)
		ys = slices.Concat(ys, c.train, c.low, c.high)
	}
	f := newFrame(size, p.xAxis(xs), p.yAxis(ys))
	var ends []string
	for i := range curves {
		c := &curves[i]
		last := len(c.x) - 1
		c.end = f.Y.Words(c.val[last]) + " after " + f.X.Words(c.x[last])
		end := fmt.Sprintf("%s: %s in validation", name(c.Config), c.end)
		if p.training {
			end += ", " + f.Y.Words(c.train[last]) + " in training"
		}
		ends = append(ends, end)
	}
	f.start(p.title, p.note(curves), strings.Join(ends, "; ")+".", p.training, len(curves))
	f.Axes()
	if p.training {
		f.key()
	}
	// Stops are on top of the curves that they are on.
	layers := slices.SortedStableFunc(slices.Values(curves), func(a, b curve) int { return cmp.Compare(len(b.x), len(a.x)) })
	for _, c := range layers {
		if slices.ContainsFunc(curves, c.startOf) {
			f.stop(c)
		} else {
			f.curve(c)
		}
	}
	f.labels(curves)
	return f.End()
}

// startOf reports whether the curve is the start of a longer one, point by point.
func (c curve) startOf(o curve) bool {
	starts := func(a, b []float64) bool { return len(a) <= len(b) && slices.Equal(a, b[:len(a)]) }
	return len(c.x) < len(o.x) && starts(c.x, o.x) && starts(c.val, o.val) && starts(c.train, o.train) && starts(c.low, o.low) && starts(c.high, o.high)
}

func (p plot) curve(g result.Group) curve {
	c := curve{Group: g}
	for e := range g.Runs[0].Epochs {
		mean := func(number func(result.Run) float64) float64 { return stat.Mean(g.Each(number), nil) }
		val := g.Each(func(r result.Run) float64 { return p.y(r.Epochs[e].Val) })
		c.x = append(c.x, mean(func(r result.Run) float64 { return p.x(r, e+1) }))
		c.val = append(c.val, stat.Mean(val, nil))
		c.low = append(c.low, slices.Min(val))
		c.high = append(c.high, slices.Max(val))
		if p.training {
			c.train = append(c.train, mean(func(r result.Run) float64 { return p.y(r.Epochs[e].Train) }))
		}
	}
	return c
}

// note says how many runs the lines are means of.
func (p plot) note(curves []curve) string {
	fewer := func(a, b curve) int { return len(a.Runs) - len(b.Runs) }
	least, most := len(slices.MinFunc(curves, fewer).Runs), len(slices.MaxFunc(curves, fewer).Runs)
	note := meanOf(most)
	if least < most {
		note = fmt.Sprintf("mean of %d to %d runs", least, most)
	}
	if len(curves) > 1 {
		note += " each"
	}
	if !p.training {
		note = "in validation, " + note
	}
	if most > 1 {
		note += ", band: lowest to highest"
	}
	return note
}
