package report

import (
	"bytes"
	"fmt"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
	"tapenet/cmd/internal/table"
	"tapenet/graph/draw/ink"
)

// mistakes returns the section of what went wrong.
func (b *builder) mistakes() Section {
	s := Section{ID: "mistakes", Title: "What do they get wrong?", Claims: []string{b.hardClaim()}}
	s.Tables = []Table{{fmt.Sprintf("The most frequent mistakes of all runs, a %s and what it was %s", b.class, b.readAs), b.confusedPairs()}}
	s.Tables = append(s.Tables, b.rates()...)
	most := chart.MostConfused(b.present(), b.set)
	for _, g := range b.present() {
		s.Claims = append(s.Claims, b.confusedClaim(g))
		s.Figures = append(s.Figures, Figure{
			Name: fmt.Sprintf("confusion-%d.svg", g.K), Caption: fmt.Sprintf("Configuration %d: how often each %s was %s another.", g.K, b.class, b.readAs),
			SVG: chart.Confusion(g, b.set, most, chart.Wide), Narrow: chart.Confusion(g, b.set, most, chart.Narrow), Print: "half",
		})
	}
	for _, g := range b.present() {
		s.Figures = append(s.Figures, Figure{
			Name: fmt.Sprintf("mistakes-%d.svg", g.K), Caption: fmt.Sprintf("Configuration %d: the test images that it was most sure of, and wrong.", g.K),
			SVG: chart.Mistakes(g, b.set, chart.Wide), Narrow: chart.Mistakes(g, b.set, chart.Narrow), Print: "sheet",
		})
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

// confused returns the pairs of some runs, the most frequent first.
func (b *builder) confused(runs []result.Run) []result.Pair {
	return result.Pairs(result.Confusion(runs, b.Labels, len(b.set.Names)))
}

// mean writes how often something occurred in a run, on average: 12, or 12.3 if it
// is not whole.
func mean(times, runs int) string {
	if times%runs == 0 {
		return ink.Thousands(times / runs)
	}
	return fmt.Sprintf("%.1f", float64(times)/float64(runs))
}

// images returns how many test images show a class.
func (b *builder) images(class int) int { return bytes.Count(b.Labels, []byte{byte(class)}) }

// name returns the name of a class, cut short if it is long.
func (b *builder) name(class int) string { return svg.Shorten(b.set.Names[class], mostLetters) }

// mostLetters are as many as a sentence or a table shows of a name.
const mostLetters = 32

// confusedClaim names the pairs that a configuration confuses most.
func (b *builder) confusedClaim(g result.Group) string {
	const named = 3 // pairs
	confused := b.confused(g.Runs)
	if confused == nil {
		return fmt.Sprintf("Configuration %d confuses no %s.", g.K, b.classes)
	}
	var pairs []string
	for _, p := range confused[:min(named, len(confused))] {
		pairs = append(pairs, fmt.Sprintf("%s %s %s (%s of %s)", b.name(p.Truth), b.readAs, b.name(p.Guess), mean(p.Times, len(g.Runs)), ink.Thousands(b.images(p.Truth))))
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
	t := table.Table{Columns: append(b.classColumns(b.class, b.readAs), table.Numbers("times a run", "of", "share")...)}
	pairs := b.confused(b.Runs)
	for _, p := range pairs[:min(rows, len(pairs))] {
		of := b.images(p.Truth)
		t.Add(b.name(p.Truth), b.name(p.Guess), mean(p.Times, len(b.Runs)), ink.Thousands(of), fmt.Sprintf("%.2f %%", 100*float64(p.Times)/float64(len(b.Runs)*of)))
	}
	return t
}
