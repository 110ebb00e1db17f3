package chart

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
)

// The columns of the sheet of mistakes, wide and narrow, and its rows.
const wideCols, narrowCols, sheetRows = 8, 4, 5

// Mistakes draws the worst mistakes of a group's runs, worst first, with truth,
// guess and probability. A mistake is as bad as the probability that the network
// gave its wrong guess, in the mean over all runs; a run that did not make the
// mistake counts as 0. Its loss is that of the runs that made it. Each image is
// there once, with its worst guess: 40 in a wide picture, 20 in a narrow one.
func Mistakes(g result.Group, set Set, size Size) []byte {
	cols := wideCols
	if size == Narrow {
		cols = narrowCols
	}
	worst := worst(g.Runs)
	worst = worst[:min(len(worst), cols*sheetRows)]
	var desc []string
	for _, m := range worst {
		desc = append(desc, fmt.Sprintf("image %d, %s, taken for %s at %s, loss %.2f", m.Image, set.a(m.Truth), set.a(m.Guess), probability(m.PGuess), m.loss))
	}
	if len(worst) == 0 {
		desc = []string{"no mistakes"}
	}
	legend := "truth → guess, probability of the guess, loss"
	if len(g.Runs) > 1 {
		legend += "; a run that was right counts as probability 0"
	}
	t := set.tile()
	pitch, captions := set.captions(worst)
	if size == Narrow && pitch > narrowPitch {
		cols /= 2
	}
	rows := max((len(worst)+cols-1)/cols, 1)
	cardWidth := max(2*svg.Margin+float64(cols)*pitch, svg.NarrowWidth)
	const title = "Worst mistakes"
	lines, room := svg.Heading(cardWidth, title, fmt.Sprintf("%s, %s", name(g.Config), meanOf(len(g.Runs))))
	legends := []string{legend}
	if svg.Width(legend, svg.SmallLetter) > cardWidth-2*svg.Margin {
		legends, _ = svg.Heading(cardWidth, title, legend)
	}
	top := 54 + int(room) + svg.NoteHeight*len(legends) + 6
	height := t.height + 48 + 15*len(captions[0])
	var s svg.Card
	s.Begin(cardWidth, float64(top+rows*height+8), title, lines, strings.Join(desc, "; ")+".", t.css())
	for i, line := range legends {
		s.Text(svg.Margin, 54+room+float64(svg.NoteHeight*i), "small muted", line)
	}
	if len(worst) == 0 {
		s.Text(svg.Margin, float64(top+30), "", "no mistakes")
	}
	for i, m := range worst {
		y := top + i/cols*height
		mid := svg.Margin + (float64(i%cols)+.5)*pitch
		s.Addf(`<g class="mistake">`)
		t.draw(&s, m.Image, mid-float64(t.width)/2, y)
		y += t.height + 2
		for _, line := range captions[i] {
			y += 15
			s.Text(mid, float64(y), "mid", line)
		}
		s.Text(mid, float64(y+16), "small muted mid", probability(m.PGuess))
		s.Text(mid, float64(y+31), "small muted mid", fmt.Sprintf("loss %.2f", m.loss))
		s.Addf("</g>\n")
	}
	return s.End()
}

// narrowPitch is how far apart images are that have short names below them.
const narrowPitch = 84

// captions returns what is below each image, in one line or in two, and how far
// apart the images are to have room for it. There is one at least.
func (s Set) captions(mistakes []mistake) (pitch float64, captions [][]string) {
	const wide = 108
	one, two := [][]string{{}}, [][]string{{}}
	if len(mistakes) > 0 {
		one, two = nil, nil
	}
	widest := 0.0
	for _, m := range mistakes {
		line := s.Names[m.Truth] + " → " + s.Names[m.Guess]
		widest = max(widest, svg.Width(line, svg.Letter))
		one = append(one, []string{line})
		lines, _ := svg.Fit([]string{s.Names[m.Truth], "→ " + s.Names[m.Guess]}, wide-8, svg.Letter)
		two = append(two, lines)
	}
	if widest < narrowPitch {
		return narrowPitch, one
	}
	return wide, two
}

// mistake is one of several runs.
type mistake struct {
	result.Mistake
	runs int     // that made it
	loss float64 // cross-entropy in nats, their mean
}

// leastProbability is less than a probability of the truth may be, so that the
// loss is finite: Keras's epsilon.
const leastProbability = 1e-7

// worst returns the mistakes of the runs, one an image, worst first; PGuess is
// the mean.
func worst(runs []result.Run) []mistake {
	type taken struct{ image, guess int }
	all := map[taken]mistake{}
	for _, r := range runs {
		for _, m := range r.Mistakes {
			key := taken{m.Image, m.Guess}
			sum := all[key]
			m.PGuess = sum.PGuess + m.PGuess/float64(len(runs))
			loss := -math.Log(max(m.PTruth, leastProbability))
			all[key] = mistake{m, sum.runs + 1, sum.loss + (loss-sum.loss)/float64(sum.runs+1)}
		}
	}
	sorted := slices.SortedFunc(maps.Values(all), func(a, b mistake) int {
		return cmp.Or(cmp.Compare(b.PGuess, a.PGuess), cmp.Compare(a.Image, b.Image), cmp.Compare(a.Guess, b.Guess))
	})
	seen := map[int]bool{}
	return slices.DeleteFunc(sorted, func(m mistake) bool {
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
