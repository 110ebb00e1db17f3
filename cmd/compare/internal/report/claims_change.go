package report

import (
	"fmt"
	"math"

	"tapenet/cmd/compare/internal/result"
)

// accuracyClaim says what a change that leads from a to b does to the test
// accuracy: a clear difference, or one within the noise.
func accuracyClaim(change string, a, b group, images int) string {
	from, to := a.accuracy(), b.accuracy()
	d := to.mean() - from.mean()
	if math.Abs(d) < 1e-9 {
		return fmt.Sprintf("%s leaves the test accuracy as it is, %s and %s.", change, from.percent(), to.percent())
	}
	if len(from) < 2 || len(to) < 2 {
		return fmt.Sprintf("%s: %s of the test images become %s. %s", change, from.percent(), to.percent(), oneSeed(d, from, to, images))
	}
	p := welch(from, to)
	if p >= significance {
		return fmt.Sprintf("%s makes no clear difference to the test accuracy: %s and %s are %s apart, within the noise (%s, %s).",
			change, from.percent(), to.percent(), points(d), pValue(p), each(a, b))
	}
	verb := "raises"
	if d < 0 {
		verb = "lowers"
	}
	return fmt.Sprintf("%s clearly %s the test accuracy by %s, from %s to %s (%s, %s).",
		change, verb, points(d), from.percent(), to.percent(), pValue(p), each(a, b))
}

// oneSeed says what a difference d is worth if a side of it was trained once.
func oneSeed(d float64, a, b sample, images int) string {
	noise := imageNoise(a.mean(), b.mean(), images)
	if math.Abs(d) <= noise {
		return fmt.Sprintf("The difference of %s is within the noise: %s test images alone leave ±%s open.", signed(d), count(images), points(noise))
	}
	return fmt.Sprintf("The difference of %s is more than the ±%s that %s test images alone leave open; what another seed would change, one seed cannot tell.",
		signed(d), points(noise), count(images))
}

// epochClaim says how long an epoch takes in b, compared with a; what tells
// their epochs apart. Times differ clearly if the middle halves of the epochs
// do not overlap.
func epochClaim(a, b group, what func(group) string) string {
	if claim := differentMachines(a, b); claim != "" {
		return claim
	}
	from, to := a.epochSeconds(), b.epochSeconds()
	times := fmt.Sprintf("An epoch %s takes %s, one %s %s", what(b), seconds(to.median()), what(a), seconds(from.median()))
	if from.quantile(.25) <= to.quantile(.75) && to.quantile(.25) <= from.quantile(.75) {
		return times + ": no clear difference, because the middle halves of their times overlap."
	}
	return fmt.Sprintf("%s: the first is %s.", times, longer(to.median(), from.median()))
}

// differentMachines is a sentence if the times of two groups don't compare,
// else "".
func differentMachines(a, b group) string {
	ms := machines(a, b)
	if len(ms) == 1 {
		return ""
	}
	return fmt.Sprintf("Their times are not compared, because they come from different machines: %s.", machineList(ms))
}

// machineList names machines.
func machineList(ms []result.Machine) string {
	var names []string
	for _, m := range ms {
		names = append(names, fmt.Sprintf("%s with %s and %s kernels", m.Processor, plural(m.Workers, "worker"), m.Kernels))
	}
	return list(names)
}
