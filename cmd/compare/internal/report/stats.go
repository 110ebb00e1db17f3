package report

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"tapenet/cmd/compare/internal/result"
)

// sample is a number that was measured several times.
type sample []float64

// accuracy returns the accuracy of each run on the test images, in per cent.
func accuracy(g result.Group) sample {
	return g.Each(func(r result.Run) float64 { return 100 * r.Test.Accuracy })
}

// trainingSeconds returns the time of each training.
func trainingSeconds(g result.Group) sample { return g.Each(result.Run.Seconds) }

// epochSeconds returns the time of each epoch of all runs.
func epochSeconds(g result.Group) sample {
	var s sample
	for _, r := range g.Runs {
		for _, e := range r.Epochs {
			s = append(s, e.Seconds)
		}
	}
	return s
}

// curve returns the mean over the runs of one number of each epoch.
func curve(g result.Group, of func(result.Epoch) float64) []float64 {
	curve := make([]float64, g.Epochs)
	for e := range curve {
		curve[e] = stat.Mean(g.Each(func(r result.Run) float64 { return of(r.Epochs[e]) }), nil)
	}
	return curve
}

// machines returns those that trained the groups, each once.
func machines(groups ...result.Group) []result.Machine {
	var ms []result.Machine
	for _, g := range groups {
		for _, r := range g.Runs {
			if !slices.Contains(ms, r.Machine) {
				ms = append(ms, r.Machine)
			}
		}
	}
	return ms
}

func (s sample) mean() float64 { return stat.Mean(s, nil) }

// sd returns the sample standard deviation, 0 of one value.
func (s sample) sd() float64 {
	if len(s) < 2 {
		return 0
	}
	return stat.StdDev(s, nil)
}

// quantile returns the value below which a share p of the sample lies, between two
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

// format writes the mean, and ± the standard deviation if there is one.
func (s sample) format(verb string) string {
	if len(s) < 2 {
		return fmt.Sprintf(verb, s.mean())
	}
	return fmt.Sprintf(verb+" ± "+verb, s.mean(), s.sd())
}

// percent writes an accuracy: 98.92 % or 98.92 ± 0.05 %.
func (s sample) percent() string { return s.format("%.2f") + " %" }
