package report

import (
	"fmt"
	"io"
	"slices"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/compare/internal/result"
)

// pair is a digit that was read as another.
type pair struct{ truth, guess int }

// confusion is how often each pair occurred, and the pairs that did, the most
// frequent first.
type confusion struct {
	times map[pair]int
	order []pair
	runs  int
}

func confuse(runs []result.Run) confusion {
	c := confusion{times: map[pair]int{}, runs: len(runs)}
	for _, r := range runs {
		for _, m := range r.Mistakes {
			p := pair{m.Truth, m.Guess}
			if c.times[p]++; c.times[p] == 1 {
				c.order = append(c.order, p)
			}
		}
	}
	slices.SortFunc(c.order, func(a, b pair) int {
		return slices.Compare([]int{-c.times[a], a.truth, a.guess}, []int{-c.times[b], b.truth, b.guess})
	})
	return c
}

// mean is how often a pair occurred in a run: 12, or 12.3 if runs differ.
func (c confusion) mean(p pair) string {
	if c.times[p]%c.runs == 0 {
		return count(c.times[p] / c.runs)
	}
	return fmt.Sprintf("%.1f", float64(c.times[p])/float64(c.runs))
}

// digits is how many images show each digit.
func (b *builder) digits() map[int]int {
	n := map[int]int{}
	for _, l := range b.Labels {
		n[int(l)]++
	}
	return n
}

// mistakes is the section of what went wrong.
func (b *builder) mistakes() Section {
	s := Section{ID: "mistakes", Title: "What do they get wrong?", Tables: []Table{b.confusedPairs()},
		Claims: append([]string{b.hardClaim()}, b.confusedClaims()...)}
	for _, g := range b.present() {
		s.Figures = append(s.Figures,
			b.figure(fmt.Sprintf("confusion-%d.svg", g.K), fmt.Sprintf("Configuration %d: how often each digit was read as another.", g.K),
				func(b *builder, w io.Writer) error { return chart.Confusion(w, g.runs, b.Labels) }),
			b.figure(fmt.Sprintf("mistakes-%d.svg", g.K), fmt.Sprintf("Configuration %d: the test images that it was most sure of, and wrong.", g.K),
				func(b *builder, w io.Writer) error { return chart.Mistakes(w, g.runs, b.Images) }))
	}
	return s
}

// filters is the section of the first layer.
func (b *builder) filters() Section {
	s := Section{ID: "filters", Title: "What does the first layer look for?"}
	for _, g := range b.present() {
		s.Figures = append(s.Figures, b.figure(fmt.Sprintf("filters-%d.svg", g.K), fmt.Sprintf("Configuration %d: its filters in the first layer, seed %d.", g.K, g.runs[0].Seed),
			func(_ *builder, w io.Writer) error { return chart.Filters(w, g.runs[0]) }))
	}
	return s
}

// hardClaim says how many images are wrong in all runs.
func (b *builder) hardClaim() string {
	times := map[int]int{}
	for _, r := range b.Runs {
		for _, m := range r.Mistakes {
			times[m.Image]++
		}
	}
	always := 0
	for _, n := range times {
		if n == len(b.Runs) {
			always++
		}
	}
	if len(b.Runs) == 1 {
		return fmt.Sprintf("Of %s, %s wrong.", plural(len(b.Labels), "test image"), is(len(times)))
	}
	return fmt.Sprintf("Of %s, %s wrong in at least one of the %d runs, and %s wrong in every one.",
		plural(len(b.Labels), "test image"), is(len(times)), len(b.Runs), is(always))
}

// is counts with its verb: none is, 1 is, 2 are.
func is(n int) string {
	switch n {
	case 0:
		return "none is"
	case 1:
		return "1 is"
	}
	return count(n) + " are"
}

// confusedClaims name the pairs that each configuration confuses most.
func (b *builder) confusedClaims() []string {
	const named = 3 // pairs
	digits := b.digits()
	var claims []string
	for _, g := range b.present() {
		c := confuse(g.runs)
		if len(c.order) == 0 {
			claims = append(claims, fmt.Sprintf("Configuration %d confuses no digits.", g.K))
			continue
		}
		var pairs []string
		for _, p := range c.order[:min(named, len(c.order))] {
			pairs = append(pairs, fmt.Sprintf("%d read as %d (%s of %s)", p.truth, p.guess, c.mean(p), count(digits[p.truth])))
		}
		mean := ""
		if len(g.runs) > 1 {
			mean = fmt.Sprintf(", on average of %d seeds", len(g.runs))
		}
		claims = append(claims, fmt.Sprintf("Configuration %d most often confuses: %s%s.", g.K, list(pairs), mean))
	}
	return claims
}

// confusedPairs is the most frequent pairs in all runs.
func (b *builder) confusedPairs() Table {
	const rows = 10
	t := Table{Columns: numbers("digit", "read as", "times a run", "of", "share")}
	c, digits := confuse(b.Runs), b.digits()
	for _, p := range c.order[:min(rows, len(c.order))] {
		share := 100 * float64(c.times[p]) / float64(c.runs*digits[p.truth])
		t.add(p.truth, p.guess, c.mean(p), count(digits[p.truth]), fmt.Sprintf("%.2f %%", share))
	}
	return t
}
