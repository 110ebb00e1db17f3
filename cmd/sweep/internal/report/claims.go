package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"tapenet/cmd/internal/stats"
)

// claims returns what the configurations show, a sentence or two each.
func claims(all []config) []string {
	params := varied(all)
	first := all[0]
	if first.verdict == failed {
		return []string{"A training of every configuration could not go on, so none is the best."}
	}
	a := first.accuracy
	said := []string{fmt.Sprintf("%s did best: %.2f %% (%.2f to %.2f).", label(first, params), a.Mean, a.Low, a.High)}
	count, tests := map[string]int{}, 0
	var open []string
	for _, c := range all {
		count[c.verdict]++
		if c.difference.Tested {
			tests++
		}
		if c.verdict == stats.Noise.String() || c.verdict == stats.Equal.String() {
			open = append(open, fmt.Sprintf("%s (%.2f %%)", label(c, params), c.accuracy.Mean))
		}
	}
	for _, v := range []stats.Verdict{stats.Clear, stats.Slight} {
		if n := count[v.String()]; n > 0 {
			said = append(said, fmt.Sprintf("%s %s worse than the best (Welch's t-test, p < %v after Holm's correction for %s).", isAre(n, "configuration"), v.Adverb(), stats.Significance, plural(tests, "test")))
		}
	}
	if n := len(open); n > 0 {
		const most = 5
		names := strings.Join(open[:min(n, most)], "; ")
		if n > most {
			names += fmt.Sprintf("; and %d more", n-most)
		}
		said = append(said, fmt.Sprintf("%s cannot be told apart from the best, which chance may have chosen: %s.", plural(n, "configuration"), names))
	}
	if n := count[stats.Unknown.String()]; n > 0 {
		said = append(said, fmt.Sprintf("%s further from the best than the test images alone leave open; what another seed would change, one seed cannot tell: -seeds 5 would.", isAre(n, "configuration")))
	}
	if n := count[failed]; n > 0 {
		said = append(said, fmt.Sprintf("In %s a training could not go on, as with a learning rate that is too high; they are at the end of the table.", plural(n, "configuration")))
	}
	compared, tests := comparisons(all)
	for _, c := range compared {
		said = append(said, c.claim())
	}
	if tests > 0 {
		said = append(said, fmt.Sprintf("Values of a parameter are compared by Welch's t-test too; each p is after Holm's correction for %s.", plural(tests, "test")))
	}
	return said
}

// claim compares the best value of a parameter with the others.
func (c comparison) claim() string {
	best := c.effects[0]
	var words []string
	for _, e := range c.effects[1:] {
		d := e.difference
		word := fmt.Sprintf("%s: %.2f points less", e.value, math.Abs(d.Size))
		switch d.Verdict {
		case stats.Clear, stats.Slight:
			word += fmt.Sprintf(", %v (%s)", d.Verdict, stats.FormatP(d.P))
		case stats.Noise:
			word += ", within the noise"
			if d.Tested {
				word += " (" + stats.FormatP(d.P) + ")"
			}
		case stats.Unknown:
			word += ", more than the test images leave open, but one seed each"
		case stats.Equal:
			word = e.value + ": as good"
		}
		words = append(words, word)
	}
	return fmt.Sprintf("%s: over all other parameters, %s does best, %.2f %%. %s.", c.name, best.value, best.Mean(), strings.Join(words, "; "))
}

// notes say how to read the table, and what speaks against it.
func (r *Runs) notes(all []config) []string {
	notes := []string{
		fmt.Sprintf("Accuracies are of %d test images. SHA-256 of the data: %s.", r.of.Test, r.of.Data),
		"With several seeds, the interval has the mean of all seeds with a probability of 95 % (Student's t). With one, it is two standard errors of the test images, each counted as an independent trial.",
		"A difference that chance did not make is slight if it is within two standard errors of the test images, and clear if it is not.",
	}
	if n := len(all); n > 1 {
		notes = append(notes, fmt.Sprintf("The best of %d was chosen by the images on which it was measured, so its accuracy flatters: train it with other seeds to know.", n))
	}
	kernels := map[string]int{}
	var names []string
	for _, run := range r.all {
		if kernels[run.machine.Kernels]++; kernels[run.machine.Kernels] == 1 {
			names = append(names, run.machine.Kernels)
		}
	}
	if slices.Sort(names); len(names) > 1 {
		notes = append(notes, "The runs are of different kernels, which round differently: "+strings.Join(names, ", ")+".")
	}
	return notes
}

func isAre(n int, thing string) string {
	if n == 1 {
		return plural(n, thing) + " is"
	}
	return plural(n, thing) + " are"
}
