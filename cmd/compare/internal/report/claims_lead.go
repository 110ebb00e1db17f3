package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/stats"
)

// lead says what a reader should know first: whether this is less than the
// notebook's comparison, what can be told apart, what the times are worth, and what
// the notebook is.
func (b *builder) lead() []string {
	claims := []string{b.quickClaim(), b.missingClaim(), b.ladder(), "", aboutNotebook}
	if busy := busy(b.present()...); busy != "" {
		claims[3] = "The times below say little: " + busy
	}
	return slices.DeleteFunc(claims, func(s string) bool { return s == "" })
}

// aboutNotebook says what the notebook is.
const aboutNotebook = "The notebook is a Keras lab on convolutional networks with MNIST, © IBM Corporation, written for tensorflow-cpu 2.18. It trains each of its four configurations once, without a seed; its numbers here are those that it printed."

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

// ladder says which configurations can be told apart by their accuracy, and which
// are worse than others. It names none as the best of those that cannot be told
// apart.
func (b *builder) ladder() string {
	order := b.present()
	rank := func(g result.Group) float64 { return math.Round(-1e9 * accuracy(g).Mean()) } // sums round
	slices.SortStableFunc(order, func(a, b result.Group) int { return cmp.Compare(rank(a), rank(b)) })
	if len(order) == 1 {
		g := order[0]
		return fmt.Sprintf("Configuration %d (%v, %s) has %s of the test images right. There is no other to compare it with.", g.K, g.Config, plural(g.Epochs, "epoch"), percent(accuracy(g)))
	}
	pairs := b.pairs(order)
	top, least := order[:1], 1.0 // those that cannot be told apart, and their least p
	var worse []string
	for _, g := range order[1:] {
		apart := false
		p := least
		for _, t := range top {
			d := pairs.of(t, g)
			apart = apart || d.Verdict > stats.Noise
			p = min(p, d.P)
		}
		if apart {
			worse = append(worse, b.worse(g, top, pairs))
		} else {
			top, least = append(slices.Clone(top), g), p
		}
	}
	return strings.Join(append([]string{b.together(top, least)}, worse...), " ")
}

// pairs are the differences of each two of some groups, by their numbers. Each p is
// for one false difference among all of them (Holm).
type pairs map[[2]int]*difference

// pairs compares each of the groups with all that come after it.
func (b *builder) pairs(groups []result.Group) pairs {
	pairs := pairs{}
	var all []*stats.Difference
	for i, from := range groups {
		for _, to := range groups[i+1:] {
			d := b.compare(from, to)
			pairs[[2]int{from.K, to.K}] = &d
			all = append(all, &d.Difference)
		}
	}
	stats.Holm(all)
	return pairs
}

func (p pairs) of(from, to result.Group) *difference { return p[[2]int{from.K, to.K}] }

// together describes the groups at the top of the ladder; p is the least of any two
// of them.
func (b *builder) together(top []result.Group, p float64) string {
	var numbers []string
	one := false
	for _, g := range top {
		one = one || len(g.Runs) == 1
	}
	byNumber := slices.SortedFunc(slices.Values(top), func(a, b result.Group) int { return cmp.Compare(a.K, b.K) })
	for _, g := range byNumber {
		numbers = append(numbers, fmt.Sprint(g.K))
	}
	high, low := accuracy(top[0]), accuracy(top[len(top)-1])
	if len(top) == 1 {
		return fmt.Sprintf("Configuration %d (%v, %s) has the most test images right, %s.", top[0].K, top[0].Config, plural(top[0].Epochs, "epoch"), percent(high))
	}
	basis := stats.FormatP(p)
	switch {
	case one:
		basis = "one seed, and " + plural(len(b.Labels), "test image")
	case len(top) > 2:
		basis += " or more"
	}
	all := ""
	if len(top) == len(b.groups) {
		all = "all "
	}
	return fmt.Sprintf("Configurations %s cannot be told apart by the test images that they have right: %s%.2f to %.2f %% (%s).", list(numbers), all, low.Mean(), high.Mean(), basis)
}

// worse says how a group that is not at the top compares with the nearest of the
// better ones that are, and if the two cannot be told apart, with the first from which
// it can.
func (b *builder) worse(g result.Group, top []result.Group, pairs pairs) string {
	less := func(than result.Group) string {
		d := pairs.of(than, g)
		return fmt.Sprintf("%s less than %d. %s", points(d.Size), than.K, d.oneSeed(accuracy(than), accuracy(g), len(b.Labels)))
	}
	nearest, shown := top[len(top)-1], percent(accuracy(g))
	d := pairs.of(nearest, g)
	switch {
	case d.Verdict == stats.Unknown:
		return fmt.Sprintf("Configuration %d has %s, %s", g.K, shown, less(nearest))
	case d.Verdict > stats.Unknown:
		return fmt.Sprintf("Configuration %d is %s worse: %s, %s less than %d %s.", g.K, d.Adverb(), shown, points(d.Size), nearest.K, d.tested(nearest, g))
	}
	better := top[slices.IndexFunc(top, func(t result.Group) bool { return pairs.of(t, g).Verdict > stats.Noise })]
	but := "has " + less(better)
	if far := pairs.of(better, g); far.Tested {
		but = fmt.Sprintf("is %s worse than %d %s.", far.Adverb(), better.K, far.tested(better, g))
	}
	return fmt.Sprintf("Configuration %d, %s, cannot be told apart from %d %s, but %s", g.K, shown, nearest.K, d.tested(nearest, g), but)
}
