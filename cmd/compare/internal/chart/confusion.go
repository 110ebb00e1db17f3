package chart

import (
	"fmt"
	"io"
	"strconv"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/result"
	"tapenet/mnist"
)

// Confusion draws how often each digit was taken for each: rows are what it is,
// columns what the network guessed. Numbers are test images, the mean over the
// runs, which must be of one configuration. The diagonal, what was right, has
// no colour, so that mistakes show. labels are the mnist.Classes of all test images.
func Confusion(w io.Writer, runs []result.Run, labels []uint8) error {
	g, err := groupOne(runs)
	if err != nil {
		return err
	}
	counts, err := g.confusion(labels)
	if err != nil {
		return err
	}
	const (
		cellWidth, cellHeight = 52, 34
		left, top             = 92, 98
		width                 = left + mnist.Classes*cellWidth + margin
		height                = top + mnist.Classes*cellHeight + margin
	)
	most, wrong := 0.0, 0.0
	var truth, guess int
	for t, row := range counts {
		for c, n := range row {
			if t != c {
				wrong += n
				if n > most {
					most, truth, guess = n, t, c
				}
			}
		}
	}
	desc := fmt.Sprintf("%s got %s of %d images wrong", g, g.count(wrong), len(labels))
	if most > 0 {
		desc += fmt.Sprintf(", most often a %d taken for a %d, %s times", truth, guess, g.count(most))
	}
	var s svg
	s.begin(width, height, "Confusion matrix", fmt.Sprintf("%s: test images, %s", g, meanOf(len(runs))), desc+".", rampCSS)
	s.text(left+mnist.Classes*cellWidth/2, top-32, "small muted mid xname", "guess (digit)")
	s.text(margin, top-10, "small muted yname", "truth (digit)")
	for d := range mnist.Classes {
		s.text(left+(float64(d)+.5)*cellWidth, top-10, "small mid", strconv.Itoa(d))
		s.text(left-14, top+(float64(d)+.5)*cellHeight+4, "small end", strconv.Itoa(d))
	}
	for t, row := range counts {
		for c, n := range row {
			x, y := float64(left+c*cellWidth), float64(top+t*cellHeight)
			class := "small mid muted"
			if t != c {
				class = "small mid"
				s.addf(`<rect class="%s" x="%.5g" y="%.5g" width="%d" height="%d" rx="3"/>`+"\n",
					shade(n, most), x+1, y+1, cellWidth-2, cellHeight-2)
			}
			if n > 0 {
				s.text(x+cellWidth/2, y+cellHeight/2+4, class, g.count(n))
			}
		}
	}
	return s.end(w)
}

// darkest is the level of the ramp that most mistakes have: numbers on it stay
// legible.
const darkest = 7

// shade is the class of a cell with n of at most so many mistakes; any shows.
func shade(n, most float64) string {
	if n == 0 {
		return ramp(0)
	}
	return ramp(max(n/most*darkest, 1) / levels)
}

// confusion counts the images of each digit (row) that were taken for each
// (column), as a mean over the runs.
func (g group) confusion(labels []uint8) (counts [mnist.Classes][mnist.Classes]float64, err error) {
	for i, d := range labels {
		if d >= mnist.Classes {
			return counts, errors.Errorf("test image %d: label %d, want 0 to 9", i, d)
		}
		counts[d][d]++
	}
	each := 1 / float64(len(g.runs))
	for _, r := range g.runs {
		for _, m := range r.Mistakes {
			if m.Image < 0 || m.Image >= len(labels) || m.Guess < 0 || m.Guess >= mnist.Classes || m.Guess == m.Truth || m.Truth != int(labels[m.Image]) {
				return counts, errors.Errorf("configuration %d, seed %d: %+v is no mistake on these %d test images",
					g.K, r.Seed, m, len(labels))
			}
			counts[m.Truth][m.Truth] -= each
			counts[m.Truth][m.Guess] += each
		}
	}
	return counts, nil
}

// count is a mean number of images in words.
func (g group) count(n float64) string {
	if len(g.runs) == 1 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.1f", n)
}
