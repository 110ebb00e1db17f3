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

// comparison is a parameter with its values, the best first.
type comparison struct {
	parameter
	effects []effect
}

// comparisons compares the best value of each parameter that varies with its others,
// over all configurations, and corrects the tests of all parameters for their number,
// which it returns. There are none if the values do not compare.
func comparisons(all []config) (of []comparison, tests int) {
	var differences []*stats.Difference
	for _, p := range varied(all) {
		effects, ok := p.effects(all)
		if !ok {
			return nil, 0
		}
		for i := range effects[1:] {
			e := &effects[i+1]
			e.difference = between(effects[0].Sample, e.Sample, all[0].Test)
			differences = append(differences, &e.difference)
			if e.difference.Tested {
				tests++
			}
		}
		of = append(of, comparison{p, effects})
	}
	stats.Holm(differences)
	return of, tests
}
