// Package stats says what numbers are worth that were measured several times: a
// [Sample] has a mean and an [Interval], two of them a [Difference], which has a
// [Verdict]. All reports judge by the same ladder of verdicts.
package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Significance is how rarely chance may make a difference that is called slight or
// clear.
const Significance = 0.05

// Sample is a number that was measured several times, as with several seeds.
type Sample []float64

// Mean returns the mean, 0 of no value.
func (s Sample) Mean() float64 {
	if len(s) == 0 {
		return 0
	}
	return stat.Mean(s, nil)
}

// sd returns the sample standard deviation, 0 of fewer than two values.
func (s Sample) sd() float64 {
	if len(s) < 2 {
		return 0
	}
	return stat.StdDev(s, nil)
}

// Quantile returns the value below which a part p, 0 to 1, of the sample lies,
// between two values in proportion. The sample has a value.
func (s Sample) Quantile(p float64) float64 {
	sorted := slices.Sorted(slices.Values(s))
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Median returns the value below which half of the sample lies. The sample has a
// value.
func (s Sample) Median() float64 { return s.Quantile(0.5) }

// Format writes the mean, and ± the standard deviation if there is one; verb is the
// format of each.
func (s Sample) Format(verb string) string {
	if len(s) < 2 {
		return fmt.Sprintf(verb, s.Mean())
	}
	return fmt.Sprintf(verb+" ± "+verb, s.Mean(), s.sd())
}

// An Interval is around the mean of accuracies in per cent. It is of seeds or of
// images.
type Interval struct {
	Mean, Low, High float64
	Of              string // OfSeeds or OfImages; "" without a value
}

// What an interval is of.
const (
	OfSeeds  = "seeds"  // the mean of all seeds lies in it with 95 %, by Student's t
	OfImages = "images" // two standard errors, each test image an independent trial
)

// Interval returns the mean of accuracies in per cent, each measured on this number
// of images, with its interval: of seeds if there are several, else of images.
func (s Sample) Interval(images int) Interval {
	v := Interval{Mean: s.Mean()}
	var reach float64
	switch len(s) {
	case 0:
		return Interval{}
	case 1:
		v.Of, reach = OfImages, 2*math.Sqrt(imageVariance(v.Mean, images))
	default:
		v.Of, reach = OfSeeds, s.most()*s.sd()/math.Sqrt(float64(len(s)))
	}
	v.Low, v.High = max(0, v.Mean-reach), min(100, v.Mean+reach)
	return v
}

// Reach returns how far from the mean of s, of two values or more, one more value
// lies at most with a probability of 1-Significance.
func (s Sample) Reach() float64 { return s.most() * s.further() }

// further returns the standard error of one more value, measured from the mean of s.
func (s Sample) further() float64 { return s.sd() * math.Sqrt(1+1/float64(len(s))) }

// most returns the greatest of Student's t that chance makes with a probability of
// 1-Significance, for a sample as large as s.
func (s Sample) most() float64 {
	return distuv.StudentsT{Sigma: 1, Nu: float64(len(s) - 1)}.Quantile(1 - Significance/2)
}

// ImageNoise returns two standard errors of the difference of two accuracies in per
// cent, each measured on this number of images: what other images would change if
// each were an independent trial.
func ImageNoise(a, b float64, images int) float64 {
	return 2 * math.Sqrt(imageVariance(a, images)+imageVariance(b, images))
}

func imageVariance(percent float64, images int) float64 {
	return percent * (100 - percent) / float64(images)
}
