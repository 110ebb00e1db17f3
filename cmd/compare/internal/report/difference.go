package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"tapenet/cmd/compare/internal/result"
	"tapenet/graph/draw/ink"
)

// significance is how rarely chance may make a difference that is called slight or
// clear.
const significance = 0.05

// difference is how far apart two numbers are, and what that is worth.
type difference struct {
	size float64 // of the second less the first
	verdict
	p      float64 // how often chance alone would make them as far apart, or farther; 1 without a test
	paired int     // seeds that were compared with themselves; 0 if none
}

// verdict is what a difference is worth: the rungs of one ladder for all claims.
type verdict int

const (
	equal   verdict = iota
	unknown         // a side has one seed, so there is no test
	noise           // cannot be told apart: chance may have made it
	slight          // chance did not make it, but it is small
	clear           // neither
)

// adverb is how a claim says a rung that has one.
func (v verdict) adverb() string {
	if v == slight {
		return "slightly"
	}
	return "clearly"
}

// judge tests a difference that has a standard error and degrees of freedom by
// Student's t; seeds is the number of the side that has fewer. One that is no
// greater than small is slight.
func judge(size, standardError, freedom float64, seeds int, small float64) difference {
	d := difference{size: size, p: 1}
	switch {
	case math.Abs(size) < 1e-9: // sums round
		return d
	case seeds < 2:
		d.verdict = unknown
		return d
	case standardError == 0:
		d.p = 0
	default:
		t := distuv.StudentsT{Sigma: 1, Nu: freedom}
		d.p = min(1, 2*t.Survival(math.Abs(size)/standardError))
	}
	switch {
	case d.p >= significance:
		d.verdict = noise
	case math.Abs(size) <= small:
		d.verdict = slight
	default:
		d.verdict = clear
	}
	return d
}

// between returns the difference of the means of a and b, judged by Welch's t-test.
func between(a, b sample, small float64) difference {
	na, nb := float64(len(a)), float64(len(b))
	va, vb := a.sd()*a.sd()/na, b.sd()*b.sd()/nb
	freedom := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
	return judge(b.mean()-a.mean(), math.Sqrt(va+vb), freedom, min(len(a), len(b)), small)
}

// fromZero returns the difference of the mean of s from 0.
func fromZero(s sample, small float64) difference {
	n := float64(len(s))
	return judge(s.mean(), s.sd()/math.Sqrt(n), n-1, len(s), small)
}

// fromValue returns the difference of the mean of s from a further value.
func fromValue(value float64, s sample, small float64) difference {
	return judge(s.mean()-value, s.further(), float64(len(s)-1), len(s), small)
}

// compare judges the difference of the accuracies of two groups, in points. What
// the test images alone leave open is slight. If one group is the start of the
// other, the runs of the same seed are two states of one training, and the test is
// of their differences.
func (b *builder) compare(from, to result.Group) difference {
	before, after := accuracy(from), accuracy(to)
	small := imageNoise(before.mean(), after.mean(), len(b.Labels))
	var changes sample
	if from.Stop(to.Config) || to.Stop(from.Config) {
		for _, r := range from.Runs {
			i := slices.IndexFunc(to.Runs, func(o result.Run) bool { return o.Seed == r.Seed })
			if i >= 0 {
				changes = append(changes, 100*(to.Runs[i].Test.Accuracy-r.Test.Accuracy))
			}
		}
	}
	if len(changes) < 2 || len(changes) < max(len(from.Runs), len(to.Runs)) {
		return between(before, after, small)
	}
	d := fromZero(changes, small)
	d.paired = len(changes)
	return d
}

// further returns the standard error of one more value, measured from the mean of s.
func (s sample) further() float64 { return s.sd() * math.Sqrt(1+1/float64(len(s))) }

// reach returns how far from the mean of s, of two values or more, one more value
// lies at most with a probability of 1-significance.
func (s sample) reach() float64 {
	t := distuv.StudentsT{Sigma: 1, Nu: float64(len(s) - 1)}
	return t.Quantile(1-significance/2) * s.further()
}

// imageNoise returns two standard errors of the difference of two accuracies in per
// cent, measured on a number of images: what other images would change if each
// were an independent trial.
func imageNoise(a, b float64, images int) float64 {
	variance := func(p float64) float64 { return p * (100 - p) / float64(images) }
	return 2 * math.Sqrt(variance(a)+variance(b))
}

// tested writes the p of a difference of two groups, and the numbers of their seeds:
// (p = 0.03, 3 seeds each), (p < 0.001, 3 and 2 seeds) or (p = 0.01, 3 seeds,
// paired).
func (d difference) tested(a, b result.Group) string {
	seeds := plural(len(a.Runs), "seed") + " each"
	switch {
	case d.paired > 0:
		seeds = plural(d.paired, "seed") + ", paired"
	case len(a.Runs) != len(b.Runs):
		seeds = fmt.Sprintf("%d and %s", len(a.Runs), plural(len(b.Runs), "seed"))
	}
	return fmt.Sprintf("(%s, %s)", pValue(d.p), seeds)
}

// oneSeed says what a difference of two accuracies is worth if a side of it was
// trained once.
func (d difference) oneSeed(a, b sample, images int) string {
	open := imageNoise(a.mean(), b.mean(), images)
	if math.Abs(d.size) <= open {
		return fmt.Sprintf("The two cannot be told apart: %s test images alone leave ±%s open.", ink.Thousands(images), points(open))
	}
	return fmt.Sprintf("The difference of %s is more than the ±%s that %s test images alone leave open; what another seed would change, one seed cannot tell.",
		signed(d.size), points(open), ink.Thousands(images))
}
