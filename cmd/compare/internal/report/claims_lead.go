package report

import (
	"fmt"
	"math"
	"slices"

	"tapenet/cmd/compare/internal/result"
)

// lead is what a reader should know first: what is not as it should be, and
// which configuration is best.
func (b *builder) lead() []string {
	var lead []string
	for _, s := range []string{b.quickClaim(), b.missingClaim(), b.bestClaim()} {
		if s != "" {
			lead = append(lead, s)
		}
	}
	return lead
}

// quickClaim warns of a comparison that is not the notebook's.
func (b *builder) quickClaim() string {
	s := b.Settings
	switch {
	case s.Notebook():
		return ""
	case s.Data != result.MNIST:
		return fmt.Sprintf("These trainings are not the notebook's: the data are not MNIST, but %s and %s.",
			plural(s.Train, "other training image"), plural(s.Test, "test image"))
	case s.Epochs > 0:
		return fmt.Sprintf("A quick look, not the notebook's comparison: trained on %s, for %s at most.", plural(s.Train, "image"), plural(s.Epochs, "epoch"))
	}
	return fmt.Sprintf("A quick look, not the notebook's comparison: trained on the first %s.", plural(s.Train, "image"))
}

// missingClaim names the runs that are not there: of every configuration, all
// seeds that were asked for or that another has.
func (b *builder) missingClaim() string {
	seeds := slices.Clone(b.Seeds)
	for _, r := range b.Runs {
		seeds = append(seeds, r.Seed)
	}
	slices.Sort(seeds)
	seeds = slices.Compact(seeds)
	var missing []string
	for _, g := range b.groups {
		var none []string
		for _, seed := range seeds {
			if !slices.ContainsFunc(g.runs, func(r result.Run) bool { return r.Seed == seed }) {
				none = append(none, fmt.Sprint(seed))
			}
		}
		if none != nil {
			missing = append(missing, configuration(g, none))
		}
	}
	if missing == nil {
		return ""
	}
	return fmt.Sprintf("Runs are missing: %s.", list(missing))
}

// configuration names runs of a group: configuration 1 with seeds 2 and 3.
func configuration(g group, seeds []string) string {
	if len(seeds) == 1 {
		return fmt.Sprintf("configuration %d with seed %s", g.K, seeds[0])
	}
	return fmt.Sprintf("configuration %d with seeds %s", g.K, list(seeds))
}

// bestClaim says which configuration is the most accurate, and how clearly.
func (b *builder) bestClaim() string {
	order := b.present()
	slices.SortStableFunc(order, func(a, b group) int {
		switch d := b.accuracy().mean() - a.accuracy().mean(); {
		case d > 1e-9:
			return 1
		case d < -1e-9:
			return -1
		}
		return 0
	})
	best := order[0]
	claim := fmt.Sprintf("The most accurate is configuration %d (%s): %s of the test images are right", best.K, describe(best), best.accuracy().percent())
	if len(order) == 1 {
		return claim + ". There is no other to compare it with."
	}
	next := order[1]
	d := best.accuracy().mean() - next.accuracy().mean()
	behind := fmt.Sprintf("%s, %s behind it is configuration %d (%s).", claim, points(d), next.K, describe(next))
	switch {
	case math.Abs(d) < 1e-9:
		return fmt.Sprintf("%s, as many as with configuration %d (%s).", claim, next.K, describe(next))
	case len(best.runs) < 2 || len(next.runs) < 2:
		return behind + " " + oneSeed(d, next.accuracy(), best.accuracy(), len(b.Labels))
	}
	p := welch(best.accuracy(), next.accuracy())
	if p < significance {
		return fmt.Sprintf("%s That is a clear lead (%s, %s).", behind, pValue(p), each(best, next))
	}
	return fmt.Sprintf("%s That is within the noise (%s, %s).", behind, pValue(p), each(best, next))
}

// describe is the configuration in a few words, with the epochs that it had.
func describe(g group) string {
	return fmt.Sprintf("%v, %s", g.Config, plural(g.epochs, "epoch"))
}
