package report

import (
	"slices"

	"tapenet/cmd/compare/internal/result"
)

// group is the runs of one configuration, a seed each.
type group struct {
	result.Config
	epochs int // of each run
	runs   []result.Run
}

// values is one number of each run.
func (g group) values(of func(result.Run) float64) sample {
	s := make(sample, len(g.runs))
	for i, r := range g.runs {
		s[i] = of(r)
	}
	return s
}

// accuracy is that of the test images, in per cent.
func (g group) accuracy() sample {
	return g.values(func(r result.Run) float64 { return 100 * r.Test.Accuracy })
}

// loss is that of the test images.
func (g group) loss() sample { return g.values(func(r result.Run) float64 { return r.Test.Loss }) }

// seconds is the time of each training.
func (g group) seconds() sample { return g.values(result.Run.Seconds) }

// epochSeconds is the time of each epoch of all runs.
func (g group) epochSeconds() sample {
	var s sample
	for _, r := range g.runs {
		for _, e := range r.Epochs {
			s = append(s, e.Seconds)
		}
	}
	return s
}

// curve is the mean over the runs of one number of each epoch.
func (g group) curve(of func(result.Epoch) float64) []float64 {
	curve := make([]float64, g.epochs)
	for e := range curve {
		curve[e] = g.values(func(r result.Run) float64 { return of(r.Epochs[e]) }).mean()
	}
	return curve
}

// machines are those that trained the groups, each once.
func machines(groups ...group) []result.Machine {
	var ms []result.Machine
	for _, g := range groups {
		for _, r := range g.runs {
			if !slices.Contains(ms, r.Machine) {
				ms = append(ms, r.Machine)
			}
		}
	}
	return ms
}
