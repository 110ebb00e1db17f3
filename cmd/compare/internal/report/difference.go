package report

import (
	"fmt"
	"slices"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
	"tapenet/graph/draw/ink"
)

// difference is how far apart the accuracies of two groups are, in points.
type difference struct {
	stats.Difference
	paired int // seeds that were compared with themselves; 0 if none
}

// compare judges the difference of the accuracies of two groups, in points. What
// the test images alone leave open is slight. If one group is the start of the
// other, the runs of the same seed are two states of one training, and the test is
// of their differences.
func (b *builder) compare(from, to result.Group) difference {
	before, after := accuracy(from), accuracy(to)
	small := stats.ImageNoise(before.Mean(), after.Mean(), len(b.Labels))
	var changes stats.Sample
	if from.Stop(to.Config) || to.Stop(from.Config) {
		for _, r := range from.Runs {
			i := slices.IndexFunc(to.Runs, func(o result.Run) bool { return o.Seed == r.Seed })
			if i >= 0 {
				changes = append(changes, 100*(to.Runs[i].Test.Accuracy-r.Test.Accuracy))
			}
		}
	}
	if len(changes) < 2 || len(changes) < max(len(from.Runs), len(to.Runs)) {
		return difference{Difference: stats.Between(before, after, small)}
	}
	return difference{stats.FromZero(changes, small), len(changes)}
}

// tested writes the p of a difference of two groups, and the numbers of their seeds:
// (p = 0.03, 3 seeds each), (p < 0.001, 3 and 2 seeds), (p = 0.01, 3 seeds, paired)
// or, without a test, (one seed).
func (d difference) tested(a, b result.Group) string {
	seeds := plural(len(a.Runs), "seed") + " each"
	switch {
	case !d.Tested:
		return "(one seed)"
	case d.paired > 0:
		seeds = plural(d.paired, "seed") + ", paired"
	case len(a.Runs) != len(b.Runs):
		seeds = fmt.Sprintf("%d and %s", len(a.Runs), plural(len(b.Runs), "seed"))
	}
	return fmt.Sprintf("(%s, %s)", stats.FormatP(d.P), seeds)
}

// oneSeed says what a difference of two accuracies is worth if a side of it was
// trained once.
func (d difference) oneSeed(a, b stats.Sample, images int) string {
	open := stats.ImageNoise(a.Mean(), b.Mean(), images)
	if d.Verdict == stats.Noise {
		return fmt.Sprintf("The two cannot be told apart: %s test images alone leave ±%s open.", ink.Thousands(images), points(open))
	}
	return fmt.Sprintf("The difference of %s is more than the ±%s that %s test images alone leave open; what another seed would change, one seed cannot tell.",
		signed(d.Size), points(open), ink.Thousands(images))
}
