package svg

import "tapenet/graph/draw/ink"

// Shorten returns a text that is at most as wide as this number of letters, with …
// for what it leaves out of the middle: names often differ at their ends.
func Shorten(text string, letters int) string {
	if lettersOf(text) <= letters {
		return text
	}
	all := []rune(text)
	head, tail := len(all), len(all)
	for room := (letters - 1) / 3; tail > 0 && lettersOf(string(all[tail-1:])) <= room; tail-- {
	}
	for head > 0 && lettersOf(string(all[:head])+string(all[tail:])) >= letters {
		head--
	}
	return string(all[:head]) + "…" + string(all[tail:])
}

// lettersOf is how many letters are as wide as a text. Chinese characters, and
// all signs after them, are as wide as two.
func lettersOf(text string) int {
	n := 0
	for _, r := range text {
		if r >= 0x2e80 {
			n++
		}
		n++
	}
	return n
}

// The widths of a letter of text and of small text.
const Letter, SmallLetter = 13 * ink.Plain, 12 * ink.Plain

// Width returns the width of a text whose letters are this wide.
func Width(text string, letter float64) float64 {
	return float64(float64(lettersOf(text)) * letter) // rounded: no processor fuses it with a sum
}

// Fit shortens texts to a width, and returns them with the width of the widest.
func Fit(texts []string, most, letter float64) (short []string, widest float64) {
	for _, t := range texts {
		t = Shorten(t, int(most/letter))
		short = append(short, t)
		widest = max(widest, Width(t, letter))
	}
	return short, widest
}
