package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"tapenet/cmd/compare/internal/result"
)

// lead says what a reader should know first: whether this is less than the
// notebook's comparison, and which configuration is best.
func (b *builder) lead() []string {
	claims := []string{b.quickClaim(), b.missingClaim(), b.bestClaim()}
	return slices.DeleteFunc(claims, func(s string) bool { return s == "" })
}

// quickClaim warns of a comparison that is not the notebook's.
func (b *builder) quickClaim() string {
	s := b.Settings
	switch {
	case s.Notebook():
		return ""
	case s.Data != result.MNIST:
		shape, classes := s.Images()
		return fmt.Sprintf("These trainings are not the notebook's: the data are not MNIST, but %s and %s of %v, in %d classes.",
			plural(s.Train, "other training image"), plural(s.Test, "test image"), shape, classes)
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
	missing := b.nameRuns(func(g result.Group) []uint64 {
		there := func(seed uint64) bool {
			return slices.ContainsFunc(g.Runs, func(r result.Run) bool { return r.Seed == seed })
		}
		return slices.DeleteFunc(slices.Clone(seeds), there)
	})
	if missing == "" {
		return ""
	}
	return fmt.Sprintf("Runs are missing: %s.", missing)
}

// nameRuns names some seeds of each group: configuration 1 with seeds 2 and 3
// and configuration 4 with seed 1.
func (b *builder) nameRuns(some func(result.Group) []uint64) string {
	var names []string
	for _, g := range b.groups {
		var seeds []string
		for _, seed := range some(g) {
			seeds = append(seeds, fmt.Sprint(seed))
		}
		word := "seed"
		if len(seeds) > 1 {
			word = "seeds"
		}
		if seeds != nil {
			names = append(names, fmt.Sprintf("configuration %d with %s %s", g.K, word, list(seeds)))
		}
	}
	return list(names)
}

// bestClaim says which configuration is the most accurate, and how clearly.
func (b *builder) bestClaim() string {
	order := b.present()
	rank := func(g result.Group) float64 { return math.Round(-1e9 * accuracy(g).mean()) } // sums round
	slices.SortStableFunc(order, func(a, b result.Group) int { return cmp.Compare(rank(a), rank(b)) })
	describe := func(g result.Group) string {
		return fmt.Sprintf("configuration %d (%v, %s)", g.K, g.Config, plural(g.Epochs, "epoch"))
	}
	best := order[0]
	claim := fmt.Sprintf("The most accurate is %s: %s of the test images are right", describe(best), accuracy(best).percent())
	if len(order) == 1 {
		return claim + ". There is no other to compare it with."
	}
	next := order[1]
	d := between(accuracy(next), accuracy(best))
	behind := fmt.Sprintf("%s, %s behind it is %s.", claim, points(d.size), describe(next))
	switch d.verdict {
	case equal:
		return fmt.Sprintf("%s, as many as with %s.", claim, describe(next))
	case unknown:
		return behind + " " + d.oneSeed(accuracy(next), accuracy(best), len(b.Labels))
	case noise:
		return fmt.Sprintf("%s That is within the noise %s.", behind, d.tested(best, next))
	}
	return fmt.Sprintf("%s That is a clear lead %s.", behind, d.tested(best, next))
}
