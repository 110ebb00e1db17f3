package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/mnist"
)

// The columns and rows of the sheet of mistakes.
const sheetCols, sheetRows = 8, 5

// pixels is how many an image has.
const pixels = mnist.Rows * mnist.Cols

// Mistakes draws the worst mistakes of a group's runs, worst first, with truth,
// guess and probability. A mistake is as bad as the probability that the network
// gave its wrong guess, in the mean over all runs; a run that did not make the
// mistake counts as 0. Each image is there once, with its worst guess. images are
// the pixels of all test images, 28x28 bytes each, 255 is ink.
func Mistakes(g result.Group, images []uint8) []byte {
	const (
		scale         = 2 // pixels of the picture for one of the image
		tile          = scale * mnist.Cols
		pitch, height = 84, 104
		top           = 76
	)
	worst := worst(g.Runs)
	worst = worst[:min(len(worst), sheetCols*sheetRows)]
	rows := max((len(worst)+sheetCols-1)/sheetCols, 1)
	var desc []string
	for _, m := range worst {
		desc = append(desc, fmt.Sprintf("image %d, a %d, taken for a %d at %s", m.Image, m.Truth, m.Guess, probability(m.PGuess)))
	}
	if len(worst) == 0 {
		desc = []string{"no mistakes"}
	}
	legend := "truth → guess, and the probability of the guess"
	if len(g.Runs) > 1 {
		legend += "; a run that was right counts as 0"
	}
	var s svg
	s.begin(2*margin+sheetCols*pitch, float64(top+rows*height+8), "Worst mistakes",
		fmt.Sprintf("%s, %s", name(g.Config), meanOf(len(g.Runs))), strings.Join(desc, "; ")+".", sheetCSS)
	s.text(margin, 54, "small muted", legend)
	if len(worst) == 0 {
		s.text(margin, top+30, "", "no mistakes")
	}
	for i, m := range worst {
		x, y := float64(margin+i%sheetCols*pitch), float64(top+i/sheetCols*height)
		mid := x + pitch/2
		s.addf(`<g class="mistake"><rect class="zero" x="%.5g" y="%.5g" width="%d" height="%[3]d" rx="3"/>`, mid-tile/2, y, tile)
		s.addf(`<g class="pixels" transform="translate(%.5g %.5g)scale(%d)translate(0 .5)">`, mid-tile/2, y, scale)
		s.pixels(images[m.Image*pixels:][:pixels])
		s.addf("</g>\n")
		s.text(mid, y+tile+17, "mid", fmt.Sprintf("%d → %d", m.Truth, m.Guess))
		s.text(mid, y+tile+33, "small muted mid", probability(m.PGuess))
		s.addf("</g>\n")
	}
	return s.end()
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

// greys are the steps of a pixel from paper to ink.
const greys = 8

var sheetCSS = func() string {
	var css strings.Builder
	css.WriteString(".tapenet-chart .pixels{stroke:var(--ink);shape-rendering:crispEdges}\n")
	for g := 1; g <= greys; g++ {
		fmt.Fprintf(&css, ".tapenet-chart .g%d{stroke-opacity:%.5g}\n", g, float64(g)/greys)
	}
	return css.String()
}()

// pixels draws an image as runs of pixels of the same grey, one path for each
// grey. Ink is the ink of the picture, dark on light or light on dark.
func (s *svg) pixels(image []uint8) {
	var paths [greys + 1]strings.Builder
	grey := func(i int) int { return (int(image[i])*greys + 127) / 255 }
	for i := 0; i < len(image); {
		row, col, n := i/mnist.Cols, i%mnist.Cols, 1
		for col+n < mnist.Cols && grey(i+n) == grey(i) {
			n++
		}
		fmt.Fprintf(&paths[grey(i)], "M%d %dh%d", col, row, n)
		i += n
	}
	for g := 1; g <= greys; g++ {
		if d := paths[g].String(); d != "" {
			s.addf(`<path class="g%d" d="%s"/>`, g, d)
		}
	}
}
