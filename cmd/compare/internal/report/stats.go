package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// significance is how rarely chance may make a difference that is called clear.
const significance = 0.05

// sample is a number that was measured several times.
type sample []float64

func (s sample) mean() float64 { return stat.Mean(s, nil) }

// sd is the sample standard deviation, 0 of one value.
func (s sample) sd() float64 {
	if len(s) < 2 {
		return 0
	}
	return stat.StdDev(s, nil)
}

// quantile is the value below which a share p of the sample lies, between two
// values in proportion.
func (s sample) quantile(p float64) float64 {
	sorted := slices.Sorted(slices.Values(s))
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

func (s sample) median() float64 { return s.quantile(0.5) }

// format is the mean, and ± the standard deviation if there is one.
func (s sample) format(verb string) string {
	if len(s) < 2 {
		return fmt.Sprintf(verb, s.mean())
	}
	return fmt.Sprintf(verb+" ± "+verb, s.mean(), s.sd())
}

// welch is the p of Welch's t-test: how often two samples of equal means would
// be as far apart as a and b are, or farther. Each needs two values.
func welch(a, b sample) float64 {
	d := math.Abs(a.mean() - b.mean())
	va, vb := a.sd()*a.sd()/float64(len(a)), b.sd()*b.sd()/float64(len(b))
	if va+vb == 0 {
		if d == 0 {
			return 1
		}
		return 0
	}
	df := (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	t := distuv.StudentsT{Sigma: 1, Nu: df}
	return min(1, 2*t.Survival(d/math.Sqrt(va+vb)))
}

// zero is the p of the t-test that the mean of a sample of two values or more is
// 0 but for chance.
func zero(s sample) float64 {
	m, sd := math.Abs(s.mean()), s.sd()
	switch {
	case m == 0:
		return 1
	case sd == 0:
		return 0
	}
	n := float64(len(s))
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	return 2 * t.Survival(m*math.Sqrt(n)/sd)
}

// next is how far from the mean of s one more value would lie at most, with a
// probability of 1-significance. s has two values or more.
func (s sample) next() float64 {
	n := float64(len(s))
	t := distuv.StudentsT{Sigma: 1, Nu: n - 1}
	return t.Quantile(1-significance/2) * s.sd() * math.Sqrt(1+1/n)
}

// imageNoise is two standard errors of the difference of two accuracies in per
// cent that were measured on so many images: what other images would change if
// each image were an independent trial.
func imageNoise(a, b float64, images int) float64 {
	variance := func(p float64) float64 { return p * (100 - p) / float64(images) }
	return 2 * math.Sqrt(variance(a)+variance(b))
}
