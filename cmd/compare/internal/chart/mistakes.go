package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tapenet/cmd/compare/internal/result"
)

// The columns and rows of the sheet of mistakes.
const sheetCols, sheetRows = 8, 5

// Mistakes draws the worst mistakes of a group's runs, worst first, with truth,
// guess and probability. A mistake is as bad as the probability that the network
// gave its wrong guess, in the mean over all runs; a run that did not make the
// mistake counts as 0. Each image is there once, with its worst guess.
func Mistakes(g result.Group, set Set) []byte {
	const top = 76
	worst := worst(g.Runs)
	worst = worst[:min(len(worst), sheetCols*sheetRows)]
	rows := max((len(worst)+sheetCols-1)/sheetCols, 1)
	var desc []string
	for _, m := range worst {
		desc = append(desc, fmt.Sprintf("image %d, %s, taken for %s at %s", m.Image, set.a(m.Truth), set.a(m.Guess), probability(m.PGuess)))
	}
	if len(worst) == 0 {
		desc = []string{"no mistakes"}
	}
	legend := "truth → guess, and the probability of the guess"
	if len(g.Runs) > 1 {
		legend += "; a run that was right counts as 0"
	}
	t := set.tile()
	pitch, captions := set.captions(worst)
	height := t.height + 33 + 15*len(captions[0])
	var s svg
	s.begin(2*margin+sheetCols*pitch, float64(top+rows*height+8), "Worst mistakes",
		fmt.Sprintf("%s, %s", name(g.Config), meanOf(len(g.Runs))), strings.Join(desc, "; ")+".", t.css())
	s.text(margin, 54, "small muted", legend)
	if len(worst) == 0 {
		s.text(margin, top+30, "", "no mistakes")
	}
	for i, m := range worst {
		y := top + i/sheetCols*height
		mid := margin + (float64(i%sheetCols)+.5)*pitch
		s.addf(`<g class="mistake">`)
		s.image(t, m.Image, mid-float64(t.width)/2, y)
		y += t.height + 2
		for _, line := range captions[i] {
			y += 15
			s.text(mid, float64(y), "mid", line)
		}
		s.text(mid, float64(y+16), "small muted mid", probability(m.PGuess))
		s.addf("</g>\n")
	}
	return s.end()
}

// captions returns what is below each image, in one line or in two, and how far
// apart the images are to have room for it. There is one at least.
func (s Set) captions(mistakes []result.Mistake) (pitch float64, captions [][]string) {
	const narrow, wide = 84, 108
	one, two := [][]string{{}}, [][]string{{}}
	if len(mistakes) > 0 {
		one, two = nil, nil
	}
	widest := 0.0
	for _, m := range mistakes {
		line := s.Names[m.Truth] + " → " + s.Names[m.Guess]
		widest = max(widest, width(line, letter))
		one = append(one, []string{line})
		lines, _ := fit([]string{s.Names[m.Truth], "→ " + s.Names[m.Guess]}, wide-8, letter)
		two = append(two, lines)
	}
	if widest < narrow {
		return narrow, one
	}
	return wide, two
}

// worst returns the mistakes of the runs, one an image, worst first; PGuess is
// the mean.
func worst(runs []result.Run) []result.Mistake {
	type taken struct{ image, guess int }
	all := map[taken]result.Mistake{}
	for _, r := range runs {
		for _, m := range r.Mistakes {
			key := taken{m.Image, m.Guess}
			m.PGuess = all[key].PGuess + m.PGuess/float64(len(runs))
			all[key] = m
		}
	}
	sorted := slices.SortedFunc(maps.Values(all), func(a, b result.Mistake) int {
		return cmp.Or(cmp.Compare(b.PGuess, a.PGuess), cmp.Compare(a.Image, b.Image), cmp.Compare(a.Guess, b.Guess))
	})
	seen := map[int]bool{}
	return slices.DeleteFunc(sorted, func(m result.Mistake) bool {
		again := seen[m.Image]
		seen[m.Image] = true
		return again
	})
}

// probability writes a probability in per cent; only 1 itself is 100 %.
func probability(p float64) string {
	if p < 1 {
		p = min(p, .9999)
	}
	return fmt.Sprintf("%.2f %%", 100*p)
}
