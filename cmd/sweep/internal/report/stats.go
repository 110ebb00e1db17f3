package report

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// significance is how rarely chance may make a difference that is called clear.
const significance = 0.05

// sample is a number that was measured several times.
type sample []float64

func (s sample) mean() float64 {
	if len(s) == 0 {
		return 0
	}
	return stat.Mean(s, nil)
}

// sd returns the sample standard deviation, 0 of fewer than two values.
func (s sample) sd() float64 {
	if len(s) < 2 {
		return 0
	}
	return stat.StdDev(s, nil)
}

// accuracy is a mean in per cent with an interval.
type accuracy struct {
	mean, low, high float64
	of              string // what the interval is of: ofSeeds or ofImages; "" without a run
}

const (
	ofSeeds  = "seeds"  // the mean of all seeds lies in it with 95 %, by Student's t
	ofImages = "images" // two standard errors, each test image an independent trial
)

// interval returns the mean of accuracies in per cent, measured on a number of
// images, with its interval.
func (s sample) interval(images int) accuracy {
	a := accuracy{mean: s.mean()}
	var reach float64
	switch len(s) {
	case 0:
		return accuracy{}
	case 1:
		a.of = ofImages
		reach = 2 * math.Sqrt(a.mean*(100-a.mean)/float64(images))
	default:
		a.of = ofSeeds
		t := distuv.StudentsT{Sigma: 1, Nu: float64(len(s) - 1)}
		reach = t.Quantile(1-significance/2) * s.sd() / math.Sqrt(float64(len(s)))
	}
	a.low, a.high = max(0, a.mean-reach), min(100, a.mean+reach)
	return a
}

// difference is how far a number is from another, and what that is worth.
type difference struct {
	size float64 // in points
	p    float64 // how often chance alone would make them as far apart; 1 without a test
	verdict
}

// verdict is what a difference is worth.
type verdict string

const (
	best    verdict = "best"    // the one that the others are compared with
	equal   verdict = "equal"   // no difference
	noise   verdict = "noise"   // chance may have made it
	clear   verdict = "clear"   // less often than significance
	unknown verdict = "unknown" // one seed, and more than the test images leave open: what seeds change is not known
	failed  verdict = "failed"  // a training of it could not go on
)

// between returns the difference of the means of a and b, which were measured on a
// number of images: by Welch's t-test, or, where a side has one value, by what the
// images leave open.
func between(a, b sample, images int) difference {
	d := difference{size: b.mean() - a.mean(), p: 1, verdict: noise}
	na, nb := float64(len(a)), float64(len(b))
	va, vb := a.sd()*a.sd()/na, b.sd()*b.sd()/nb
	switch {
	case math.Abs(d.size) < 1e-9: // sums round
		d.verdict = equal
		return d
	case min(na, nb) < 2:
		variance := func(p float64) float64 { return p * (100 - p) / float64(images) }
		if math.Abs(d.size) > 2*math.Sqrt(variance(a.mean())+variance(b.mean())) {
			d.verdict = unknown
		}
		return d
	case va+vb == 0:
		d.p = 0
	default:
		freedom := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
		t := distuv.StudentsT{Sigma: 1, Nu: freedom}
		d.p = min(1, 2*t.Survival(math.Abs(d.size)/math.Sqrt(va+vb)))
	}
	if d.p < significance {
		d.verdict = clear
	}
	return d
}

// compare compares all configurations with the first, the best. Holm's correction
// makes the p of each larger, so that one false difference among all of them is as
// rare as one alone would be.
func compare(all []config) {
	var tested []*config
	for i := range all {
		c := &all[i]
		switch {
		case c.failed() > 0:
			c.difference = difference{size: c.mean - all[0].mean, p: 1, verdict: failed}
		case i == 0:
			c.difference = difference{p: 1, verdict: best}
		default:
			c.difference = between(all[0].accuracies(), c.accuracies(), c.Test)
			if c.verdict == noise && c.p < 1 || c.verdict == clear {
				tested = append(tested, c)
			}
		}
	}
	slices.SortFunc(tested, func(a, b *config) int { return cmp.Compare(a.p, b.p) })
	least := 0.0
	for i, c := range tested {
		least = max(least, min(1, c.p*float64(len(tested)-i)))
		c.p, c.verdict = least, clear
		if least >= significance {
			c.verdict = noise
		}
	}
}
