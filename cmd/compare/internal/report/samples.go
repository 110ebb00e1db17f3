package report

import (
	"slices"

	"gonum.org/v1/gonum/stat"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
)

// accuracy returns the accuracy of each run on the test images, in per cent.
func accuracy(g result.Group) stats.Sample {
	return g.Each(func(r result.Run) float64 { return 100 * r.Test.Accuracy })
}

// trainingSeconds returns the time of each training.
func trainingSeconds(g result.Group) stats.Sample { return g.Each(result.Run.Seconds) }

// epochSeconds returns the time of each epoch of all runs.
func epochSeconds(g result.Group) stats.Sample {
	var s stats.Sample
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

// percent writes accuracies: 98.92 % or 98.92 ± 0.05 %.
func percent(s stats.Sample) string { return s.Format("%.2f") + " %" }
