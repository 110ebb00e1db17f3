package stats

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is how far apart two numbers are, and what that is worth.
type Difference struct {
	Size float64 // of the second less the first
	Verdict
	P      float64 // how often chance alone would make them as far apart, or farther; 1 without a test
	Tested bool    // both sides have several values
}

// Verdict is what a difference is worth: the rungs of one ladder for all claims.
// Those above Noise tell two numbers apart.
type Verdict int

// The rungs. What is small is said with each difference: for accuracies it is what
// the test images alone leave open.
const (
	Equal   Verdict = iota // no difference
	Noise                  // chance may have made it; without a test, it is small
	Unknown                // without a test, and not small: what other seeds would change is not known
	Slight                 // chance did not make it, but it is small
	Clear                  // neither
)

// String returns the verdict as reports and tables write it.
func (v Verdict) String() string {
	return [...]string{"equal", "noise", "unknown", "slight", "clear"}[v]
}

// Adverb says in a sentence how far apart are two numbers with one of the upper two
// verdicts: slightly or clearly.
func (v Verdict) Adverb() string {
	if v == Slight {
		return "slightly"
	}
	return "clearly"
}

// Between returns the difference of the means of a and b, judged by Welch's t-test;
// one that is no greater than small is slight. Each has a value.
func Between(a, b Sample, small float64) Difference {
	na, nb := float64(len(a)), float64(len(b))
	va, vb := a.sd()*a.sd()/na, b.sd()*b.sd()/nb
	freedom := (va + vb) * (va + vb) / (va*va/(na-1) + vb*vb/(nb-1))
	return judge(b.Mean()-a.Mean(), math.Sqrt(va+vb), freedom, min(len(a), len(b)), small)
}

// FromZero returns the difference of the mean of s from 0, judged by a t-test.
func FromZero(s Sample, small float64) Difference {
	n := float64(len(s))
	return judge(s.Mean(), s.sd()/math.Sqrt(n), n-1, len(s), small)
}

// FromValue returns the difference of the mean of s from one further value, judged
// by a t-test.
func FromValue(value float64, s Sample, small float64) Difference {
	return judge(s.Mean()-value, s.further(), float64(len(s)-1), len(s), small)
}

// judge tests a difference that has a standard error and degrees of freedom by
// Student's t; values is the number of the side that has fewer.
func judge(size, standardError, freedom float64, values int, small float64) Difference {
	d := Difference{Size: size, P: 1, Tested: values > 1}
	if math.Abs(size) < 1e-9 { // sums round
		return d
	}
	if d.Tested {
		d.P = 0
		if standardError > 0 {
			t := distuv.StudentsT{Sigma: 1, Nu: freedom}
			d.P = min(1, 2*t.Survival(math.Abs(size)/standardError))
		}
	}
	isSmall := math.Abs(size) <= small
	switch {
	case d.Tested && d.P >= Significance, !d.Tested && isSmall:
		d.Verdict = Noise
	case !d.Tested:
		d.Verdict = Unknown
	case isSmall:
		d.Verdict = Slight
	default:
		d.Verdict = Clear
	}
	return d
}

// Holm corrects the tests among differences for their number, so that one
// false difference among all of them is as rare as one alone would be: the least P
// of n is multiplied by n, the next by n-1, and none is less than the one before.
func Holm(all []*Difference) {
	tests := slices.DeleteFunc(slices.Clone(all), func(d *Difference) bool { return !d.Tested })
	slices.SortFunc(tests, func(a, b *Difference) int { return cmp.Compare(a.P, b.P) })
	least := 0.0
	for i, d := range tests {
		least = max(least, min(1, d.P*float64(len(tests)-i)))
		if d.P = least; d.P >= Significance {
			d.Verdict = min(d.Verdict, Noise)
		}
	}
}

// FormatP writes the P of a test: p = 0.03 or p < 0.001.
func FormatP(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}
