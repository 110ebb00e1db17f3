package report

import (
	"bytes"
	"fmt"
	"slices"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/table"
	"tapenet/graph/draw/ink"
)

// mistakes returns the section of what went wrong.
func (b *builder) mistakes() Section {
	s := Section{ID: "mistakes", Title: "What do they get wrong?", Tables: []table.Table{b.confusedPairs()}, Claims: []string{b.hardClaim()}}
	for _, g := range b.present() {
		s.Claims = append(s.Claims, b.confusedClaim(g))
		s.Figures = append(s.Figures,
			Figure{fmt.Sprintf("confusion-%d.svg", g.K), fmt.Sprintf("Configuration %d: how often each digit was read as another.", g.K), chart.Confusion(g, b.Labels)},
			Figure{fmt.Sprintf("mistakes-%d.svg", g.K), fmt.Sprintf("Configuration %d: the test images that it was most sure of, and wrong.", g.K), chart.Mistakes(g, b.Images)})
	}
	return s
}

// filters returns the section of the first layer.
func (b *builder) filters() Section {
	s := Section{ID: "filters", Title: "What does the first layer look for?"}
	for _, g := range b.present() {
		s.Figures = append(s.Figures,
			Figure{fmt.Sprintf("filters-%d.svg", g.K), fmt.Sprintf("Configuration %d: its filters in the first layer, seed %d.", g.K, g.Runs[0].Seed), chart.Filters(g)})
	}
	return s
}

// hardClaim says how many images are wrong in all runs.
func (b *builder) hardClaim() string {
	times := map[int]int{} // by image
	always := 0
	for _, r := range b.Runs {
		for _, m := range r.Mistakes {
			if times[m.Image]++; times[m.Image] == len(b.Runs) {
				always++
			}
		}
	}
	are := func(n int) string {
		switch n {
		case 0:
			return "none is"
		case 1:
			return "1 is"
		}
		return ink.Thousands(n) + " are"
	}
	images := plural(len(b.Labels), "test image")
	if len(b.Runs) == 1 {
		return fmt.Sprintf("Of %s, %s wrong.", images, are(len(times)))
	}
	return fmt.Sprintf("Of %s, %s wrong in at least one of the %d runs, and %s wrong in every one.", images, are(len(times)), len(b.Runs), are(always))
}

// pair is a digit that was read as another.
type pair struct{ truth, guess, times int }

// confused returns the pairs of some runs, the most frequent first.
func (b *builder) confused(runs []result.Run) []pair {
	var pairs []pair
	for truth, row := range result.Confusion(runs, b.Labels) {
		for guess, times := range row {
			if guess != truth && times > 0 {
				pairs = append(pairs, pair{truth, guess, times})
			}
		}
	}
	slices.SortStableFunc(pairs, func(p, q pair) int { return q.times - p.times })
	return pairs
}

// mean writes how often a pair occurred in a run, on average: 12, or 12.3 if it is
// not whole.
func (p pair) mean(runs int) string {
	if p.times%runs == 0 {
		return ink.Thousands(p.times / runs)
	}
	return fmt.Sprintf("%.1f", float64(p.times)/float64(runs))
}

// images returns how many test images show a digit.
func (b *builder) images(digit int) int { return bytes.Count(b.Labels, []byte{byte(digit)}) }

// confusedClaim names the pairs that a configuration confuses most.
func (b *builder) confusedClaim(g result.Group) string {
	const named = 3 // pairs
	confused := b.confused(g.Runs)
	if confused == nil {
		return fmt.Sprintf("Configuration %d confuses no digits.", g.K)
	}
	var pairs []string
	for _, p := range confused[:min(named, len(confused))] {
		pairs = append(pairs, fmt.Sprintf("%d read as %d (%s of %s)", p.truth, p.guess, p.mean(len(g.Runs)), ink.Thousands(b.images(p.truth))))
	}
	mean := ""
	if len(g.Runs) > 1 {
		mean = fmt.Sprintf(", on average of %d seeds", len(g.Runs))
	}
	return fmt.Sprintf("Configuration %d most often confuses: %s%s.", g.K, list(pairs), mean)
}

// confusedPairs returns the most frequent pairs in all runs.
func (b *builder) confusedPairs() table.Table {
	const rows = 10
	t := table.Table{Columns: table.Numbers("digit", "read as", "times a run", "of", "share")}
	pairs := b.confused(b.Runs)
	for _, p := range pairs[:min(rows, len(pairs))] {
		of := b.images(p.truth)
		t.Add(p.truth, p.guess, p.mean(len(b.Runs)), ink.Thousands(of), fmt.Sprintf("%.2f %%", 100*float64(p.times)/float64(len(b.Runs)*of)))
	}
	return t
}
