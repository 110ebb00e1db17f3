package chart

import (
	"fmt"
	"strconv"

	"tapenet/cmd/compare/internal/result"
	"tapenet/mnist"
)

// darkest is the level of the ramp for the most frequent mistake: a number on it
// is still legible.
const darkest = 7

// Confusion draws how often each digit was taken for each: rows are what it is,
// columns what the network guessed. Numbers are test images, the mean over the
// group's runs, of which there is at least one. The diagonal, what was right, has
// no colour, so that mistakes show. labels are the digits of all test images.
func Confusion(g result.Group, labels []uint8) []byte {
	const (
		cellWidth, cellHeight = 52, 34
		left, top             = 92, 98
		width                 = left + mnist.Classes*cellWidth + margin
		height                = top + mnist.Classes*cellHeight + margin
	)
	times := result.Confusion(g.Runs, labels)
	most, wrong, truth, guess := 0, 0, 0, 0
	for t, row := range times {
		for c, n := range row {
			if t != c {
				wrong += n
				if n > most {
					most, truth, guess = n, t, c
				}
			}
		}
	}
	count := func(n int) string { return meanCount(n, len(g.Runs)) }
	desc := fmt.Sprintf("%s got %s of %d images wrong", name(g.Config), count(wrong), len(labels))
	if most > 0 {
		desc += fmt.Sprintf(", most often a %d taken for a %d, %s times", truth, guess, count(most))
	}
	var s svg
	s.begin(width, height, "Confusion matrix", fmt.Sprintf("%s: test images, %s", name(g.Config), meanOf(len(g.Runs))), desc+".", rampCSS)
	s.text(left+mnist.Classes*cellWidth/2, top-32, "small muted mid xname", "guess (digit)")
	s.text(margin, top-10, "small muted yname", "truth (digit)")
	for d := range mnist.Classes {
		s.text(left+(float64(d)+.5)*cellWidth, top-10, "small mid", strconv.Itoa(d))
		s.text(left-14, top+(float64(d)+.5)*cellHeight+4, "small end", strconv.Itoa(d))
	}
	for t, row := range times {
		for c, n := range row {
			x, y := float64(left+c*cellWidth), float64(top+t*cellHeight)
			class := "small mid muted"
			if t != c {
				class = "small mid"
				s.addf(`<rect class="%s" x="%.5g" y="%.5g" width="%d" height="%d" rx="3"/>`+"\n",
					shade(n, most), x+1, y+1, cellWidth-2, cellHeight-2)
			}
			if n > 0 {
				s.text(x+cellWidth/2, y+cellHeight/2+4, class, count(n))
			}
		}
	}
	return s.end()
}

// shade returns the class of a cell with n mistakes, where the most of any cell is
// most. A single mistake shows.
func shade(n, most int) string {
	if n == 0 {
		return ramp(0)
	}
	return ramp(max(float64(n)/float64(most)*darkest, 1) / levels)
}

// meanCount writes n images of several runs as the mean of a run: 12.0; of one run
// it writes 12.
func meanCount(n, runs int) string {
	if runs == 1 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%.1f", float64(n)/float64(runs))
}
