package report

import "tapenet/cmd/internal/stats"

// The verdicts of configurations that are not compared with another.
const (
	best   = "best"   // the one that the others are compared with
	failed = "failed" // a training of it could not go on
)

// between returns the difference of the means of two accuracies in per cent, which
// were measured on a number of images. What the images leave open is small.
func between(a, b stats.Sample, images int) stats.Difference {
	return stats.Between(a, b, stats.ImageNoise(a.Mean(), b.Mean(), images))
}

// compare compares all configurations with the first, the best, and corrects the
// tests for their number.
func compare(all []config) {
	var differences []*stats.Difference
	for i := range all {
		c := &all[i]
		switch {
		case c.failed() > 0:
			c.difference, c.verdict = stats.Difference{P: 1}, failed
		case i == 0:
			c.difference, c.verdict = stats.Difference{P: 1}, best
		default:
			c.difference = between(all[0].accuracies(), c.accuracies(), c.Test)
			differences = append(differences, &c.difference)
		}
	}
	stats.Holm(differences)
	for i := range all {
		if c := &all[i]; c.verdict == "" {
			c.verdict = c.difference.Verdict.String()
		}
	}
}
